import type { Change } from '../change.js';
import { asDocument, editPrincipal, nameOf, principalOf, required } from '../entity.js';
import { ChangeError } from '../error.js';
import type { ChangeHandler } from '../handler.js';
import { documentFault, MAX_TRUST, policyLength } from '../limits.js';
import { adopted, label, logicalId, text } from '../render/terraform.js';

const NEEDED = 'a role cannot be without a trust policy; disable the role instead';

/** A role's trust policy. It always exists, so `null` is refused. */
export const trustPolicy: ChangeHandler = {
  read(account, target) {
    const role = principalOf(account, required(target.principal, 'principal', 'trust-policy'));
    return asDocument(role['AssumeRolePolicyDocument']);
  },
  write(account, target, state) {
    if (state === null) throw new ChangeError('Refused', NEEDED);
    const arn = required(target.principal, 'principal', 'trust-policy');
    return editPrincipal(account, arn, (role) => ({ ...role, AssumeRolePolicyDocument: state }));
  },
  refusal(account, change) {
    const arn = arnOf(change);
    principalOf(account, arn);
    if (change.after === null) return `${arn}: ${NEEDED}`;
    const fault = documentFault(change.after, 'trust');
    if (fault !== undefined) return `${arn}: ${fault}`;
    const length = policyLength(change.after);
    if (length <= MAX_TRUST) return undefined;
    return `${arn}: the trust policy would have ${length} characters, IAM allows ${MAX_TRUST} by default; shorten it or raise the quota`;
  },
  summary(change) {
    return `Replace the trust policy of the role ${nameOf(arnOf(change))}: it says who may assume the role.`;
  },
  terraform(change) {
    const name = nameOf(arnOf(change));
    return adopted(
      'aws_iam_role',
      label(name),
      name,
      [
        ['name', text(name)],
        ['assume_role_policy', { document: documentOf(change) }],
      ],
      [],
      ['Of the existing role only this argument changes; keep the others.'],
    );
  },
  cloudformation(change) {
    const name = nameOf(arnOf(change));
    return {
      resources: {
        [logicalId(name)]: {
          Type: 'AWS::IAM::Role',
          Properties: { RoleName: name, AssumeRolePolicyDocument: documentOf(change) },
        },
      },
      note: 'Set this property in the template that makes the role; the others stay.',
    };
  },
  cli(change) {
    const document = JSON.stringify(documentOf(change));
    return [
      [
        'aws',
        'iam',
        'update-assume-role-policy',
        '--role-name',
        nameOf(arnOf(change)),
        '--policy-document',
        document,
      ],
    ];
  },
};

function arnOf(change: Change): string {
  return required(change.target.principal, 'principal', 'trust-policy');
}

function documentOf(change: Change): Change['after'] {
  if (change.after === null) throw new ChangeError('Refused', NEEDED);
  return change.after;
}
