import type { Pair } from './event-map.js';

/** What became of a call. `denied` was refused for authorisation and is not use; any other error is use. */
export type UsageOutcome = 'ok' | 'denied' | 'error';

/**
 * Observed use, as the command-line contract writes it: one line per distinct request, with its count.
 * `also` and `months` are ours: what else the same call was authorised for, and how its count spreads.
 */
export interface UsageRow {
  /** ARN of the caller; absent: the principal in question. */
  principal?: string;
  /** IAM action; or the log's own names, which are then mapped. */
  action?: string;
  eventSource?: string;
  eventName?: string;
  resource?: string;
  context?: Readonly<Record<string, string | readonly string[]>>;
  count: number;
  /** ISO date or date-time. */
  firstUsed?: string;
  lastUsed?: string;
  outcome?: UsageOutcome;
  also?: readonly Pair[];
  /** Calls per month, `2026-11` → count. */
  months?: Readonly<Record<string, number>>;
}

/** Calls of one kind, understood. */
export interface UsageCall {
  /** Absent: the principal in question. */
  principal?: string;
  /** Made by an AWS service for itself, not on a caller's behalf. */
  service: boolean;
  /** What the call was authorised for; empty when no IAM action is known for it. */
  pairs: readonly Pair[];
  /** The log's own name, `s3.amazonaws.com:GetObject`, or the row's action. */
  name: string;
  count: number;
  firstIso?: string;
  lastIso?: string;
  months: ReadonlyMap<string, number>;
  outcome: UsageOutcome;
}

/** A usage window's calls. `total` counts every event, the malformed ones too. */
export interface UsageLog {
  calls: readonly UsageCall[];
  malformed: number;
  total: number;
}
