import { isRecord, type Json } from '../../json.js';
import type { Change } from '../change.js';
import { ENCRYPTION_SERVICES, type Encryption, encryptionService } from '../encryption-service.js';
import { editResource, required, resourceOf, without } from '../entity.js';
import { ChangeError } from '../error.js';
import type { ChangeHandler } from '../handler.js';
import { lastName } from '../resource-name.js';

/** A store's encryption at rest: `{"algorithm": "AES256"|"aws:kms", "kmsKey"?}`, or null. */
export const encryption: ChangeHandler = {
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
  refusal(account, change) {
    const arn = arnOf(change);
    resourceOf(account, arn);
    if (encryptionService(arn) === undefined) return inPlace(arn);
    if (change.after === null || encryptionOf(change.after) !== undefined) return undefined;
    return `${arn}: ${SHAPE}`;
  },
  summary(change) {
    const name = lastName(arnOf(change));
    const wanted = encryptionOf(change.after);
    if (wanted === undefined) return `Set the encryption of ${name} back to the service's default.`;
    const key = wanted.kmsKey === undefined ? '' : ` and the key ${wanted.kmsKey}`;
    return `Encrypt ${name} at rest with ${wanted.algorithm}${key}.`;
  },
  terraform(change) {
    const arn = arnOf(change);
    if (change.after === null) return serviceOf(arn).off.terraform(arn);
    return serviceOf(arn).terraform(arn, checked(change), change.before === null);
  },
  cloudformation(change) {
    const arn = arnOf(change);
    if (change.after === null)
      return { resources: {}, note: `Remove the encryption of ${lastName(arn)} from its template.` };
    return serviceOf(arn).cloudformation(arn, checked(change));
  },
  cli(change) {
    const arn = arnOf(change);
    if (change.after === null) return [serviceOf(arn).off.remove(arn)];
    return [serviceOf(arn).put(arn, checked(change))];
  },
};

const SHAPE = 'the state of encryption is {"algorithm": "AES256"|"aws:kms", "kmsKey"?} or null';

function arnOf(change: Change): string {
  return required(change.target.arn, 'arn', 'encryption');
}

function encryptionOf(state: Json): Encryption | undefined {
  if (!isRecord(state)) return undefined;
  const { algorithm, kmsKey } = state;
  if (algorithm !== 'AES256' && algorithm !== 'aws:kms') return undefined;
  return { algorithm, ...(typeof kmsKey === 'string' && { kmsKey }) };
}

function checked(change: Change): Encryption {
  const wanted = encryptionOf(change.after);
  if (wanted === undefined) throw new ChangeError('Malformed', SHAPE);
  return wanted;
}

function serviceOf(arn: string) {
  const service = encryptionService(arn);
  if (service === undefined) throw new ChangeError('Refused', inPlace(arn));
  return service;
}

// RDS, EBS and Redshift encrypt at creation: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html
function inPlace(arn: string): string {
  return `${arn}: this service cannot encrypt what exists (only ${ENCRYPTION_SERVICES.join(', ')} can); restore an encrypted copy instead`;
}
