/** Where the polls of a source stand. Times are milliseconds since the epoch. */
export interface PollPosition {
  /** When the last poll that reached its end began, by the slower of both clocks. */
  sinceMs: number;
  /** When the last full poll that reached its end began. */
  fullAtMs: number;
}

/** What a poll reads: everything, or what changed since a time. */
export type PollPlan = { full: true } | { full: false; sinceMs: number };

/**
 * A full poll at first, and again when the last one is old, since only a full list shows what has vanished. In between,
 * what changed since the last poll *began*: whatever changed while it ran is asked for again, and nothing is lost between two.
 */
export function planPoll(
  position: PollPosition | undefined,
  at: { nowMs: number; fullEveryMs: number; incremental: boolean },
): PollPlan {
  if (position === undefined || !at.incremental) return { full: true };
  const isDue = at.nowMs - position.fullAtMs >= at.fullEveryMs;
  // A position from the future is a clock that was set back: it proves nothing.
  if (isDue || position.sinceMs > at.nowMs || position.fullAtMs > at.nowMs) return { full: true };
  return { full: false, sinceMs: position.sinceMs };
}

/** The position after a poll that reached its end. */
export function afterPoll(
  position: PollPosition | undefined,
  ended: { full: boolean; begunMs: number },
): PollPosition {
  const { full, begunMs } = ended;
  return { sinceMs: begunMs, fullAtMs: full ? begunMs : (position?.fullAtMs ?? 0) };
}

/** The beginning of a poll by the slower of both clocks: what a platform dates by a clock that is behind ours is not missed. */
export function slowerClock(beganMs: number, platformAheadMs: number | undefined): number {
  return beganMs + Math.min(0, platformAheadMs ?? 0);
}
