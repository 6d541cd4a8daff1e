import type { Log } from '../adapter.js';
import type { Warn } from './finding-parts.js';

/** Kinds of unknown value that are told apart; what comes beyond is counted together. */
const MAX_KINDS = 100;

/** Counts values that are not known yet, and logs what is new at the end of a page. */
export interface Warnings {
  warn: Warn;
  /** Logs what was counted since the last time, as one line. */
  report(): void;
  /** All that was ever counted, by value. */
  counts(): Readonly<Record<string, number>>;
}

/** Warnings of one source. */
export function countWarnings(source: string, log: Log): Warnings {
  const total = new Map<string, number>();
  let fresh = new Map<string, number>();
  return {
    warn: (what) => {
      const kind = total.has(what) || total.size < MAX_KINDS ? what : 'others';
      total.set(kind, (total.get(kind) ?? 0) + 1);
      fresh.set(kind, (fresh.get(kind) ?? 0) + 1);
    },
    report: () => {
      if (fresh.size === 0) return;
      log('warn', 'the platform uses values that are not known here', {
        source,
        values: Object.fromEntries(fresh),
      });
      fresh = new Map();
    },
    counts: () => Object.fromEntries(total),
  };
}
