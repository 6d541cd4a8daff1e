import { actionInfo } from '../iam/catalogue.js';
import { highRiskWords } from '../risk/high-risk-actions.js';
import { printable } from '../text/plain-text.js';
import { type FailureKind, failureBurst, volumeJump } from './counts.js';
import type { History, Novelty } from './history.js';
import type { Feature, Observation } from './observation.js';
import { type Profiles, periodOf } from './profile.js';

/** One way in which an event is unusual. */
export interface Signal {
  /** Events with the same key show the same thing, so that it counts once for an identity. */
  key: string;
  /** 0..1: how much it alone makes the event unusual. */
  strength: number;
  why: string;
}

/** How much each first sight can weigh. Where a call comes from changes often; where it goes and what it asks does not. */
const WEIGHTS: Readonly<Record<Feature, number>> = {
  action: 0.75,
  service: 0.35,
  region: 0.75,
  role: 0.75,
  network: 0.35,
  agent: 0.3,
  hour: 0.25,
};
const FAILURE_WEIGHTS: Readonly<Record<FailureKind, number>> = { denied: 0.65, failed: 0.4 };
const VOLUME_WEIGHT = 0.65;
const ROOT_STRENGTH = 0.45;
const ATTACK_TOOL_STRENGTH = 0.75;
/** Surprise, in bits, that counts in full: one in a thousand. */
const FULL_BITS = 10;
/** What is new to the identity, but what many others do, is likelier a changed duty. */
const SHARED_FACTOR = 0.7;
/** An identity's first sight of what the whole organisation never saw. */
const EVERYBODY_FACTOR = 0.85;
/** Who works at more different hours than these has no hours. */
const REGULAR_HOURS = 12;
/** So many hours from any other hour of its own, and it is another time of the day altogether. */
const FAR_HOURS = 4;
/** Below this a signal is not worth a word. */
const LEAST_STRENGTH = 0.04;

/** Everything that is unusual about an event, strongest first. */
export function signalsOf(observation: Observation, profiles: Profiles): Signal[] {
  const period = periodOf(observation, profiles.periodMs);
  const signals = [
    ...novelties(observation, period, profiles),
    ...countSignals(observation, period, profiles),
    ...fixedSignals(observation),
  ];
  return signals.filter(({ strength }) => strength >= LEAST_STRENGTH).sort((a, b) => b.strength - a.strength);
}

function novelties(observation: Observation, period: number, profiles: Profiles): Signal[] {
  const own = profiles.of.get(observation.principal);
  const signals: Signal[] = [];
  for (const [feature, value] of Object.entries(observation.values) as [Feature, string][]) {
    const mine = noveltyIn(own?.histories.get(feature), value, period);
    const all = noveltyIn(profiles.everybody.histories.get(feature), value, period);
    const surprise = Math.max(bitsOf(mine), EVERYBODY_FACTOR * bitsOf(all));
    const strength =
      WEIGHTS[feature] *
      Math.min(1, surprise / FULL_BITS) *
      factorOf(feature, mine.known, observation, profiles);
    // Most values are usual, so that no sentence is made for them.
    if (strength < LEAST_STRENGTH) continue;
    const why = whyOf(feature, value, { mine, all, observation, periodMs: profiles.periodMs });
    signals.push({ key: feature === 'hour' ? feature : `${feature} ${value}`, strength, why });
  }
  return signals;
}

function noveltyIn(history: History | undefined, value: string, period: number): Novelty {
  return history?.novelty(value, period) ?? { before: 0, elsewhere: 0, periods: 0, known: 0 };
}

// Half each: what is new and stays is a changed duty, what is rare at any time stands out wherever the log begins.
function bitsOf({ before, elsewhere }: Novelty): number {
  return (before + elsewhere) / 2;
}

function factorOf(feature: Feature, known: number, observation: Observation, profiles: Profiles): number {
  if (feature === 'hour') return known > REGULAR_HOURS ? 0 : hourDistance(observation, profiles) / FAR_HOURS;
  if (feature !== 'action') return 1;
  const users = profiles.users.get(observation.values.action ?? '')?.size ?? 1;
  const shared = users > 2 && users > profiles.of.size / 4 ? SHARED_FACTOR : 1;
  return shared * sensitivityOf(observation);
}

/** Hours, at most `FAR_HOURS`, to the nearest other hour at which the identity was ever active: working late is no night. */
function hourDistance({ principal, values }: Observation, profiles: Profiles): number {
  const hour = Number(values.hour);
  let nearest = FAR_HOURS;
  for (const other of profiles.of.get(principal)?.hours ?? []) {
    const apart = Math.abs(other - hour);
    if (apart > 0) nearest = Math.min(nearest, apart, 24 - apart);
  }
  return nearest;
}

