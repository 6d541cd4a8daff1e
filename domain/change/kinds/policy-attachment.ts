import { attachedPolicies, editPrincipal, principalOf, required, withAttachment } from '../entity.js';
import type { ChangeState } from '../handler.js';

/** A managed policy attached to a principal: `{"attached": true}` or null. */
export const policyAttachmentState: ChangeState = {
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
};
