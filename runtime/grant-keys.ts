import { randomUUID } from 'node:crypto';
import { chmod, link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  CompactSign,
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
} from 'jose';
import { z } from 'zod';
import { isRecord } from '../domain/json.js';

/** Signs what the gateway vouches for. Only the gateway's process holds one. */
export interface GatewaySigner {
  /** RFC 7638 thumbprint of the public key; travels in every signature's header. */
  readonly kid: string;
  /** True when this start made the pair: the first start, or the private key was lost. */
  readonly fresh: boolean;
  /** Compact JWS (EdDSA) over the payload's JSON. `typ` keeps one kind of signature from passing for another. */
  sign(typ: string, payload: Readonly<Record<string, unknown>>): Promise<string>;
}

/** The gateway's public keys, by key id. */
export interface PublicKeys {
  /** Undefined when there is no such key, or it was retired. */
  find(kid: string): Promise<CryptoKey | undefined>;
}

const publicJwk = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});
const privateJwk = publicJwk.extend({ d: z.string().regex(/^[A-Za-z0-9_-]{43}$/) });
type PrivateJwk = z.infer<typeof privateJwk>;

const KID = /^[A-Za-z0-9_-]{43}$/;
const OWNER_ONLY = 0o600;

/**
 * Opens the gateway's private key (`<folder>/private.jwk`, mode 0600), making the pair when there is none.
 * A lost key is mended by the next start: a new pair signs from then on, and what the lost one signed still
 * verifies, since its public half stays in `<folder>/public`.
 *
 * @throws Error when the key is malformed or can be read by other accounts of the machine.
 */
export async function openSigner(folder: string): Promise<GatewaySigner> {
  await mkdir(path.join(folder, 'public'), { recursive: true });
  await chmod(folder, 0o755);
  const file = privateFile(folder);
  const found = await readIfThere(file);
  if (found !== undefined) {
    await refuseIfShared(file);
    return signerOf(await publish(folder, parsePrivate(found, file)), false);
  }
  const made = await newPair();
  await publish(folder, made);
  if (await createOnce(file, JSON.stringify(made))) return signerOf(made, true);
  return signerOf(await publish(folder, parsePrivate(await readFile(file, 'utf8'), file)), false);
}

/** Replaces the private key. The earlier public key stays, so that grants on their way still verify. */
export async function rotateSigner(folder: string): Promise<GatewaySigner> {
  await mkdir(path.join(folder, 'public'), { recursive: true });
  const made = await publish(folder, await newPair());
  const staged = path.join(folder, `.private-${randomUUID()}`);
  await writeFile(staged, JSON.stringify(made), { mode: OWNER_ONLY, flag: 'wx' });
  await rename(staged, privateFile(folder));
  return signerOf(made, true);
}

/** Withdraws a public key: everything it signed stops verifying at once. False when there is no such key. */
export async function retirePublicKey(folder: string, kid: string): Promise<boolean> {
  if (!KID.test(kid) || (await readIfThere(publicFile(folder, kid))) === undefined) return false;
  await rm(publicFile(folder, kid));
  return true;
}

/** Ids of the public keys that verify today. */
export async function publicKeyIds(folder: string): Promise<readonly string[]> {
  const names = await readdir(path.join(folder, 'public'));
  return names.filter((name) => name.endsWith('.jwk')).map((name) => name.slice(0, -'.jwk'.length));
}

/**
 * The public keys of a folder, for those who verify. Each look-up reads the one file that the key id names,
 * so that rotation and retirement count at once; a file whose thumbprint is not its name is no key.
 */
export function openPublicKeys(folder: string): PublicKeys {
  return {
    async find(kid) {
      if (!KID.test(kid)) return undefined;
      const text = await readIfThere(publicFile(folder, kid));
      if (text === undefined) return undefined;
      const jwk = publicJwk.parse(jsonOrUndefined(text));
      if ((await calculateJwkThumbprint(jwk)) !== kid) return undefined;
      return asCryptoKey(await importJWK(jwk, 'EdDSA'));
    },
  };
}

function privateFile(folder: string): string {
  return path.join(folder, 'private.jwk');
}
function publicFile(folder: string, kid: string): string {
  return path.join(folder, 'public', `${kid}.jwk`);
}

async function newPair(): Promise<PrivateJwk> {
  const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const { kty, crv, x, d } = await exportJWK(pair.privateKey);
  return privateJwk.parse({ kty, crv, x, d });
}

function parsePrivate(text: string, file: string): PrivateJwk {
  const parsed = privateJwk.safeParse(jsonOrUndefined(text));
  if (parsed.success) return parsed.data;
  throw new Error(
    `opening the gateway's signing key ${file}: it is damaged; move it away and start again, a new pair is then made`,
  );
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function publish(folder: string, key: PrivateJwk): Promise<PrivateJwk> {
  const half = { kty: key.kty, crv: key.crv, x: key.x };
  await createOnce(publicFile(folder, await calculateJwkThumbprint(half)), JSON.stringify(half), 0o644);
  return key;
}

async function signerOf(jwk: PrivateJwk, fresh: boolean): Promise<GatewaySigner> {
  const kid = await calculateJwkThumbprint({ kty: jwk.kty, crv: jwk.crv, x: jwk.x });
  const key = asCryptoKey(await importJWK(jwk, 'EdDSA'));
  return {
    kid,
    fresh,
    sign: (typ, payload) =>
      new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
        .setProtectedHeader({ alg: 'EdDSA', kid, typ })
        .sign(key),
  };
}

function asCryptoKey(key: CryptoKey | Uint8Array): CryptoKey {
  if (key instanceof Uint8Array)
    throw new TypeError('an Ed25519 key was expected, a symmetric one was found');
  return key;
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Writes the whole file or nothing; false when it was there already. */
async function createOnce(file: string, text: string, mode: number = OWNER_ONLY): Promise<boolean> {
  const staged = path.join(path.dirname(file), `.staged-${randomUUID()}`);
  await writeFile(staged, text, { mode, flag: 'wx' });
  try {
    await link(staged, file);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(staged, { force: true });
  }
}

async function refuseIfShared(file: string): Promise<void> {
  if (process.platform === 'win32') return;
  const { mode } = await stat(file);
  if ((mode & 0o077) === 0) return;
  throw new Error(
    `opening the gateway's signing key: other accounts can read ${file}; run chmod 600 on it, then rotate the key`,
  );
}

function isCode(error: unknown, code: string): boolean {
  return isRecord(error) && error['code'] === code;
}
