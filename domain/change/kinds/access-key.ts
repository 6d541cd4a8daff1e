import { isRecord } from '../../json.js';
import { type Entity, editPrincipal, nameOf, principalOf, records, required } from '../entity.js';
import { ChangeError } from '../error.js';
import type { ChangeState } from '../handler.js';

/** A user's access keys as ListAccessKeys names them, kept beside the user; undefined when they were not listed. */
export function accessKeys(user: Entity): readonly Entity[] | undefined {
  return user['AccessKeyMetadata'] === undefined ? undefined : records(user['AccessKeyMetadata']);
}

/**
 * An access key: `{"status": "Active"|"Inactive"}`, or null when it is deleted.
 *
 * `get-account-authorization-details` does not list keys. Where nobody listed them, a key that a finding
 * names counts as active: that is what the finding says, and the cloud is read again before anything is applied.
 */
export const accessKeyState: ChangeState = {
  read(account, target) {
    const user = principalOf(account, required(target.principal, 'principal', 'access-key'));
    const id = required(target.name, 'name', 'access-key');
    const keys = accessKeys(user);
    if (keys === undefined) return { status: 'Active' };
    const key = keys.find((each) => each['AccessKeyId'] === id);
    return key === undefined ? null : { status: key['Status'] === 'Inactive' ? 'Inactive' : 'Active' };
  },
  write(account, target, state) {
    const arn = required(target.principal, 'principal', 'access-key');
    const id = required(target.name, 'name', 'access-key');
    return editPrincipal(account, arn, (user) => {
      const keys = accessKeys(user) ?? [{ UserName: nameOf(arn), AccessKeyId: id, Status: 'Active' }];
      if (state === null)
        return { ...user, AccessKeyMetadata: keys.filter((key) => key['AccessKeyId'] !== id) };
      if (!keys.some((key) => key['AccessKeyId'] === id)) {
        throw new ChangeError('Refused', `${id}: a deleted access key cannot be restored; make a new one`);
      }
      const status = isRecord(state) ? state['status'] : undefined;
      if (status !== 'Active' && status !== 'Inactive') {
        throw new ChangeError(
          'Malformed',
          `${id}: the state of an access key is {"status": "Active"|"Inactive"} or null`,
        );
      }
      return {
        ...user,
        AccessKeyMetadata: keys.map((key) => (key['AccessKeyId'] === id ? { ...key, Status: status } : key)),
      };
    });
  },
};
