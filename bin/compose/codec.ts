import type { DataConverter } from '@temporalio/common';
import type { Config } from '../../runtime/config/schema.js';
import { EncryptionCodec, encryptingConverter } from '../../runtime/payload-codec.js';
import type { Secret } from '../../runtime/secret.js';

/** Encrypts payloads when a key is configured; undefined otherwise. */
export async function payloadConverter(
  codec: Config['temporal']['codec'],
  resolve: (reference: string) => Promise<Secret>,
): Promise<DataConverter | undefined> {
  if (codec.key === undefined) return undefined;
  const current = codec.keyId ?? 'main';
  const keys = new Map<string, Secret>([[current, await resolve(codec.key)]]);
  for (const [id, reference] of Object.entries(codec.oldKeys ?? {})) keys.set(id, await resolve(reference));
  return encryptingConverter(new EncryptionCodec({ current, keys }));
}
