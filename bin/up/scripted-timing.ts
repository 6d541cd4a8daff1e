import type { Timing } from '../../domain/lifecycle/timing.js';

/** Waits of a scripted run: people decide within seconds, and who does not answer expires within about a minute and a half. */
export const SCRIPTED_TIMING: Partial<Timing> = {
  ladderFactor: 1 / 16_000,
  minNoticeMs: 45_000,
  verifyAfterMs: 1_000,
  verifyEveryMs: 2_000,
  routePollEveryMs: 2_000,
  clusterWaitMs: 2_000,
  pollEveryMs: 60_000,
};
