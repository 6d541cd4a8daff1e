import { isRecord } from '../json.js';

/**
 * A standing approval: a named person lets low-risk changes through without being asked, within bounds and until it
 * expires. Signed by the gateway; a flag only switches it on.
 */
export interface StandingBounds {
  id: string;
  grantedBy: string;
  expiresAtMs: number;
  /** Kinds of finding it covers. */
  kinds: readonly string[];
  environments: readonly string[];
  /** Account ids; empty means every account of those environments. */
  accounts: readonly string[];
  /** Highest risk score, 0..100. */
  maxRisk: number;
  /** Lowest confidence, 0..1. */
  minConfidence: number;
  maxPerDay: number;
}

/** A change as a standing approval weighs it. */
export interface StandingCase {
  kind: string;
  environment: string;
  account?: string;
  risk: number;
  confidence: number;
  proof: string;
  highPrivilege: boolean;
}

/** Why the standing approval does not cover this case, or undefined if it does. */
export function outsideBounds(bounds: StandingBounds, on: StandingCase, nowMs: number): string | undefined {
  if (nowMs >= bounds.expiresAtMs) return 'the standing approval has expired';
  if (!bounds.kinds.includes(on.kind)) return `it does not cover ${on.kind}`;
  if (!bounds.environments.includes(on.environment)) return `it does not cover ${on.environment}`;
  if (bounds.accounts.length > 0 && !bounds.accounts.includes(on.account ?? ''))
    return 'it does not cover this account';
  if (on.proof !== 'proved') return 'it covers proved changes only';
  if (on.highPrivilege) return 'it never covers high-privilege identities';
  if (on.risk > bounds.maxRisk) return `the risk ${Math.round(on.risk)} is above its ${bounds.maxRisk}`;
  if (on.confidence < bounds.minConfidence)
    return `the confidence ${on.confidence.toFixed(2)} is below its ${bounds.minConfidence}`;
  return undefined;
}

/** Reads the claims of a verified signature; undefined when they have not the shape. */
export function readStandingBounds(claims: unknown): StandingBounds | undefined {
  if (!isRecord(claims)) return undefined;
  const { id, grantedBy, expiresAtMs, kinds, environments, accounts, maxRisk, minConfidence, maxPerDay } =
    claims;
  if (typeof id !== 'string' || typeof grantedBy !== 'string' || typeof expiresAtMs !== 'number')
    return undefined;
  if (!isTexts(kinds) || !isTexts(environments) || !isTexts(accounts)) return undefined;
  if (typeof maxRisk !== 'number' || typeof minConfidence !== 'number' || typeof maxPerDay !== 'number')
    return undefined;
  return { id, grantedBy, expiresAtMs, kinds, environments, accounts, maxRisk, minConfidence, maxPerDay };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
