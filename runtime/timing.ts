/** How long things may take, as data. All values are milliseconds. Workflows receive them in their input. */
export interface Timing {
  /** Reads of vendors, clouds and source control. */
  readTimeoutMs: number;
  /** Longest time for a read with all its retries. */
  readGiveUpMs: number;
  /** One attempt at a write. */
  writeTimeoutMs: number;
  /** Longest time for an idempotent write with all its retries. */
  writeGiveUpMs: number;
  /** A write that reports nothing for this long is on a dead worker. */
  heartbeatMs: number;
  /** One call of a language model. */
  thinkTimeoutMs: number;
  /** Longest time for a model call with all its retries; then the offline text is used. */
  thinkGiveUpMs: number;
  ledgerTimeoutMs: number;
  ledgerGiveUpMs: number;
  /** Factor on every wait of the approval ladder (`domain/approval/ladder.ts`); 1 is life. */
  ladderFactor: number;
  /** A request expires no earlier than this after the last delivered notice. */
  minNoticeMs: number;
  /** First look for the fix at the source after it was applied. */
  verifyAfterMs: number;
  /** Time between later looks. */
  verifyEveryMs: number;
  /** After this the source is believed to lag: `fixed-still-open`. */
  verifyGiveUpMs: number;
  /** Time between looks at a pull request or a ticket that a person works on. */
  routePollEveryMs: number;
  /** After this a pull request or ticket that nobody finished is `deferred`. */
  routeGiveUpMs: number;
  /** Waits before the first, second and third automatic try of a parked finding. */
  parkedRetriesMs: readonly number[];
  /** Time between polls of a source of findings. */
  pollEveryMs: number;
  /** How long a cluster stays open for further members before its draft is shown. */
  clusterWaitMs: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const life: Timing = {
  readTimeoutMs: MINUTE,
  readGiveUpMs: HOUR,
  writeTimeoutMs: 5 * MINUTE,
  writeGiveUpMs: HOUR,
  heartbeatMs: 30 * SECOND,
  thinkTimeoutMs: 2 * MINUTE,
  thinkGiveUpMs: 10 * MINUTE,
  ledgerTimeoutMs: 30 * SECOND,
  ledgerGiveUpMs: HOUR,
  ladderFactor: 1,
  minNoticeMs: 4 * HOUR,
  verifyAfterMs: 15 * MINUTE,
  verifyEveryMs: 4 * HOUR,
  verifyGiveUpMs: 3 * DAY,
  routePollEveryMs: 15 * MINUTE,
  routeGiveUpMs: 14 * DAY,
  parkedRetriesMs: [HOUR, 6 * HOUR, DAY],
  pollEveryMs: 15 * MINUTE,
  clusterWaitMs: 10 * MINUTE,
};

const demo: Timing = {
  readTimeoutMs: 20 * SECOND,
  readGiveUpMs: 2 * MINUTE,
  writeTimeoutMs: 30 * SECOND,
  writeGiveUpMs: 2 * MINUTE,
  heartbeatMs: 5 * SECOND,
  thinkTimeoutMs: 30 * SECOND,
  thinkGiveUpMs: MINUTE,
  ledgerTimeoutMs: 10 * SECOND,
  ledgerGiveUpMs: 2 * MINUTE,
  ladderFactor: 1 / 240,
  minNoticeMs: MINUTE,
  verifyAfterMs: 3 * SECOND,
  verifyEveryMs: 10 * SECOND,
  verifyGiveUpMs: 5 * MINUTE,
  routePollEveryMs: 5 * SECOND,
  routeGiveUpMs: 30 * MINUTE,
  parkedRetriesMs: [15 * SECOND, MINUTE, 5 * MINUTE],
  pollEveryMs: 30 * SECOND,
  clusterWaitMs: 3 * SECOND,
};

const test: Timing = {
  readTimeoutMs: 5 * SECOND,
  readGiveUpMs: 10 * SECOND,
  writeTimeoutMs: 5 * SECOND,
  writeGiveUpMs: 10 * SECOND,
  heartbeatMs: 2 * SECOND,
  thinkTimeoutMs: 3 * SECOND,
  thinkGiveUpMs: 6 * SECOND,
  ledgerTimeoutMs: 5 * SECOND,
  ledgerGiveUpMs: 10 * SECOND,
  ladderFactor: 1 / 7_200,
  minNoticeMs: 2 * SECOND,
  verifyAfterMs: 200,
  verifyEveryMs: 500,
  verifyGiveUpMs: 8 * SECOND,
  routePollEveryMs: 250,
  routeGiveUpMs: 10 * SECOND,
  parkedRetriesMs: [SECOND, 2 * SECOND, 4 * SECOND],
  pollEveryMs: SECOND,
  clusterWaitMs: 300,
};

export const TIMING_PROFILES = { life, demo, test } as const satisfies Record<string, Timing>;
export type TimingProfile = keyof typeof TIMING_PROFILES;
export const TIMING_PROFILE_NAMES = ['life', 'demo', 'test'] as const satisfies readonly TimingProfile[];

/** The timing in force: a named profile, with single values replaced. */
export function timingOf(profile: TimingProfile, overrides: Partial<Timing> = {}): Timing {
  return { ...TIMING_PROFILES[profile], ...overrides };
}
