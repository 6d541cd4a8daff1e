import { randomUUID } from 'node:crypto';
import { compactVerify, errors } from 'jose';
import { z } from 'zod';
import { GRANT_TTL_SECONDS, type GrantClaims, MAX_GRANT_LENGTH } from '../domain/approval/grant.js';
import { MAX_KEPT_ACTIONS, MAX_REASON_LENGTH } from '../domain/approval/limits.js';
import { Failure, FailureType } from '../domain/failure.js';
import type { GatewaySigner, PublicKeys } from './grant-keys.js';

/** `typ` of a grant's header: a signature of ours over something else is never a grant. */
export const GRANT_TYP = 'curtail-grant+jwt';
/** How far a gateway's clock may be from ours before its grants are refused. */
export const DEFAULT_SKEW_MS = 60_000;

/** What a caller decides of a grant; the rest is the gateway's. */
export type GrantRequest = Omit<GrantClaims, 'iss' | 'aud' | 'jti' | 'iat' | 'exp'>;

const name = z.string().min(1).max(512);
const claimsSchema: z.ZodType<GrantClaims> = z.strictObject({
  iss: z.literal('curtail-gateway'),
  aud: z.literal('curtail-decision'),
  sub: name,
  jti: z.string().min(16).max(128),
  iat: z.int().positive(),
  exp: z.int().positive(),
  workflowId: name,
  requestId: name,
  digest: z.string().min(1).max(128),
  verdict: z.enum(['approve', 'reject', 'edit']),
  reason: z.string().max(MAX_REASON_LENGTH).exactOptional(),
  keepActions: z.array(z.string().min(1).max(256)).max(MAX_KEPT_ACTIONS).exactOptional(),
  via: z.string().min(1).max(64),
});

/** A grant and the id that its use is recorded under. */
export interface MintedGrant {
  jws: string;
  claims: GrantClaims;
}

/**
 * Mints a grant: an EdDSA JWS (RFC 8037) that is good for ten minutes, for one decision by one person.
 * The caller has authenticated the person; nobody else may call this.
 *
 * @throws Failure `input.invalid` when the decision does not fit a grant (a reason that is too long).
 */
export async function mintGrant(
  request: GrantRequest,
  signer: GatewaySigner,
  nowMs: number,
): Promise<MintedGrant> {
  const iat = Math.floor(nowMs / 1000);
  const parsed = claimsSchema.safeParse({
    ...request,
    iss: 'curtail-gateway',
    aud: 'curtail-decision',
    jti: randomUUID(),
    iat,
    exp: iat + GRANT_TTL_SECONDS,
  });
  if (!parsed.success) throw tooMuch(parsed.error.issues[0]?.path.join('.') ?? 'claims');
  const jws = await signer.sign(GRANT_TYP, { ...parsed.data });
  if (jws.length > MAX_GRANT_LENGTH) throw tooMuch('reason and kept actions together');
  return { jws, claims: parsed.data };
}

function tooMuch(what: string): Failure {
  return new Failure(
    FailureType.InvalidInput,
    `signing the decision: ${what}: missing or too long; shorten it and decide again`,
  );
}

/** Times by which a grant is judged, ms since the epoch. */
export interface GrantClock {
  nowMs: number;
  /** When `settle` recorded it: expiry is judged then, so that a grant used in time stays good for later applies. */
  judgedAtMs?: number;
  /** Default one minute. */
  skewMs?: number;
}
export type GrantVerification = { ok: true; claims: GrantClaims } | { ok: false; reason: string };

/**
 * Whether the gateway signed exactly this decision and it was in time. Never throws for what the grant holds;
 * a reason is one sentence for people and for the audit row.
 */
export async function verifyGrant(
  jws: unknown,
  publicKeys: PublicKeys,
  clock: GrantClock,
): Promise<GrantVerification> {
  if (typeof jws !== 'string') return refused('there is no grant');
  if (jws.length > MAX_GRANT_LENGTH) return refused('the grant is longer than any that the gateway signs');
  const opened = await open(jws, publicKeys);
  if (typeof opened === 'string') return refused(opened);
  const claims = claimsSchema.safeParse(opened.payload);
  if (!claims.success) {
    return refused(
      `the grant's claims are not those of a decision (${claims.error.issues[0]?.path.join('.') || 'shape'})`,
    );
  }
  const objection = timing(claims.data, clock);
  return objection === undefined ? { ok: true, claims: claims.data } : refused(objection);
}

function refused(reason: string): GrantVerification {
  return { ok: false, reason };
}

async function open(jws: string, publicKeys: PublicKeys): Promise<{ payload: unknown } | string> {
  try {
    const { payload } = await compactVerify(
      jws,
      async (header) => {
        if (header?.typ !== GRANT_TYP) throw new errors.JWSInvalid('typ');
        const key = await publicKeys.find(header.kid ?? '');
        if (key === undefined) throw new errors.JWKSNoMatchingKey();
        return key;
      },
      { algorithms: ['EdDSA'] },
    );
    return { payload: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload)) as unknown };
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey)
      return "the grant names a key that is not one of the gateway's";
    if (error instanceof errors.JWSSignatureVerificationFailed)
      return "the grant's signature is not the gateway's";
    if (error instanceof errors.JOSEAlgNotAllowed) return 'the grant is not signed with EdDSA';
    if (error instanceof errors.JOSEError) return 'what was offered is not a grant';
    if (error instanceof SyntaxError || error instanceof TypeError) return 'what was offered is not a grant';
    throw error;
  }
}

function timing(claims: GrantClaims, clock: GrantClock): string | undefined {
  const skewMs = clock.skewMs ?? DEFAULT_SKEW_MS;
  const judgedAtMs = clock.judgedAtMs ?? clock.nowMs;
  const lifeSeconds = claims.exp - claims.iat;
  if (lifeSeconds <= 0 || lifeSeconds > GRANT_TTL_SECONDS)
    return 'the grant is valid for longer than ten minutes';
  if (judgedAtMs > clock.nowMs + skewMs)
    return 'the grant was recorded in the future; set the clocks of gateway and workers alike';
  const aheadMs = claims.iat * 1000 - judgedAtMs;
  if (aheadMs > skewMs) {
    return `the grant was signed ${inMinutes(aheadMs)} in the future: the gateway's clock and ours differ; set both from the same time server`;
  }
  const lateMs = judgedAtMs - claims.exp * 1000;
  if (lateMs >= skewMs) {
    return `the grant expired ${inMinutes(lateMs)} ago (or the gateway's clock is behind ours); decide again`;
  }
  return undefined;
}

function inMinutes(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  return minutes === 1 ? '1 minute' : `${minutes} minutes`;
}
