import type { UsageAccounting, UsageExample } from '../proof/proof.js';
import type { Pair } from './event-map.js';
import { principalKey } from './principal.js';
import type { UsageCall, UsageLog } from './usage.js';

/** Whose usage is accounted for, and how a request is judged. Principals are keys of `principalKey`. */
export interface AccountingQuestion {
  window: { fromIso: string; toIso: string };
  /** Whom rows without a principal belong to; absent: they belong to whoever is judged as `''`. */
  subject?: string;
  /** Principals whose policies the change touches; absent: every row counts. */
  affected?: ReadonlySet<string>;
  /** Whether the old policies allowed the request, under some context. */
  allowedBefore(principal: string, pair: Pair): boolean;
  /** Whether every such request that the old policies allowed is still allowed. */
  preserved(principal: string, pair: Pair): boolean;
}

/** The fate of one kind of call. Each call has exactly one, so the counts add up. */
type CallFate = 'replayed' | 'denied' | 'otherPrincipal' | 'service' | 'unmapped' | 'notAllowedBefore';

/** Puts a call where it is counted: a service's own, another principal's, refused, unmapped, allowed by something else, or replayed. */
function fateOf(call: UsageCall, question: AccountingQuestion): CallFate {
  if (call.service) return 'service';
  const principal = ownerOf(call, question);
  if (principal === undefined) return 'otherPrincipal';
  if (call.outcome === 'denied') return 'denied';
  if (call.pairs.length === 0) return 'unmapped';
  return call.pairs.some((pair) => question.allowedBefore(principal, pair)) ? 'replayed' : 'notAllowedBefore';
}

/** The principal that a call is judged for; undefined when it is none of the question's. */
export function ownerOf(
  call: UsageCall,
  question: Pick<AccountingQuestion, 'subject' | 'affected'>,
): string | undefined {
  if (call.principal === undefined) return question.subject ?? '';
  const key = principalKey(call.principal);
  if (question.affected === undefined) return key;
  return question.affected.has(key) ? key : undefined;
}

/**
 * Accounts for every event: `total = replayed + denied + otherPrincipal + service + unmapped +
 * notAllowedBefore + malformed`. A call that asks several things is replayed for each that was allowed before;
 * `newlyDenied` lists each of those that would no longer be allowed.
 */
export function accountFor(log: UsageLog, question: AccountingQuestion): UsageAccounting {
  const counts = { replayed: 0, denied: 0, otherPrincipal: 0, service: 0, unmapped: 0, notAllowedBefore: 0 };
  const lost = new Map<string, UsageExample>();
  for (const call of log.calls) {
    const fate = fateOf(call, question);
    counts[fate] += call.count;
    if (fate === 'replayed') collectLost(lost, call, question);
  }
  return {
    ...question.window,
    total: log.total,
    ...counts,
    malformed: log.malformed,
    newlyDenied: [...lost.values()],
  };
}

function collectLost(lost: Map<string, UsageExample>, call: UsageCall, question: AccountingQuestion): void {
  const principal = ownerOf(call, question);
  if (principal === undefined || call.count === 0) return;
  for (const pair of call.pairs) {
    if (!question.allowedBefore(principal, pair) || question.preserved(principal, pair)) continue;
    const key = `${principal}\n${pair.action}\n${pair.resource ?? ''}`;
    const known = lost.get(key);
    lost.set(key, {
      principal: call.principal ?? principal,
      action: pair.action,
      ...(pair.resource === undefined ? {} : { resource: pair.resource }),
      count: (known?.count ?? 0) + call.count,
      ...laterOf(known?.lastUsedIso, call.lastIso),
    });
  }
}

function laterOf(a: string | undefined, b: string | undefined): { lastUsedIso?: string } {
  const later = a === undefined || (b !== undefined && b > a) ? b : a;
  return later === undefined ? {} : { lastUsedIso: later };
}
