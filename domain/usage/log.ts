import { isRecord } from '../json.js';
import type { Pair } from './event-map.js';
import { type ReadEvent, readEvent } from './events.js';
import { readRow } from './rows.js';
import type { UsageCall, UsageLog, UsageRow } from './usage.js';

interface OpenCall {
  call: Omit<UsageCall, 'months' | 'count' | 'firstIso' | 'lastIso'>;
  count: number;
  firstIso?: string;
  lastIso?: string;
  months: Map<string, number>;
}

/** Takes records and rows one by one and keeps only what is distinct, so that a long log stays small in memory. */
export interface UsageCollector {
  /** A CloudTrail record, a usage row, or `{"Records": […]}` as a trail's files are. Anything else counts as malformed. */
  add(item: unknown): void;
  log(): UsageLog;
  /** Records of which only the action was kept, since there were too many distinct calls. */
  coarse(): number;
}

/**
 * Opens an empty collector. Of what comes after `maxDistinct` distinct calls the resources are not told apart any more:
 * such a call is one on an unknown resource, which right-sizing keeps for every resource that was allowed. So memory is
 * bounded whatever is called, and nothing is taken to be unused that was not.
 */
export function openCollector(maxDistinct = Number.POSITIVE_INFINITY): UsageCollector {
  const open = new Map<string, OpenCall>();
  let coarse = 0;
  const counts = { malformed: 0, total: 0 };

  function add(item: unknown): void {
    if (isRecord(item) && Array.isArray(item['Records'])) {
      for (const record of item['Records']) addOne(record);
      return;
    }
    addOne(item);
  }

  function addOne(item: unknown): void {
    if (isCloudTrail(item)) addEvent(readEvent(item));
    else addRow(readRow(item));
  }

  // The busy path: a record that is like an earlier one allocates nothing that stays.
  function addEvent(event: ReadEvent | undefined): void {
    if (event === undefined) {
      addMalformed();
      return;
    }
    counts.total += 1;
    const known = openedWithin(event, 1);
    const { timeIso } = event;
    note(known, 1, timeIso, timeIso);
    const month = timeIso.slice(0, 7);
    known.months.set(month, (known.months.get(month) ?? 0) + 1);
  }

  function addRow(call: UsageCall | undefined): void {
    if (call === undefined) {
      addMalformed();
      return;
    }
    counts.total += call.count;
    const known = openedWithin(call, call.count);
    note(known, call.count, call.firstIso, call.lastIso);
    for (const [month, count] of call.months) known.months.set(month, (known.months.get(month) ?? 0) + count);
  }

  function openedWithin(kind: CallKind, count: number): OpenCall {
    if (open.size < maxDistinct) return opened(open, kind);
    const known = open.get(keyOf(kind));
    if (known !== undefined) return known;
    if (kind.pairs.some(({ resource }) => resource !== undefined)) coarse += count;
    return opened(open, { ...kind, pairs: withoutResources(kind.pairs) });
  }

  function addMalformed(): void {
    counts.malformed += 1;
    counts.total += 1;
  }

  return {
    add,
    log: () => ({ calls: [...open.values()].map(close), ...counts }),
    coarse: () => coarse,
  };
}

/** By the list itself: every draft of an account asks for the same one. */
const readLists = new WeakMap<readonly unknown[], UsageLog>();

/** Reads a whole list: rows, CloudTrail records, files of them, or a mixture. Nobody may change a list that was read. */
export function readUsage(items: readonly unknown[]): UsageLog {
  const known = readLists.get(items);
  if (known !== undefined) return known;
  const collector = openCollector();
  for (const item of items) collector.add(item);
  const log = collector.log();
  readLists.set(items, log);
  return log;
}

function isCloudTrail(item: unknown): boolean {
  return isRecord(item) && ('userIdentity' in item || 'eventVersion' in item || 'eventTime' in item);
}

type CallKind = OpenCall['call'];

function withoutResources(pairs: readonly Pair[]): Pair[] {
  return [...new Set(pairs.map(({ action }) => action))].map((action) => ({ action }));
}

function opened(open: Map<string, OpenCall>, kind: CallKind): OpenCall {
  const key = keyOf(kind);
  const known = open.get(key);
  if (known !== undefined) return known;
  const { principal, service, name, pairs, outcome } = kind;
  const call = { ...(principal === undefined ? {} : { principal }), service, name, pairs, outcome };
  const made: OpenCall = { call, count: 0, months: new Map() };
  open.set(key, made);
  return made;
}

function note(
  known: OpenCall,
  count: number,
  firstIso: string | undefined,
  lastIso: string | undefined,
): void {
  known.count += count;
  if (firstIso !== undefined && (known.firstIso === undefined || firstIso < known.firstIso))
    known.firstIso = firstIso;
  if (lastIso !== undefined && (known.lastIso === undefined || lastIso > known.lastIso))
    known.lastIso = lastIso;
}

function keyOf(call: CallKind): string {
  let key = `${call.principal ?? ''}\n${call.service ? 's' : ''}${call.outcome}\n${call.name}`;
  for (const { action, resource } of call.pairs) key += `\n${action} ${resource ?? ''}`;
  return key;
}

function close(open: OpenCall): UsageCall {
  const { call, count, firstIso, lastIso, months } = open;
  return {
    ...call,
    count,
    months,
    ...(firstIso === undefined ? {} : { firstIso }),
    ...(lastIso === undefined ? {} : { lastIso }),
  };
}

/** A log as rows that can be stored and read back with the same meaning; malformed records are not kept. */
export function rowsOf(log: UsageLog): UsageRow[] {
  return log.calls.map((call) => {
    const [first, ...also]: readonly Pair[] = call.pairs;
    const [eventSource = '', eventName = ''] = call.name.split(/:(.*)/s);
    return {
      ...(call.service
        ? { principal: serviceName(eventSource) }
        : call.principal === undefined
          ? {}
          : { principal: call.principal }),
      ...(first === undefined ? { eventSource, eventName } : { action: first.action }),
      ...(first?.resource === undefined ? {} : { resource: first.resource }),
      count: call.count,
      ...(call.firstIso === undefined ? {} : { firstUsed: call.firstIso }),
      ...(call.lastIso === undefined ? {} : { lastUsed: call.lastIso }),
      outcome: call.outcome,
      ...(also.length === 0 ? {} : { also }),
      ...(call.months.size === 0 ? {} : { months: Object.fromEntries(call.months) }),
    };
  });
}

function serviceName(eventSource: string): string {
  return eventSource.endsWith('.amazonaws.com') ? eventSource : `${eventSource || 'service'}.amazonaws.com`;
}
