import type { UsageLog } from './usage.js';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 90;

/**
 * The window that a log speaks for when nobody says it: from its first to its last call, at least `days` long where
 * the platform says how long it observed. Without any date, the days before now.
 */
export function windowOf(log: UsageLog, nowMs: number, days?: number): { fromIso: string; toIso: string } {
  const times = log.calls
    .flatMap((call) => [call.firstIso, call.lastIso])
    .flatMap((iso) => (iso === undefined ? [] : [Date.parse(iso)]))
    .filter((time) => !Number.isNaN(time));
  const last = times.length === 0 ? nowMs : times.reduce((a, b) => Math.max(a, b));
  const first =
    times.length === 0 ? last - (days ?? DEFAULT_DAYS) * DAY_MS : times.reduce((a, b) => Math.min(a, b));
  const from = days === undefined ? first : Math.min(first, last - days * DAY_MS);
  return { fromIso: new Date(from).toISOString(), toIso: new Date(last).toISOString() };
}
