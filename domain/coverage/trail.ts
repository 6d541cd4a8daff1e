import { isRecord } from '../json.js';
import { prefixOfSource } from '../usage/event-source.js';

/** What a trail shows about itself, for one account: it says which evidence there can be at all. */
export interface TrailFacts {
  /** Records by day, `2026-09-30` → count. */
  days: ReadonlyMap<string, number>;
  /** Regions of which there is a record. */
  regions: ReadonlySet<string>;
  /** Services of which there is a data event. */
  dataServices: ReadonlySet<string>;
}

/** Takes records one by one; an account is the one that owns what was called. */
export interface TrailCollector {
  add(record: unknown): void;
  byAccount(): ReadonlyMap<string, TrailFacts>;
}

interface OpenFacts extends TrailFacts {
  days: Map<string, number>;
  regions: Set<string>;
  dataServices: Set<string>;
}

/** A trail of more accounts than this is read, but not told apart any more: account ids come from outside. */
const MAX_ACCOUNTS = 20_000;

/** Opens an empty collector. */
export function openTrailCollector(): TrailCollector {
  const accounts = new Map<string, OpenFacts>();
  return {
    add(record) {
      if (!isRecord(record)) return;
      const { recipientAccountId, eventTime, awsRegion } = record;
      const account = typeof recipientAccountId === 'string' ? recipientAccountId : '';
      const open = accounts.get(account) ?? { days: new Map(), regions: new Set(), dataServices: new Set() };
      if (accounts.size < MAX_ACCOUNTS) accounts.set(account, open);
      if (typeof eventTime === 'string') {
        const day = eventTime.slice(0, 10);
        open.days.set(day, (open.days.get(day) ?? 0) + 1);
      }
      if (typeof awsRegion === 'string') open.regions.add(awsRegion);
      if (isData(record)) open.dataServices.add(prefixOfSource(String(record['eventSource'])));
    },
    byAccount: () => accounts,
  };
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html */
function isData(record: Record<string, unknown>): boolean {
  return record['eventCategory'] === 'Data' || record['managementEvent'] === false;
}

/** A run of days without a record in an account that otherwise has records every day. */
export interface Gap {
  fromDay: string;
  toDay: string;
  days: number;
}

const DAY_MS = 86_400_000;
/** Records that the quiet days must have been missing for a gap to be more than chance: e^−10 of a Poisson process. */
const MISSED_RECORDS = 10;

/** Days of the window that are missing in the trail, judged by what its quieter quarter of days has. */
export function gapsOf(facts: TrailFacts, window: { fromIso: string; toIso: string }): Gap[] {
  const counts = [...facts.days.values()].sort((a, b) => a - b);
  const quiet = counts[Math.floor(counts.length / 4)] ?? 0;
  const from = Math.floor(Date.parse(window.fromIso) / DAY_MS);
  const to = Math.floor(Date.parse(window.toIso) / DAY_MS);
  const gaps: Gap[] = [];
  let start: number | undefined;
  for (let day = from; day <= to + 1; day += 1) {
    if (day <= to && !facts.days.has(dayText(day))) {
      start ??= day;
      continue;
    }
    if (start !== undefined && (day - start) * quiet >= MISSED_RECORDS)
      gaps.push({ fromDay: dayText(start), toDay: dayText(day - 1), days: day - start });
    start = undefined;
  }
  return gaps;
}

function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
