import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ChainHead } from '../domain/audit/chain.js';
import { canonicalJson } from '../domain/json.js';
import type { GatewaySigner, PublicKeys } from './grant-keys.js';
import { openSigned } from './signed.js';

/** `typ` of the signature over heads: it passes for no grant, and no grant for it. */
export const HEADS_TYP = 'curtail-heads+jwt';
const FORMAT = 'curtail-audit-heads/1';
const MAX_HEADS = 2_000_000;

const HeadsFile = z.strictObject({
  format: z.literal(FORMAT),
  /** When they were read, ms since the epoch. */
  atMs: z.int().positive(),
  heads: z
    .array(
      z.strictObject({
        stream: z.string().max(1_024),
        position: z.int().positive(),
        hash: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .max(MAX_HEADS),
  /** Compact JWS over format, time and the SHA-256 of the heads' canonical JSON. */
  signature: z.string().max(4_096),
});

/** Heads of all chains at one moment, signed, to be kept where nobody who writes the ledger can write. */
export type SignedHeads = z.output<typeof HeadsFile>;

/** Heads whose signature was checked, or why they are not to be believed. */
export type HeadsReading =
  | { ok: true; atMs: number; heads: readonly ChainHead[] }
  | { ok: false; reason: string };

/** Signs the heads of all chains. Only the gateway can. */
export async function signHeads(
  heads: readonly ChainHead[],
  signer: GatewaySigner,
  atMs: number,
): Promise<SignedHeads> {
  const signature = await signer.sign(HEADS_TYP, claimsOf(atMs, heads));
  return { format: FORMAT, atMs, heads: [...heads], signature };
}

/** Reads a file of signed heads. Needs the gateway's public keys and nothing else, least of all a running gateway. */
export async function readHeads(file: unknown, publicKeys: PublicKeys): Promise<HeadsReading> {
  const parsed = HeadsFile.safeParse(file);
  if (!parsed.success)
    return { ok: false, reason: `it is no file of heads (${z.prettifyError(parsed.error)})` };
  const { atMs, heads, signature } = parsed.data;
  const opened = await openSigned(signature, HEADS_TYP, publicKeys);
  if (!opened.ok) return { ok: false, reason: `${opened.reason}, or its key was retired` };
  if (canonicalJson(opened.payload as never) !== canonicalJson(claimsOf(atMs, heads)))
    return { ok: false, reason: 'its heads or its time are not those that were signed' };
  return { ok: true, atMs, heads };
}

function claimsOf(atMs: number, heads: readonly ChainHead[]): Record<string, string | number> {
  const text = canonicalJson(heads.map(({ stream, position, hash }) => ({ stream, position, hash })));
  return {
    format: FORMAT,
    atMs,
    count: heads.length,
    sha256: createHash('sha256').update(text).digest('hex'),
  };
}
