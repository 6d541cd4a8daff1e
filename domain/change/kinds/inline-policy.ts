import type { Change } from '../change.js';
import {
  editPrincipal,
  inlinePolicies,
  nameOf,
  type PrincipalType,
  principalOf,
  principalType,
  required,
  withInlinePolicy,
} from '../entity.js';
import type { ChangeHandler } from '../handler.js';
import { documentFault, MAX_INLINE, policyLength } from '../limits.js';
import { adopted, created, label, logicalId, removed, text } from '../render/terraform.js';

const CLOUDFORMATION = {
  user: 'AWS::IAM::UserPolicy',
  role: 'AWS::IAM::RolePolicy',
  group: 'AWS::IAM::GroupPolicy',
} as const;

/** An inline policy of a user, role or group. */
export const inlinePolicy: ChangeHandler = {
  read(account, target) {
    const arn = required(target.principal, 'principal', 'inline-policy');
    const name = required(target.name, 'name', 'inline-policy');
    const held = inlinePolicies(principalOf(account, arn), principalType(arn));
    return held.find((policy) => policy.name === name)?.document ?? null;
  },
  write(account, target, state) {
    const arn = required(target.principal, 'principal', 'inline-policy');
    const name = required(target.name, 'name', 'inline-policy');
    return editPrincipal(account, arn, (entity) => withInlinePolicy(entity, principalType(arn), name, state));
  },
  refusal(account, change) {
    const { arn, name, type } = subject(change);
    const principal = principalOf(account, arn);
    if (change.after === null) return undefined;
    const fault = documentFault(change.after, 'identity');
    if (fault !== undefined) return `${name} of ${arn}: ${fault}`;
    const others = inlinePolicies(principal, type).filter((policy) => policy.name !== name);
    const length = [...others.map((policy) => policy.document), change.after]
      .map(policyLength)
      .reduce((sum, each) => sum + each, 0);
    if (length <= MAX_INLINE[type]) return undefined;
    return `${arn}: its inline policies together would have ${length} characters, IAM allows a ${type} ${MAX_INLINE[type]}; move some to a managed policy`;
  },
  summary(change) {
    const { arn, name, type } = subject(change);
    const verb = change.after === null ? 'Remove' : change.before === null ? 'Add' : 'Replace';
    return `${verb} the inline policy ${name} of the ${type} ${nameOf(arn)}.`;
  },
  terraform(change) {
    const { arn, name, type, holder } = subject(change);
    const resource = `aws_iam_${type}_policy`;
    const id = `${holder}:${name}`;
    if (change.after === null)
      return removed(resource, label(holder, name), id, `The inline policy ${name} of ${arn} goes`);
    const members = [
      ['name', text(name)],
      [type, text(holder)],
      ['policy', { document: change.after }],
    ] as const;
    if (change.before === null) return [created(resource, label(holder, name), members)];
    return adopted(resource, label(holder, name), id, members);
  },
  cloudformation(change) {
    const { name, type, holder } = subject(change);
    if (change.after === null)
      return { resources: {}, note: `Remove the policy ${name} from the template that makes ${holder}.` };
    return {
      resources: {
        [logicalId(holder, name)]: {
          Type: CLOUDFORMATION[type],
          Properties: { PolicyName: name, [roleKey(type)]: holder, PolicyDocument: change.after },
        },
      },
    };
  },
  cli(change) {
    const { name, type, holder } = subject(change);
    const named = [`--${type}-name`, holder, '--policy-name', name];
    if (change.after === null) return [['aws', 'iam', `delete-${type}-policy`, ...named]];
    return [
      ['aws', 'iam', `put-${type}-policy`, ...named, '--policy-document', JSON.stringify(change.after)],
    ];
  },
};

function subject(change: Change): { arn: string; name: string; type: PrincipalType; holder: string } {
  const arn = required(change.target.principal, 'principal', 'inline-policy');
  const name = required(change.target.name, 'name', 'inline-policy');
  return { arn, name, type: principalType(arn), holder: nameOf(arn) };
}

function roleKey(type: PrincipalType): 'UserName' | 'RoleName' | 'GroupName' {
  return ({ user: 'UserName', role: 'RoleName', group: 'GroupName' } as const)[type];
}
