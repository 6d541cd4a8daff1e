import {
  editPrincipal,
  inlinePolicies,
  principalOf,
  principalType,
  required,
  withInlinePolicy,
} from '../entity.js';
import type { ChangeState } from '../handler.js';

/** An inline policy of a user, role or group. */
export const inlinePolicyState: ChangeState = {
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
};
