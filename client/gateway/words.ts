import type { ChangeStatus, RequestRow } from '../../activities/ledger/port.js';
import type { Person } from '../../domain/approval/request.js';
import type { Outcome, Route, Stage } from '../../domain/lifecycle/stage.js';

/** A colour with a meaning; the text beside it always says the same. */
export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'quiet';
export interface Wording {
  text: string;
  tone: Tone;
}

/** What people read for each stage. */
export const STAGE_WORDS: Readonly<Record<Stage, Wording>> = {
  new: { text: 'New', tone: 'quiet' },
  enriching: { text: 'Gathering context', tone: 'busy' },
  preparing: { text: 'Preparing a fix', tone: 'busy' },
  explaining: { text: 'Explaining', tone: 'busy' },
  asking: { text: 'Asking', tone: 'busy' },
  'awaiting-decision': { text: 'Waiting for a decision', tone: 'warn' },
  remediating: { text: 'Applying', tone: 'busy' },
  'awaiting-merge': { text: 'Waiting for the merge', tone: 'busy' },
  'awaiting-ticket': { text: 'Waiting for the ticket', tone: 'busy' },
  verifying: { text: 'Verifying', tone: 'busy' },
  'rolling-back': { text: 'Rolling back', tone: 'bad' },
  clustered: { text: 'Shares a fix', tone: 'busy' },
  parked: { text: 'Parked', tone: 'bad' },
  stopped: { text: 'Stopped', tone: 'bad' },
  closed: { text: 'Closed', tone: 'quiet' },
};

/** What people read for each outcome. */
export const OUTCOME_WORDS: Readonly<Record<Outcome, Wording>> = {
  verified: { text: 'Fixed and verified', tone: 'good' },
  'auto-remediated': { text: 'Fixed under a standing approval', tone: 'good' },
  rejected: { text: 'Rejected', tone: 'quiet' },
  expired: { text: 'Nobody decided in time', tone: 'warn' },
  'rolled-back': { text: 'Rolled back', tone: 'bad' },
  'fixed-still-open': { text: 'Fixed, still reported', tone: 'warn' },
  deferred: { text: 'Handed over, not seen done', tone: 'warn' },
  'never-touch': { text: 'Protected identity', tone: 'quiet' },
  blocked: { text: 'Blocked by guardrails', tone: 'warn' },
  observed: { text: 'Observed', tone: 'quiet' },
  unproven: { text: 'No provable fix', tone: 'warn' },
  'no-change': { text: 'Nothing to change', tone: 'good' },
  'resolved-at-source': { text: 'Resolved at the source', tone: 'good' },
  'below-floor': { text: 'Below the triage floor', tone: 'quiet' },
  cancelled: { text: 'Cancelled', tone: 'quiet' },
  stopped: { text: 'Stopped', tone: 'bad' },
};

/** What people read for the state of a request. */
export const REQUEST_WORDS: Readonly<Record<RequestRow['status'], Wording>> = {
  open: { text: 'Waiting for a decision', tone: 'warn' },
  approved: { text: 'Approved', tone: 'good' },
  rejected: { text: 'Rejected', tone: 'quiet' },
  expired: { text: 'Expired', tone: 'warn' },
  void: { text: 'Void', tone: 'quiet' },
  edited: { text: 'Edited: a new draft follows', tone: 'busy' },
};

/** What people read for the state of a change. */
export const CHANGE_WORDS: Readonly<Record<ChangeStatus, Wording>> = {
  planned: { text: 'Planned', tone: 'busy' },
  applying: { text: 'Applying', tone: 'busy' },
  applied: { text: 'Applied, being verified', tone: 'busy' },
  refused: { text: 'Refused', tone: 'bad' },
  'handed-over': { text: 'Handed over', tone: 'busy' },
  failed: { text: 'Verification failed', tone: 'bad' },
  'rolling-back': { text: 'Rolling back', tone: 'bad' },
  'rolled-back': { text: 'Rolled back', tone: 'bad' },
  verified: { text: 'Applied and verified', tone: 'good' },
};

/** What *Approve* sets off, by route, in one sentence each. */
export const ROUTE_WORDS: Readonly<Record<Route, { button: string; does: string }>> = {
  api: {
    button: 'Approve & deploy',
    does: 'Curtail applies exactly this change through the cloud’s API, reads it back, watches the next scan, and reverses it if anything that is in use gets denied.',
  },
  'pull-request': {
    button: 'Approve & open pull request',
    does: 'Curtail opens a pull request with exactly this change in the repository that manages the target, waits for your merge and pipeline, then verifies.',
  },
  ticket: {
    button: 'Approve & hand over',
    does: 'Curtail attaches exactly this change to the ticket for the team to apply, then watches for it and verifies. It changes nothing itself.',
  },
};

const SCORE_TONES = { critical: 'bad', high: 'bad', medium: 'warn', low: 'quiet', info: 'quiet' } as const;
/** Tone of a risk band or severity. */
export function severityTone(band: string): Tone {
  return Object.hasOwn(SCORE_TONES, band) ? SCORE_TONES[band as keyof typeof SCORE_TONES] : 'quiet';
}

/** A moment in the reader's own time zone, with the zone's name: `Tue, 24 Nov 2026, 14:05 CET`. */
export function localTime(ms: number, reader: Pick<Person, 'timeZone'>): string {
  return new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone: zoneOf(reader),
    timeZoneName: 'short',
  }).format(ms);
}

function zoneOf(reader: Pick<Person, 'timeZone'>): string {
  const zone = reader.timeZone ?? 'UTC';
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: zone });
    return zone;
  } catch {
    return 'UTC';
  }
}

const UNITS: readonly (readonly [ms: number, unit: Intl.RelativeTimeFormatUnit])[] = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
];
/** How far away a moment is: `in 3 days`, `2 hours ago`, `now`. */
export function fromNow(ms: number, nowMs: number): string {
  const distance = ms - nowMs;
  const [size, unit] = UNITS.find(([length]) => Math.abs(distance) >= length) ?? [60_000, 'minute' as const];
  const count = Math.trunc(distance / size);
  if (count === 0) return 'now';
  return new Intl.RelativeTimeFormat('en', { numeric: 'always' }).format(count, unit);
}

/** `1 finding`, `3 findings`. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? noun : plural}`;
}

/** The last part of an ARN or path, for places where the whole would crowd out the rest. */
export function shortName(id: string): string {
  // A task definition is `name:revision` behind the last slash.
  const last = id.split('/').filter(Boolean).at(-1) ?? id;
  return last.startsWith('arn:') ? (last.split(':').filter(Boolean).at(-1) ?? id) : last;
}
