import type { Finding } from '../finding/finding.js';
import {
  type AccountInput,
  parseAccount,
  type RoleDetail,
  resolvePrincipal,
  type UserDetail,
} from '../graph/account.js';
import type { Json } from '../json.js';

/** Name of the policy that stands for permissions that a finding only lists. */
const REPORTED_POLICY = 'ReportedByTheFinding';

/**
 * The account with the finding's own subject in it where the account lacks it: its policy as the finding quotes it,
 * or one that allows the permissions that the finding lists. What a finding says is a claim, and `blindSpot` says so.
 * Undefined when the finding does not say enough.
 */
export function claimedAccount(
  finding: Finding,
  account: AccountInput,
): { account: AccountInput; blindSpot?: string } | undefined {
  const { id, name } = finding.subject;
  if (resolvePrincipal(parseAccount(account), id) !== undefined) return { account };
  const document = quotedPolicy(finding);
  if (document === undefined) return undefined;
  const policies = [{ PolicyName: REPORTED_POLICY, PolicyDocument: document }];
  const blindSpot = `${name} is not in the account that was given; its policy is taken from the finding.`;
  const target = account.accounts === undefined ? account : {};
  if (/^arn:[^:]*:iam::\d{12}:role\//.test(id)) {
    const role: RoleDetail = {
      Arn: id,
      RoleName: nameOf(id),
      AssumeRolePolicyDocument: NOBODY,
      RolePolicyList: policies,
    };
    return { account: { ...target, RoleDetailList: [...(target.RoleDetailList ?? []), role] }, blindSpot };
  }
  if (/^arn:[^:]*:iam::\d{12}:user\//.test(id)) {
    const user: UserDetail = { Arn: id, UserName: nameOf(id), UserPolicyList: policies };
    return { account: { ...target, UserDetailList: [...(target.UserDetailList ?? []), user] }, blindSpot };
  }
  return undefined;
}

/** Who may assume the role is not known, so nothing is claimed about it. */
const NOBODY: Json = { Version: '2012-10-17', Statement: [] };

function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

function quotedPolicy(finding: Finding): Json | undefined {
  const { policy, permissions } = finding.evidence;
  if (policy !== undefined) return policy;
  if (permissions === undefined || permissions.length === 0) return undefined;
  return {
    Version: '2012-10-17',
    Statement: [{ Sid: 'Reported', Effect: 'Allow', Action: permissions, Resource: '*' }],
  };
}
