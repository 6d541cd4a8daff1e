import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { canonicalJson, type Json } from '../../domain/json.js';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
/** NIST SP 800-38D: 96-bit nonces. A data key is used once, so its nonce cannot repeat. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Master keys: the current one wraps new data keys, earlier ones still unwrap theirs. */
export interface BodyKeys {
  currentId: string;
  byId: ReadonlyMap<string, Uint8Array>;
}

/** A body under a key of its own, which is wrapped by the master key `keyId`. */
export interface SealedBody {
  keyId: string;
  /** nonce + ciphertext + tag of the data key. */
  wrappedKey: Buffer;
  /** nonce + ciphertext + tag of the canonical JSON. */
  body: Buffer;
}

/**
 * Master keys from their bytes, the current one first.
 * @throws Error unless each has 32 bytes.
 */
export function bodyKeys(keys: readonly Uint8Array[]): BodyKeys {
  const byId = new Map(keys.map((key) => [keyIdOf(key), key]));
  const [current] = keys;
  if (current === undefined) throw new Error('ledger: no body key: configure one of 32 bytes');
  for (const key of keys) {
    if (key.length !== KEY_BYTES)
      throw new Error(`ledger: a body key has ${key.length} bytes: it must have ${KEY_BYTES}`);
  }
  return { currentId: keyIdOf(current), byId };
}

/** SHA-256 of a body's canonical JSON, its name everywhere, and that text. */
export function digestBody(body: Json): { digest: string; text: string } {
  const text = canonicalJson(body);
  return { digest: sha256(text), text };
}

/** SHA-256 of a text as lower-case hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** Encrypts a body's text under a fresh key. Bound to its digest: a blob moved to another row does not open. */
export function sealBody(text: string, digest: string, keys: BodyKeys): SealedBody {
  const dataKey = randomBytes(KEY_BYTES);
  const wrappedKey = encrypt(masterKey(keys, keys.currentId), dataKey, `curtail/key/${digest}`);
  const body = encrypt(dataKey, Buffer.from(text, 'utf8'), `curtail/body/${digest}`);
  dataKey.fill(0);
  return { keyId: keys.currentId, wrappedKey, body };
}

/**
 * Decrypts a body.
 * @throws Error when its master key is not configured, or when what is stored was altered.
 */
export function openBody(sealed: SealedBody, digest: string, keys: BodyKeys): Json {
  const dataKey = decrypt(masterKey(keys, sealed.keyId), sealed.wrappedKey, `curtail/key/${digest}`, digest);
  const text = decrypt(dataKey, sealed.body, `curtail/body/${digest}`, digest).toString('utf8');
  if (sha256(text) !== digest)
    throw new Error(`ledger: evidence ${digest} was altered: its text has another digest`);
  return JSON.parse(text) as Json;
}

function masterKey(keys: BodyKeys, id: string): Uint8Array {
  const key = keys.byId.get(id);
  if (key !== undefined) return key;
  throw new Error(`ledger: body key ${id} is not configured: add it to the ledger's previous body keys`);
}

function encrypt(key: Uint8Array, plain: Uint8Array, bound: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(bound, 'utf8'));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Uint8Array, sealed: Buffer, bound: string, digest: string): Buffer {
  try {
    const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(bound, 'utf8'));
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch (error) {
    throw new Error(`ledger: evidence ${digest} cannot be decrypted: it was altered, or the key is another`, {
      cause: error,
    });
  }
}

function keyIdOf(key: Uint8Array): string {
  return createHash('sha256').update('curtail/key-id/').update(key).digest('hex').slice(0, 16);
}
