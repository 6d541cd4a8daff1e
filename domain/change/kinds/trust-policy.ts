import { asDocument, editPrincipal, principalOf, required } from '../entity.js';
import { ChangeError } from '../error.js';
import type { ChangeState } from '../handler.js';

/** A role's trust policy. It always exists, so `null` is refused. */
export const trustPolicyState: ChangeState = {
  read(account, target) {
    const role = principalOf(account, required(target.principal, 'principal', 'trust-policy'));
    return asDocument(role['AssumeRolePolicyDocument']);
  },
  write(account, target, state) {
    if (state === null)
      throw new ChangeError('Refused', 'a role cannot be without a trust policy; disable the role instead');
    const arn = required(target.principal, 'principal', 'trust-policy');
    return editPrincipal(account, arn, (role) => ({ ...role, AssumeRolePolicyDocument: state }));
  },
};
