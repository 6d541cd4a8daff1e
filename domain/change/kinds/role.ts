import { canonicalJson, isRecord, type Json } from '../../json.js';
import type { Change } from '../change.js';
import {
  attachedPolicies,
  editPrincipal,
  findPrincipal,
  inlinePolicies,
  nameOf,
  principalOf,
  records,
  required,
  withInlinePolicy,
} from '../entity.js';
import { ChangeError } from '../error.js';
import type { ChangeHandler } from '../handler.js';
import { created, label, logicalId, removed, text } from '../render/terraform.js';

/** Name of the inline policy that disables a role. IAM has no switch; an explicit deny is what AWS itself uses to revoke sessions. */
const DISABLING_POLICY = 'CurtailDisabled';
/** Denies everything, sessions that exist included: it is evaluated on each request. */
const DENY_EVERYTHING: Json = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'CurtailDisabled', Effect: 'Deny', Action: '*', Resource: '*' }],
};

/** A role: `{"disabled": boolean}`, or null when it is deleted. */
export const role: ChangeHandler = {
  read(account, target) {
    const found = findPrincipal(account, required(target.principal, 'principal', 'role'));
    if (found === undefined) return null;
    const disabling = inlinePolicies(found, 'role').find((policy) => policy.name === DISABLING_POLICY);
    return {
      disabled:
        disabling !== undefined && canonicalJson(disabling.document) === canonicalJson(DENY_EVERYTHING),
    };
  },
  write(account, target, state) {
    const arn = required(target.principal, 'principal', 'role');
    if (state === null) return editPrincipal(account, arn, () => null);
    if (findPrincipal(account, arn) === undefined) {
      throw new ChangeError(
        'Refused',
        `${arn}: a deleted role cannot be restored; disable roles before they are deleted`,
      );
    }
    const disabled = isRecord(state) ? state['disabled'] : undefined;
    if (typeof disabled !== 'boolean') {
      throw new ChangeError('Malformed', `${arn}: the state of a role is {"disabled": boolean} or null`);
    }
    return editPrincipal(account, arn, (found) =>
      withInlinePolicy(found, 'role', DISABLING_POLICY, disabled ? DENY_EVERYTHING : null),
    );
  },
  refusal(account, change) {
    const arn = arnOf(change);
    if (change.after !== null) {
      return findPrincipal(account, arn) === undefined
        ? `${arn} does not exist; a deleted role cannot be restored`
        : undefined;
    }
    const held = principalOf(account, arn);
    const inline = inlinePolicies(held, 'role').length;
    const attached = attachedPolicies(held).length;
    const profiles = records(held['InstanceProfileList']).length;
    if (inline + attached + profiles === 0) return undefined;
    return `${arn} still has ${inline} inline and ${attached} attached policies and ${profiles} instance profiles; remove them first, or disable the role instead`;
  },
  summary(change) {
    const name = nameOf(arnOf(change));
    if (change.after === null) return `Delete the role ${name}.`;
    return isDisabling(change)
      ? `Disable the role ${name}: a policy that denies everything is added, and removing it undoes this.`
      : `Enable the role ${name} again: the policy that denies everything is removed.`;
  },
  terraform(change) {
    const name = nameOf(arnOf(change));
    if (change.after === null) return removed('aws_iam_role', label(name), name, `The role ${name} goes`);
    const policy = label(name, 'disabled');
    if (!isDisabling(change)) {
      return removed(
        'aws_iam_role_policy',
        policy,
        `${name}:${DISABLING_POLICY}`,
        `The role ${name} works again`,
      );
    }
    return [
      created('aws_iam_role_policy', policy, [
        ['name', text(DISABLING_POLICY)],
        ['role', text(name)],
        ['policy', { document: DENY_EVERYTHING }],
      ]),
    ];
  },
  cloudformation(change) {
    const name = nameOf(arnOf(change));
    if (change.after === null)
      return { resources: {}, note: 'Remove the role from the template that makes it.' };
    if (!isDisabling(change))
      return { resources: {}, note: `Remove the policy ${DISABLING_POLICY} from the template.` };
    return {
      resources: {
        [logicalId(name, 'disabled')]: {
          Type: 'AWS::IAM::RolePolicy',
          Properties: { PolicyName: DISABLING_POLICY, RoleName: name, PolicyDocument: DENY_EVERYTHING },
        },
      },
    };
  },
  cli(change) {
    const name = nameOf(arnOf(change));
    if (change.after === null) return [['aws', 'iam', 'delete-role', '--role-name', name]];
    const policy = ['--role-name', name, '--policy-name', DISABLING_POLICY];
    if (!isDisabling(change)) return [['aws', 'iam', 'delete-role-policy', ...policy]];
    return [
      ['aws', 'iam', 'put-role-policy', ...policy, '--policy-document', JSON.stringify(DENY_EVERYTHING)],
    ];
  },
};

function arnOf(change: Change): string {
  return required(change.target.principal, 'principal', 'role');
}

function isDisabling(change: Change): boolean {
  return isRecord(change.after) && change.after['disabled'] === true;
}
