import { isRecord } from '../json.js';
import type { Pair } from './event-map.js';
import { readEvent } from './events.js';
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
}

/** Opens an empty collector. */
export function openCollector(): UsageCollector {
  const open = new Map<string, OpenCall>();
  const counts = { malformed: 0, total: 0 };

  function add(item: unknown): void {
    if (isRecord(item) && Array.isArray(item['Records'])) {
      for (const record of item['Records']) addOne(record);
      return;
    }
    addOne(item);
  }

  function addOne(item: unknown): void {
    const call = isCloudTrail(item) ? fromEvent(item) : readRow(item);
    if (call === undefined) {
      counts.malformed += 1;
      counts.total += 1;
      return;
    }
    counts.total += call.count;
    merge(open, call);
  }

  return {
    add,
    log: () => ({ calls: [...open.values()].map(close), ...counts }),
  };
}

/** Reads a whole list: rows, CloudTrail records, files of them, or a mixture. */
export function readUsage(items: readonly unknown[]): UsageLog {
  const collector = openCollector();
  for (const item of items) collector.add(item);
  return collector.log();
}

function isCloudTrail(item: unknown): boolean {
  return isRecord(item) && ('userIdentity' in item || 'eventVersion' in item || 'eventTime' in item);
}

function fromEvent(item: unknown): UsageCall | undefined {
  const event = readEvent(item);
  if (event === undefined) return undefined;
  const { timeIso, ...rest } = event;
  return {
    ...rest,
    count: 1,
    firstIso: timeIso,
    lastIso: timeIso,
    months: new Map([[timeIso.slice(0, 7), 1]]),
  };
}

function merge(open: Map<string, OpenCall>, call: UsageCall): void {
  const key = keyOf(call);
  const known = open.get(key);
  if (known === undefined) {
    const { count, firstIso, lastIso, months, ...rest } = call;
    open.set(key, {
      call: rest,
      count,
      months: new Map(months),
      ...(firstIso === undefined ? {} : { firstIso }),
      ...(lastIso === undefined ? {} : { lastIso }),
    });
    return;
  }
  known.count += call.count;
  if (call.firstIso !== undefined && (known.firstIso === undefined || call.firstIso < known.firstIso)) {
    known.firstIso = call.firstIso;
  }
  if (call.lastIso !== undefined && (known.lastIso === undefined || call.lastIso > known.lastIso)) {
    known.lastIso = call.lastIso;
  }
  for (const [month, count] of call.months) known.months.set(month, (known.months.get(month) ?? 0) + count);
}

function keyOf(call: UsageCall): string {
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
    const named = first === undefined || call.service;
    return {
      ...(call.service
        ? { principal: serviceName(eventSource) }
        : call.principal === undefined
          ? {}
          : { principal: call.principal }),
      ...(named || first === undefined ? { eventSource, eventName } : { action: first.action }),
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
