import { isRecord } from '../../json.js';
import type { Change } from '../change.js';
import { type Entity, editPrincipal, nameOf, principalOf, records, required } from '../entity.js';
import { ChangeError } from '../error.js';
import type { ChangeHandler } from '../handler.js';
import { adopted, label, logicalId, removed, text } from '../render/terraform.js';

/** A user's access keys as ListAccessKeys names them, kept beside the user; undefined when they were not listed. */
function accessKeys(user: Entity): readonly Entity[] | undefined {
  return user['AccessKeyMetadata'] === undefined ? undefined : records(user['AccessKeyMetadata']);
}

/**
 * An access key: `{"status": "Active"|"Inactive"}`, or null when it is deleted.
 *
 * `get-account-authorization-details` does not list keys. Where nobody listed them, a key that a finding
 * names counts as active: that is what the finding says, and the cloud is read again before anything is applied.
 */
export const accessKey: ChangeHandler = {
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
  refusal(account, change) {
    const { user, id } = subject(change);
    const keys = accessKeys(principalOf(account, user));
    const known = keys === undefined || keys.some((key) => key['AccessKeyId'] === id);
    if (change.after === null || known) return undefined;
    return `${id}: a deleted access key cannot be restored; make a new one`;
  },
  summary(change) {
    const { user, id } = subject(change);
    if (change.after === null) return `Delete the access key ${id} of the user ${nameOf(user)}.`;
    const verb = statusOf(change) === 'Active' ? 'Activate' : 'Deactivate';
    return `${verb} the access key ${id} of the user ${nameOf(user)}.`;
  },
  terraform(change) {
    const { user, id } = subject(change);
    const name = label(nameOf(user), id);
    if (change.after === null) return removed('aws_iam_access_key', name, id, `The access key ${id} goes`);
    return adopted('aws_iam_access_key', name, id, [
      ['user', text(nameOf(user))],
      ['status', text(statusOf(change))],
    ]);
  },
  cloudformation(change) {
    const { user, id } = subject(change);
    if (change.after === null)
      return { resources: {}, note: `Remove the access key ${id} from the template that makes it.` };
    return {
      resources: {
        [logicalId(nameOf(user), 'key')]: {
          Type: 'AWS::IAM::AccessKey',
          Properties: { UserName: nameOf(user), Status: statusOf(change) },
        },
      },
      note: `Set Status where the template makes ${id}.`,
    };
  },
  cli(change) {
    const { user, id } = subject(change);
    const named = ['--user-name', nameOf(user), '--access-key-id', id];
    if (change.after === null) return [['aws', 'iam', 'delete-access-key', ...named]];
    return [['aws', 'iam', 'update-access-key', ...named, '--status', statusOf(change)]];
  },
};

function subject(change: Change): { user: string; id: string } {
  return {
    user: required(change.target.principal, 'principal', 'access-key'),
    id: required(change.target.name, 'name', 'access-key'),
  };
}

function statusOf(change: Change): 'Active' | 'Inactive' {
  return isRecord(change.after) && change.after['status'] === 'Active' ? 'Active' : 'Inactive';
}
