import type { PolicyDocument, PolicyType } from '../iam/document.js';
import { parsePolicy } from '../iam/parse.js';
import { checkSubset, checkUsagePreserved } from '../iam/subset/check.js';
import { canonicalJson, type Json } from '../json.js';
import { type AccountingQuestion, accountFor } from '../usage/accounting.js';
import type { Pair } from '../usage/event-map.js';
import type { UsageLog } from '../usage/usage.js';
import { keepsDenies, mayAllow, plainlyPreserved } from './allowed.js';
import type { NoNewAccess, Proof, UsageAccounting } from './proof.js';

/** All documents of one holder before and after a change: a principal's identity policies, or one resource's policy. */
export interface DocumentPair {
  /** The ARN that the access is about. */
  of: string;
  before: readonly PolicyDocument[];
  after: readonly PolicyDocument[];
  policyType: PolicyType;
  resourceAccount?: string;
}

/** What proving needs from outside: a clock for its time budget and SHA-256 in hex. */
export interface Prover {
  now: () => number;
  digest: (text: string) => string;
  /** Takes each certificate of a subset proof, to keep it as evidence under its digest. */
  keepCertificate?: (digest: string, certificate: Json) => void;
}

/** Time for one subset question. A question that takes longer is UNKNOWN, never a PASS. */
const SUBSET_BUDGET_MS = 4_000;
const SUBSET_NODES = 200_000;

/**
 * Proves, per holder, that everything the new documents allow was allowed by the old ones, and that nothing the old
 * ones denied is no longer denied: a Deny also holds back what other policies allow, so losing it widens access.
 */
export function proveNoNewAccess(pairs: readonly DocumentPair[], prover: Prover): NoNewAccess[] {
  return pairs.map((pair) => {
    const allows = ask(pair, pair.before, pair.after, prover);
    if (allows.verdict !== 'PASS' || keepsDenies(pair.before, pair.after)) return allows;
    const everything = allowEverything(pair.policyType);
    const denies = ask(pair, [...pair.before, everything], [...pair.after, everything], prover);
    return denies.verdict === 'PASS' ? allows : { ...denies, reason: `A Deny is lost: ${denies.reason}` };
  });
}

function ask(
  { of, policyType, resourceAccount }: DocumentPair,
  reference: readonly PolicyDocument[],
  candidate: readonly PolicyDocument[],
  prover: Prover,
): NoNewAccess {
  const answer = checkSubset({
    reference,
    candidate,
    policyType,
    ...(resourceAccount === undefined ? {} : { resourceAccount }),
    options: { budgetMs: SUBSET_BUDGET_MS, nodes: SUBSET_NODES },
    now: prover.now,
  });
  return {
    of,
    verdict: answer.verdict,
    method: 'subset',
    reasonCode: answer.reasonCode,
    reason: answer.reason,
    assumptions: answer.assumptions,
    ...(answer.witness === undefined ? {} : { witness: answer.witness }),
    ...certified(answer.certificate, prover),
  };
}

function certified(certificate: unknown, prover: Prover): { certificateDigest?: string } {
  if (certificate === undefined) return {};
  const certificateDigest = prover.digest(canonicalJson(certificate));
  prover.keepCertificate?.(certificateDigest, certificate as Json);
  return { certificateDigest };
}

function allowEverything(policyType: PolicyType): PolicyDocument {
  const everybody = policyType === 'resource' || policyType === 'trust';
  const statement = {
    Effect: 'Allow',
    Action: '*',
    ...(policyType === 'trust' ? {} : { Resource: '*' }),
    ...(everybody ? { Principal: '*' } : {}),
  };
  return parsePolicy({ Version: '2012-10-17', Statement: [statement] }, policyType);
}

/** Whose documents changed, for the usage obligation; keys are those of `principalKey`. */
export type DocumentsByPrincipal = ReadonlyMap<string, Pick<DocumentPair, 'before' | 'after'>>;

/**
 * Replays every distinct observed request of the principals against their old and new documents and accounts for
 * every event. A request that is neither plainly nor provably preserved counts as newly denied.
 */
export function proveUsage(
  log: UsageLog,
  scope: Pick<AccountingQuestion, 'window' | 'subject' | 'affected'>,
  documents: DocumentsByPrincipal,
  prover: Prover,
): UsageAccounting {
  const allowed = new Map<string, boolean>();
  const kept = new Map<string, boolean>();
  return accountFor(log, {
    ...scope,
    allowedBefore: (principal, pair) =>
      memo(allowed, principal, pair, () => mayAllow(documents.get(principal)?.before ?? [], pair)),
    preserved: (principal, pair) =>
      memo(kept, principal, pair, () => isPreserved(documents.get(principal), pair, prover)),
  });
}

function isPreserved(
  documents: Pick<DocumentPair, 'before' | 'after'> | undefined,
  pair: Pair,
  prover: Prover,
): boolean {
  if (documents === undefined) return true;
  const { before, after } = documents;
  if (plainlyPreserved(before, after, pair)) return true;
  const answer = checkUsagePreserved({
    request: pair,
    before,
    after,
    policyType: 'identity',
    now: prover.now,
  });
  return answer.verdict === 'PASS';
}

function memo(known: Map<string, boolean>, principal: string, pair: Pair, compute: () => boolean): boolean {
  const key = `${principal}\n${pair.action}\n${pair.resource ?? ''}`;
  const found = known.get(key) ?? compute();
  known.set(key, found);
  return found;
}

/**
 * The proof's verdict: a refuted obligation breaks it, an undecided one leaves it unproven; named blind spots, and
 * events that could not be replayed, make it partial.
 */
export function verdictOf(
  noNewAccess: readonly NoNewAccess[],
  usage: UsageAccounting | null,
  blindSpots: readonly string[],
): Proof['verdict'] {
  if (noNewAccess.some((each) => each.verdict === 'FAIL')) return 'broken';
  if (usage !== null && usage.newlyDenied.length > 0) return 'broken';
  if (noNewAccess.some((each) => each.verdict === 'UNKNOWN')) return 'unproven';
  const notReplayed = usage === null ? 0 : usage.unmapped + usage.notAllowedBefore;
  return blindSpots.length > 0 || notReplayed > 0 ? 'partial' : 'proved';
}
