import type { Timing } from '../domain/lifecycle/timing.js';

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
  digestWindowMs: HOUR,
  verifyAfterMs: 15 * MINUTE,
  verifyEveryMs: 4 * HOUR,
  verifyGiveUpMs: 3 * DAY,
  routePollEveryMs: 15 * MINUTE,
  routeGiveUpMs: 14 * DAY,
  parkedRetriesMs: [HOUR, 6 * HOUR, DAY],
  pollEveryMs: 15 * MINUTE,
  fullPollEveryMs: 6 * HOUR,
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
  digestWindowMs: 0,
  verifyAfterMs: 3 * SECOND,
  verifyEveryMs: 10 * SECOND,
  verifyGiveUpMs: 5 * MINUTE,
  routePollEveryMs: 5 * SECOND,
  routeGiveUpMs: 30 * MINUTE,
  parkedRetriesMs: [15 * SECOND, MINUTE, 5 * MINUTE],
  pollEveryMs: 30 * SECOND,
  fullPollEveryMs: 5 * MINUTE,
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
  digestWindowMs: 0,
  verifyAfterMs: 200,
  verifyEveryMs: 500,
  verifyGiveUpMs: 8 * SECOND,
  routePollEveryMs: 250,
  routeGiveUpMs: 10 * SECOND,
  parkedRetriesMs: [SECOND, 2 * SECOND, 4 * SECOND],
  pollEveryMs: SECOND,
  fullPollEveryMs: 10 * SECOND,
  clusterWaitMs: 300,
};

export const TIMING_PROFILES = { life, demo, test } as const satisfies Record<string, Timing>;
export type TimingProfile = keyof typeof TIMING_PROFILES;
export const TIMING_PROFILE_NAMES = ['life', 'demo', 'test'] as const satisfies readonly TimingProfile[];

/** The timing in force: a named profile, with single values replaced. */
export function timingOf(profile: TimingProfile, overrides: Partial<Timing> = {}): Timing {
  return { ...TIMING_PROFILES[profile], ...overrides };
}
