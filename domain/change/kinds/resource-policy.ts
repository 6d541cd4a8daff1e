import { asDocument, editResource, required, resourceOf } from '../entity.js';
import type { ChangeState } from '../handler.js';
import { withResourcePolicy } from '../public-access.js';

/** A resource's own policy, or null when it has none. */
export const resourcePolicyState: ChangeState = {
  read(account, target) {
    return asDocument(resourceOf(account, required(target.arn, 'arn', 'resource-policy'))['policy']);
  },
  write(account, target, state) {
    const arn = required(target.arn, 'arn', 'resource-policy');
    return editResource(account, arn, (resource) => withResourcePolicy(resource, state));
  },
};
