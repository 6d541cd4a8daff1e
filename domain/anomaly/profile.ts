import type { PeriodCount } from './counts.js';
import { History } from './history.js';
import { FEATURES, type Feature, type Observation } from './observation.js';

/** What is known of one identity, or of all of them together. */
export interface Profile {
  histories: ReadonlyMap<Feature, History>;
  counts: ReadonlyMap<number, PeriodCount>;
  /** Hours of the day (UTC) at which it was ever active. */
  hours: ReadonlySet<number>;
}

/** Everything that an event is compared with. */
export interface Profiles {
  of: ReadonlyMap<string, Profile>;
  everybody: Profile;
  /** Which identities were active when. */
  identities: History;
  /** Identities that use each action. */
  users: ReadonlyMap<string, ReadonlySet<string>>;
  /** Length of a period. */
  periodMs: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** A period is the longest of these that the log has enough of. */
const PERIODS = [DAY_MS, 6 * HOUR_MS, HOUR_MS, 10 * MINUTE_MS, MINUTE_MS];
const ENOUGH_PERIODS = 10;
/** The hour of the day says something only when several days are known. */
const HOURS_FROM_MS = 5 * DAY_MS;

/** Calls that assume no role, or have no region, are a past too: who never assumed a role surprises with one. */
const ABSENT: ReadonlyMap<Feature, string> = new Map([
  ['role', ''],
  ['region', ''],
]);

/** Learns the profile of every identity and of all together. */
export function learn(observations: readonly Observation[]): Profiles {
  const { periodMs, hours } = scaleOf(observations);
  const of = new Map<string, OpenProfile>();
  const everybody = openProfile();
  const identities = new History();
  const users = new Map<string, Set<string>>();
  for (const observation of observations) {
    const period = periodOf(observation, periodMs);
    const own = of.get(observation.principal) ?? openProfile();
    of.set(observation.principal, own);
    for (const profile of [own, everybody]) {
      count(profile.counts, period, observation);
      profile.hours.add(Number(observation.values.hour));
      for (const feature of FEATURES) {
        const value = observation.values[feature] ?? ABSENT.get(feature);
        if (value === undefined || (feature === 'hour' && !hours)) continue;
        profile.histories.get(feature)?.add(value, period);
      }
    }
    identities.add(observation.principal, period);
    const action = observation.values.action ?? '';
    const sharers = users.get(action) ?? new Set();
    users.set(action, sharers.add(observation.principal));
  }
  return { of, everybody, identities, users, periodMs };
}

/** The number of the period in which an event lies. */
export function periodOf({ timeMs }: Pick<Observation, 'timeMs'>, periodMs: number): number {
  return Math.floor(timeMs / periodMs);
}

function scaleOf(observations: readonly Observation[]): { periodMs: number; hours: boolean } {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const { timeMs } of observations) {
    first = Math.min(first, timeMs);
    last = Math.max(last, timeMs);
  }
  const span = observations.length === 0 ? 0 : last - first;
  const periodMs = PERIODS.find((each) => span / each >= ENOUGH_PERIODS) ?? MINUTE_MS;
  return { periodMs, hours: span >= HOURS_FROM_MS };
}

interface OpenProfile extends Profile {
  counts: Map<number, PeriodCount>;
  hours: Set<number>;
}

function openProfile(): OpenProfile {
  return {
    histories: new Map(FEATURES.map((feature) => [feature, new History()])),
    counts: new Map(),
    hours: new Set(),
  };
}

function count(counts: Map<number, PeriodCount>, period: number, observation: Observation): void {
  const known = counts.get(period) ?? {
    calls: 0,
    denied: 0,
    deniedActions: new Set<string>(),
    failed: 0,
    failedActions: new Set<string>(),
  };
  known.calls += 1;
  if (observation.outcome === 'denied') {
    known.denied += 1;
    known.deniedActions.add(observation.values.action ?? '');
  }
  if (observation.outcome === 'error') {
    known.failed += 1;
    known.failedActions.add(observation.values.action ?? '');
  }
  counts.set(period, known);
}
