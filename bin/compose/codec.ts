import type { DataConverter } from '@temporalio/common';
import type { CodecServer } from '../../client/codec-server/routes.js';
import type { Config } from '../../runtime/config/schema.js';
import { EncryptionCodec, encryptingConverter } from '../../runtime/payload-codec.js';
import type { Secret } from '../../runtime/secret.js';

type Resolve = (reference: string) => Promise<Secret>;

/** The codec of the configured keys; undefined when payloads are not encrypted. */
async function payloadCodec(
  codec: Config['temporal']['codec'],
  resolve: Resolve,
): Promise<EncryptionCodec | undefined> {
  if (codec.key === undefined) return undefined;
  const current = codec.keyId ?? 'main';
  const keys = new Map<string, Secret>([[current, await resolve(codec.key)]]);
  for (const [id, reference] of Object.entries(codec.oldKeys ?? {})) keys.set(id, await resolve(reference));
  return new EncryptionCodec({ current, keys });
}

/** Encrypts payloads when a key is configured; undefined otherwise. */
export async function payloadConverter(
  codec: Config['temporal']['codec'],
  resolve: Resolve,
): Promise<DataConverter | undefined> {
  const opened = await payloadCodec(codec, resolve);
  return opened === undefined ? undefined : encryptingConverter(opened);
}

/** What the gateway decodes for the Temporal UI with; our own development server's UI is known by its port. */
export async function codecServer(
  { codec, namespace, ports, address }: Config['temporal'],
  resolve: Resolve,
): Promise<CodecServer | undefined> {
  const opened = await payloadCodec(codec, resolve);
  const own = address === undefined ? [`http://127.0.0.1:${ports.ui}`, `http://localhost:${ports.ui}`] : [];
  const origins = codec.uiOrigins ?? own;
  return opened === undefined || origins.length === 0 ? undefined : { codec: opened, namespace, origins };
}
