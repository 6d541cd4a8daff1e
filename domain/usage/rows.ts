import { actionInfo } from '../iam/catalogue.js';
import { isRecord } from '../json.js';
import { isConcreteArn, type Pair, pairsOfName } from './event-map.js';
import { isServicePrincipal } from './principal.js';
import type { UsageCall, UsageOutcome } from './usage.js';

/** Reads one usage row of unknown origin; undefined when it is malformed. A count of 0 is a row without use. */
export function readRow(item: unknown): UsageCall | undefined {
  if (!isRecord(item)) return undefined;
  const { principal, count, resource, firstUsed, lastUsed } = item;
  const outcome = outcomeOf(item['outcome']);
  const named = pairsOfRow(item);
  if (outcome === undefined || named === undefined) return undefined;
  if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) return undefined;
  if (principal !== undefined && typeof principal !== 'string') return undefined;
  const firstIso = dateOf(firstUsed);
  const lastIso = dateOf(lastUsed);
  return {
    ...(principal === undefined ? {} : { principal }),
    service: principal !== undefined && isServicePrincipal(principal),
    name: named.name,
    pairs: [...withResource(named.pairs, resource), ...furtherPairs(item['also'])],
    count,
    ...((firstIso ?? lastIso) ? { firstIso: firstIso ?? lastIso ?? '' } : {}),
    ...(lastIso === undefined ? {} : { lastIso }),
    months: monthsOf(item['months'], [firstIso, lastIso], count),
    outcome,
  };
}

function outcomeOf(value: unknown): UsageOutcome | undefined {
  if (value === undefined) return 'ok';
  return value === 'ok' || value === 'denied' || value === 'error' ? value : undefined;
}

function pairsOfRow(item: Record<string, unknown>): { name: string; pairs: Pair[] } | undefined {
  const { action } = item;
  if (typeof action === 'string') return { name: action, pairs: pairsOfAction(action) };
  const { eventSource, eventName } = isRecord(action) ? action : item;
  if (typeof eventSource !== 'string' || typeof eventName !== 'string' || eventName === '') return undefined;
  const source = eventSource.includes('.') ? eventSource : `${eventSource}.amazonaws.com`;
  return { name: `${source}:${eventName}`, pairs: pairsOfName(source, eventName) };
}

/** An action of the catalogue is itself; an API's name is mapped; anything else well-formed stands as written. */
function pairsOfAction(action: string): Pair[] {
  const info = actionInfo(action);
  if (info !== undefined) return [{ action: info.name }];
  const match = /^([a-z0-9-]+):([A-Za-z0-9]+)$/i.exec(action);
  if (match === null) return [];
  const mapped = pairsOfName(`${(match[1] ?? '').toLowerCase()}.amazonaws.com`, match[2] ?? '');
  return mapped.length > 0 ? mapped : [{ action }];
}

/**
 * The row's resource belongs to its action. `*` and patterns say nothing about which resource it was, and of a call
 * that asks several things (a copy) it is not known which of them was meant.
 */
function withResource(pairs: readonly Pair[], resource: unknown): Pair[] {
  if (typeof resource !== 'string' || !isConcreteArn(resource) || /[*?]/.test(resource)) return [...pairs];
  return pairs.length > 1 ? [...pairs] : pairs.map(({ action }) => ({ action, resource }));
}

function furtherPairs(value: unknown): Pair[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, 1000).flatMap((pair) => {
    if (!isRecord(pair) || typeof pair['action'] !== 'string') return [];
    return withResource(pairsOfAction(pair['action']), pair['resource']);
  });
}

function dateOf(value: unknown): string | undefined {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : undefined;
}

/** Calls per month; a row without them puts all in the months of its two dates, which is all that is known. */
function monthsOf(
  value: unknown,
  dates: readonly (string | undefined)[],
  count: number,
): ReadonlyMap<string, number> {
  const months = new Map<string, number>();
  if (isRecord(value)) {
    for (const [month, calls] of Object.entries(value)) {
      if (/^\d{4}-\d\d$/.test(month) && typeof calls === 'number' && calls > 0) months.set(month, calls);
    }
    if (months.size > 0) return months;
  }
  const known = [...new Set(dates.flatMap((date) => (date === undefined ? [] : [date.slice(0, 7)])))];
  for (const month of known) months.set(month, Math.max(1, Math.floor(count / known.length)));
  return months;
}
