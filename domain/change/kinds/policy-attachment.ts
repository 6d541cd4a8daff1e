import type { Change } from '../change.js';
import {
  attachedPolicies,
  editPrincipal,
  nameOf,
  type PrincipalType,
  principalOf,
  principalType,
  required,
  withAttachment,
} from '../entity.js';
import type { ChangeHandler } from '../handler.js';
import { MAX_ATTACHED } from '../limits.js';
import { created, label, removed, text } from '../render/terraform.js';
import { findPolicy } from './managed-policy.js';

/** A managed policy attached to a principal: `{"attached": true}` or null. */
export const policyAttachment: ChangeHandler = {
  read(account, target) {
    const principal = principalOf(account, required(target.principal, 'principal', 'policy-attachment'));
    const arn = required(target.arn, 'arn', 'policy-attachment');
    return attachedPolicies(principal).includes(arn) ? { attached: true } : null;
  },
  write(account, target, state) {
    const principal = required(target.principal, 'principal', 'policy-attachment');
    const arn = required(target.arn, 'arn', 'policy-attachment');
    return editPrincipal(account, principal, (entity) => withAttachment(entity, arn, state !== null));
  },
  refusal(account, change) {
    const { principal, policy } = subject(change);
    const held = attachedPolicies(principalOf(account, principal));
    if (change.after === null || held.includes(policy)) return undefined;
    const isOurs = policy.split(':')[4] !== 'aws';
    if (isOurs && findPolicy(account, policy) === undefined)
      return `${policy} does not exist; create it first`;
    if (held.length < MAX_ATTACHED) return undefined;
    return `${principal} holds ${held.length} managed policies already, IAM allows ${MAX_ATTACHED} by default; merge some or raise the quota`;
  },
  summary(change) {
    const { policy, type, holder } = subject(change);
    return change.after === null
      ? `Detach the managed policy ${nameOf(policy)} from the ${type} ${holder}.`
      : `Attach the managed policy ${nameOf(policy)} to the ${type} ${holder}.`;
  },
  terraform(change) {
    const { principal, policy, type, holder } = subject(change);
    const resource = `aws_iam_${type}_policy_attachment`;
    const name = label(holder, nameOf(policy));
    if (change.after === null) {
      return removed(resource, name, `${holder}/${policy}`, `${policy} is detached from ${principal}`);
    }
    return [
      created(resource, name, [
        [type, text(holder)],
        ['policy_arn', text(policy)],
      ]),
    ];
  },
  cloudformation(change) {
    const { policy, holder } = subject(change);
    const verb = change.after === null ? 'Remove it from' : 'Add it to';
    return {
      resources: {},
      note: `${verb} ManagedPolicyArns of ${holder} in the template that makes it: ${policy}.`,
    };
  },
  cli(change) {
    const { policy, type, holder } = subject(change);
    const verb = change.after === null ? 'detach' : 'attach';
    return [['aws', 'iam', `${verb}-${type}-policy`, `--${type}-name`, holder, '--policy-arn', policy]];
  },
};

function subject(change: Change): { principal: string; policy: string; type: PrincipalType; holder: string } {
  const principal = required(change.target.principal, 'principal', 'policy-attachment');
  const policy = required(change.target.arn, 'arn', 'policy-attachment');
  return { principal, policy, type: principalType(principal), holder: nameOf(principal) };
}
