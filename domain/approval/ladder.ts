import type { Severity } from '../finding/finding.js';

/** One step of asking: after `afterMs` since the request opened, do `act`. */
export interface Rung {
  name: string;
  afterMs: number;
  act: 'remind' | 'escalate' | 'expire';
}
/** Rungs by time; the last one expires. */
export type Ladder = readonly Rung[];

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** How long people have, and who is asked next, by severity. Times since the request opened. */
export const LADDER = {
  critical: [
    { name: 'reminder', afterMs: 4 * HOUR, act: 'remind' },
    { name: 'escalation', afterMs: 12 * HOUR, act: 'escalate' },
    { name: 'expiry', afterMs: 3 * DAY, act: 'expire' },
  ],
  high: [
    { name: 'reminder', afterMs: DAY, act: 'remind' },
    { name: 'escalation', afterMs: 3 * DAY, act: 'escalate' },
    { name: 'expiry', afterMs: 7 * DAY, act: 'expire' },
  ],
  medium: [
    { name: 'reminder', afterMs: 3 * DAY, act: 'remind' },
    { name: 'escalation', afterMs: 7 * DAY, act: 'escalate' },
    { name: 'expiry', afterMs: 14 * DAY, act: 'expire' },
  ],
  low: [
    { name: 'reminder', afterMs: 7 * DAY, act: 'remind' },
    { name: 'expiry', afterMs: 30 * DAY, act: 'expire' },
  ],
  info: [{ name: 'expiry', afterMs: 30 * DAY, act: 'expire' }],
} as const satisfies Record<Severity, Ladder>;

/** What the desk has done so far. Absolute times, so that a continued run agrees with the first. */
export interface LadderState {
  openedAtMs: number;
  /** Index of the next rung that was not taken. */
  nextRung: number;
  /** When the last notice was *delivered*; undefined while nobody was reached. */
  lastNoticeAtMs?: number;
  /** When each rung is due, where the asked team's working hours moved it. */
  dueAtMs?: readonly number[];
}

/** What a request's desk does next, and when. */
export type NextStep =
  | { step: 'wait'; untilMs: number }
  /** Rungs that are overdue collapse into the latest of them. */
  | { step: 'notify'; rung: Rung; nextRung: number }
  | { step: 'expire'; atMs: number };

/**
 * What the desk does next, from absolute times only.
 * A request expires no earlier than `minNoticeMs` after the last delivered notice: nobody loses their say because a
 * notice was late.
 */
export function nextStep(ladder: Ladder, state: LadderState, nowMs: number, minNoticeMs: number): NextStep {
  const overdue = ladder.findLastIndex(
    (rung, index) => index >= state.nextRung && rung.act !== 'expire' && due(ladder, index, state) <= nowMs,
  );
  // A notice that is due comes before expiry, however late it is: a standstill of ours takes nobody's say.
  const rung = ladder[overdue];
  if (rung !== undefined) return { step: 'notify', rung, nextRung: overdue + 1 };
  const expiry = expiresAt(ladder, state, minNoticeMs);
  if (nowMs >= expiry) return { step: 'expire', atMs: expiry };
  const next = ladder.findIndex((candidate, index) => index >= state.nextRung && candidate.act !== 'expire');
  return { step: 'wait', untilMs: next < 0 ? expiry : Math.min(due(ladder, next, state), expiry) };
}

/** When the request expires if nothing more is delivered. */
export function expiresAt(ladder: Ladder, state: LadderState, minNoticeMs: number): number {
  const last = ladder.findLastIndex((rung) => rung.act === 'expire');
  const planned = last < 0 ? state.openedAtMs + 30 * DAY : due(ladder, last, state);
  return state.lastNoticeAtMs === undefined ? planned : Math.max(planned, state.lastNoticeAtMs + minNoticeMs);
}

/** The same ladder in another time scale: demonstrations and tests run the code of the long waits. */
export function scaleLadder(ladder: Ladder, factor: number): Ladder {
  return ladder.map((rung) => ({ ...rung, afterMs: Math.max(1, Math.round(rung.afterMs * factor)) }));
}

function due(ladder: Ladder, index: number, state: LadderState): number {
  return state.dueAtMs?.[index] ?? state.openedAtMs + (ladder[index]?.afterMs ?? 0);
}
