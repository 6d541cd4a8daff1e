import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import {
  type DataConverter,
  METADATA_ENCODING_KEY,
  type Payload,
  type PayloadCodec,
} from '@temporalio/common';
import proto from '@temporalio/proto';
import type { Secret } from './secret.js';

const { temporal } = proto;

const ENCODING = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Keys by id; `current` encrypts, all decrypt. A key is 32 bytes in base64. */
export interface CodecKeys {
  current: string;
  keys: ReadonlyMap<string, Secret>;
}

/**
 * Encrypts payloads with AES-256-GCM; the key id is bound as additional data, so that a payload cannot be
 * relabelled. Plain payloads pass through on the way in: a key can be switched on at any time.
 */
export class EncryptionCodec implements PayloadCodec {
  readonly #keys: Map<string, Buffer>;
  readonly #current: string;

  /** @throws Error when a key has not 32 bytes or the current one is missing. */
  constructor(keys: CodecKeys) {
    this.#current = keys.current;
    this.#keys = new Map([...keys.keys].map(([id, secret]) => [id, toKey(id, secret)]));
    if (!this.#keys.has(keys.current)) throw new Error(`payload encryption: there is no key ${keys.current}`);
  }

  async encode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => this.#seal(payload));
  }

  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => this.#open(payload));
  }

  #seal(payload: Payload): Payload {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key(this.#current), iv);
    cipher.setAAD(Buffer.from(this.#current));
    const plain = temporal.api.common.v1.Payload.encode(payload).finish();
    const sealed = Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    return {
      metadata: { [METADATA_ENCODING_KEY]: bytes(ENCODING), [KEY_ID]: bytes(this.#current) },
      data: sealed,
    };
  }

  #open(payload: Payload): Payload {
    const encoding = payload.metadata?.[METADATA_ENCODING_KEY];
    if (encoding === undefined || encoding === null || text(encoding) !== ENCODING) return payload;
    const keyId = text(payload.metadata?.[KEY_ID] ?? new Uint8Array());
    const sealed = Buffer.from(payload.data ?? new Uint8Array());
    const decipher = createDecipheriv('aes-256-gcm', this.#key(keyId), sealed.subarray(0, IV_BYTES));
    decipher.setAAD(Buffer.from(keyId));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    const plain = Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
    return temporal.api.common.v1.Payload.decode(plain) as Payload;
  }

  #key(id: string): Buffer {
    const key = this.#keys.get(id);
    if (key === undefined)
      throw new Error(`payload encryption: no key ${id}; add it to temporal.codec.oldKeys`);
    return key;
  }
}

/** The converter of client and worker alike: encrypts payloads, and what a failure says with them. */
export function encryptingConverter(codec: PayloadCodec): DataConverter {
  return {
    payloadCodecs: [codec],
    failureConverterPath: new URL('./failure-converter.cjs', import.meta.url).pathname,
  };
}

function toKey(id: string, secret: Secret): Buffer {
  const key = Buffer.from(secret.reveal(), 'base64');
  if (key.length !== 32) throw new Error(`payload encryption: key ${id} is not 32 bytes in base64`);
  return key;
}
function bytes(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
function text(value: Uint8Array): string {
  return new TextDecoder().decode(value);
}
