import { isRecord, type Json } from '../../json.js';
import { editResource, required, resourceOf, without } from '../entity.js';
import type { ChangeState } from '../handler.js';

/** A store's encryption at rest: `{"algorithm": "AES256"|"aws:kms", "kmsKey"?}`, or null. */
export const encryptionState: ChangeState = {
  read(account, target) {
    const store = resourceOf(account, required(target.arn, 'arn', 'encryption'));
    if (store['encryption'] !== undefined) return store['encryption'] as Json;
    const key = store['kmsKey'];
    return typeof key === 'string' ? { algorithm: 'aws:kms', kmsKey: key } : null;
  },
  write(account, target, state) {
    const arn = required(target.arn, 'arn', 'encryption');
    const key = isRecord(state) ? state['kmsKey'] : undefined;
    return editResource(account, arn, (store) => ({
      ...without(store, 'encryption', 'kmsKey'),
      encryption: state,
      ...(typeof key === 'string' && { kmsKey: key }),
    }));
  },
};