/** What an action can do decides how much its first sight matters. */
function sensitivityOf({ pairs }: Observation): number {
  let most = 0.6;
  for (const { action } of pairs) {
    if (highRiskWords(action) !== undefined) return 1;
    const level = actionInfo(action)?.level;
    most = Math.max(most, level === 'Permissions management' ? 1 : level === 'Write' ? 0.85 : 0.6);
  }
  return most;
}

interface Told {
  mine: Novelty;
  all: Novelty;
  observation: Observation;
  periodMs: number;
}

function whyOf(feature: Feature, value: string, { mine, all, observation, periodMs }: Told): string {
  const seen = `${sightOf(mine)}${all.before > 0 && all.periods > 0 ? '; nobody else did it before either' : ''}`;
  const base = baselineOf(feature, mine, periodMs);
  const shown = printable(value);
  switch (feature) {
    case 'action':
      return `${seen}: ${shown}${base}.${risk(observation)}`;
    case 'service':
      return `${seen}: the service ${shown}${base}.`;
    case 'region':
      return `${seen}: the region ${shown}${base}.`;
    case 'role':
      return `${seen}: assuming ${shown}${base}.`;
    case 'network':
      return `${seen}: calls from ${shown}${base}.`;
    case 'agent':
      return `${seen}: the program ${shown}${base}.`;
    case 'hour':
      return `${seen}: active at ${shown}:00 UTC${base}.`;
  }
}

function sightOf({ before, periods }: Novelty): string {
  if (before > 0) return 'First seen';
  return periods === 0 ? 'Seen only here' : 'Seldom seen';
}

function baselineOf(feature: Feature, { periods, known }: Novelty, periodMs: number): string {
  if (periods === 0) return ' (nothing is known of it before)';
  const span = spanWords(periods, periodMs);
  // Who assumes no role has no other roles that could be counted.
  if (feature === 'role') return ` (${span} before)`;
  return ` (${known} ${known === 1 ? 'other' : 'others'} in ${span} before)`;
}

function spanWords(periods: number, periodMs: number): string {
  const hours = periodMs / 3_600_000;
  if (hours === 24) return `${periods} active ${periods === 1 ? 'day' : 'days'}`;
  const length = hours >= 1 ? `${hours} h` : `${hours * 60} min`;
  return `${periods} active ${periods === 1 ? 'period' : 'periods'} of ${length}`;
}

function risk({ pairs }: Observation): string {
  for (const { action } of pairs) {
    const words = highRiskWords(action);
    if (words !== undefined) return ` Its holder can ${words}.`;
  }
  return '';
}

const FAILURE_KINDS: ReadonlyMap<Observation['outcome'], FailureKind> = new Map([
  ['denied', 'denied'],
  ['error', 'failed'],
]);

function countSignals(observation: Observation, period: number, profiles: Profiles): Signal[] {
  const counts = profiles.of.get(observation.principal)?.counts;
  if (counts === undefined) return [];
  const signals: Signal[] = [];
  const jump = volumeJump(counts, period);
  const when = new Date(period * profiles.periodMs).toISOString().slice(0, 16).replace('T', ' ');
  if (jump !== undefined) {
    signals.push({
      key: 'volume',
      strength: VOLUME_WEIGHT * jump.strength,
      why: `${jump.calls} calls from ${when} UTC, where ${Math.round(jump.usual)} are usual for it.`,
    });
  }
  const kind = FAILURE_KINDS.get(observation.outcome);
  const burst = kind === undefined ? undefined : failureBurst(counts, period, kind);
  if (kind !== undefined && burst !== undefined) {
    signals.push({
      key: kind,
      strength: FAILURE_WEIGHTS[kind] * burst.strength,
      why: `${burst.calls} ${kind === 'denied' ? 'refused' : 'failed'} calls of ${burst.actions} ${burst.actions === 1 ? 'action' : 'different actions'} from ${when} UTC, more than it usually gets.`,
    });
  }
  return signals;
}

function fixedSignals({ root, attackTool }: Observation): Signal[] {
  return [
    ...(root
      ? [
          {
            key: 'root',
            strength: ROOT_STRENGTH,
            why: 'The account root itself, which daily work never needs.',
          },
        ]
      : []),
    ...(attackTool
      ? [
          {
            key: 'attack-tool',
            strength: ATTACK_TOOL_STRENGTH,
            why: 'The calling program names itself after a toolkit for penetration tests.',
          },
        ]
      : []),
  ];
}

/** How unusual it is that the identity appears at all, among identities that have been known for long. */
export function newcomerSignal(first: Observation, profiles: Profiles): Signal | undefined {
  const seen = profiles.identities.novelty(first.principal, periodOf(first, profiles.periodMs));
  if (seen.before === 0) return undefined;
  return {
    key: 'newcomer',
    strength: 0.3 * Math.min(1, seen.before / FULL_BITS),
    why: `A new identity: its first call is on ${new Date(first.timeMs).toISOString().slice(0, 10)}, ${seen.known} others were known before.`,
  };
}
