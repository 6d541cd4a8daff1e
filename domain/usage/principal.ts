/**
 * Who a principal is, whatever ARN names it: a session's ARN drops the role's path, the role's has it, and names
 * are unique per account and kind. So `account/role/Name` stands for all of them.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 */
export function principalKey(arn: string): string {
  const parts = arn.split(':');
  const [, , service, , account = '', ...rest] = parts;
  const path = rest.join(':').split('/');
  const kind = path[0] ?? '';
  if (service === 'sts' && kind === 'assumed-role') return `${account}/role/${path[1] ?? ''}`;
  if (service !== 'iam' || path.length < 2) return arn;
  return `${account}/${kind}/${path.at(-1) ?? ''}`;
}

/** Whether a principal as written is an AWS service acting for itself: `lambda.amazonaws.com`. */
export function isServicePrincipal(principal: string): boolean {
  return /^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/.test(principal);
}

/**
 * Identities that nobody edits from outside, in words; undefined when the identity may be edited.
 * https://docs.aws.amazon.com/singlesignon/latest/userguide/using-service-linked-roles.html and
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
 */
export function neverEdited(arn: string): { reasonCode: string; reason: string } | undefined {
  const name = arn.split('/').at(-1) ?? '';
  if (arn.includes(':role/aws-service-role/') || name.startsWith('AWSServiceRoleFor')) {
    return {
      reasonCode: 'service-linked',
      reason: `${name} is a service-linked role: only its service may change it. Remove it through the service if it is not needed.`,
    };
  }
  if (name.startsWith('AWSReservedSSO_') || arn.includes(':role/aws-reserved/')) {
    return {
      reasonCode: 'sso-reserved',
      reason: `${name} is provisioned by IAM Identity Center, which would undo an edit. Change its permission set there.`,
    };
  }
  return undefined;
}
