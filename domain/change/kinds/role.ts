import { canonicalJson, isRecord, type Json } from '../../json.js';
import { editPrincipal, findPrincipal, inlinePolicies, required, withInlinePolicy } from '../entity.js';
import { ChangeError } from '../error.js';
import type { ChangeState } from '../handler.js';

/** Name of the inline policy that disables a role. IAM has no switch; an explicit deny is what AWS itself uses to revoke sessions. */
export const DISABLING_POLICY = 'CurtailDisabled';
/** Denies everything, sessions that exist included: it is evaluated on each request. */
export const DENY_EVERYTHING: Json = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'CurtailDisabled', Effect: 'Deny', Action: '*', Resource: '*' }],
};

/** A role: `{"disabled": boolean}`, or null when it is deleted. */
export const roleState: ChangeState = {
  read(account, target) {
    const role = findPrincipal(account, required(target.principal, 'principal', 'role'));
    if (role === undefined) return null;
    const disabling = inlinePolicies(role, 'role').find((policy) => policy.name === DISABLING_POLICY);
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
    return editPrincipal(account, arn, (role) =>
      withInlinePolicy(role, 'role', DISABLING_POLICY, disabled ? DENY_EVERYTHING : null),
    );
  },
};
