import { idOf, type Observation, observe } from './observation.js';
import { learn, type Profiles } from './profile.js';
import { newcomerSignal, type Signal, signalsOf } from './signals.js';

/** What is ranked, how unusual it is, and why. */
export interface RankedEvent {
  event: string;
  score: number;
  why: readonly string[];
}
/** A principal with how unusual it is (0 to 1), and why in words. */
export interface RankedPrincipal {
  principal: string;
  score: number;
  why: readonly string[];
}

/** Each further signal counts for less: several small oddities are no break-in. */
const DECAY = 0.75;
const MAX_REASONS = 6;
/** Signals of an identity that are combined; more change nothing that is visible. */
const MAX_SIGNALS = 12;

/**
 * Ranks events by how unusual each is for the identity that made it, most unusual first. Services' own calls and
 * records that cannot be read are ranked last with a score of 0.
 */
export function rankEvents(records: readonly unknown[]): RankedEvent[] {
  const observed = records.map(observe);
  const profiles = learn(observed.filter((each) => each !== undefined));
  const ranked = observed.map((each, place): RankedEvent & { timeMs: number } => {
    if (each === undefined)
      return { event: idOf(idIn(records[place]), place), score: 0, why: [], timeMs: Number.MAX_VALUE };
    const signals = signalsOf(each, profiles);
    return { event: each.id, score: combined(signals), why: reasons(signals), timeMs: each.timeMs };
  });
  // Of the equally unusual the earliest comes first: where it began.
  return ranked
    .sort((a, b) => b.score - a.score || a.timeMs - b.timeMs || (a.event < b.event ? -1 : 1))
    .map(({ event, score, why }) => ({ event, score, why }));
}

function idIn(record: unknown): unknown {
  return typeof record === 'object' && record !== null && 'eventID' in record ? record.eventID : undefined;
}

/** Ranks identities by the unusual things that each did, most unusual first. */
export function rankPrincipals(records: readonly unknown[]): RankedPrincipal[] {
  const observed = records.map(observe).filter((each) => each !== undefined);
  const profiles = learn(observed);
  const ranked = [...byPrincipal(observed)].map(([principal, own]): RankedPrincipal => {
    const signals = principalSignals(own, profiles);
    return { principal, score: combined(signals), why: reasons(signals) };
  });
  return ranked.sort((a, b) => b.score - a.score || (a.principal < b.principal ? -1 : 1));
}

function byPrincipal(observed: readonly Observation[]): Map<string, Observation[]> {
  const groups = new Map<string, Observation[]>();
  for (const observation of observed) {
    const group = groups.get(observation.principal);
    if (group === undefined) groups.set(observation.principal, [observation]);
    else group.push(observation);
  }
  return groups;
}

/** The strongest signal of each kind and value, over all events of the identity. */
function principalSignals(own: readonly Observation[], profiles: Profiles): Signal[] {
  const strongest = new Map<string, Signal>();
  let first: Observation | undefined;
  for (const observation of own) {
    if (first === undefined || observation.timeMs < first.timeMs) first = observation;
    for (const signal of signalsOf(observation, profiles)) {
      const known = strongest.get(signal.key);
      if (known === undefined || signal.strength > known.strength) strongest.set(signal.key, signal);
    }
  }
  const newcomer = first === undefined ? undefined : newcomerSignal(first, profiles);
  return [...strongest.values(), ...(newcomer === undefined ? [] : [newcomer])].sort(
    (a, b) => b.strength - a.strength,
  );
}

/** 1 − Π (1 − strength × decay^i): together more than alone, never more than 1. Signals come strongest first. */
function combined(signals: readonly Signal[]): number {
  let usual = 1;
  for (const [i, { strength }] of signals.slice(0, MAX_SIGNALS).entries()) usual *= 1 - strength * DECAY ** i;
  return Math.round((1 - usual) * 1000) / 1000;
}

function reasons(signals: readonly Signal[]): string[] {
  return signals.slice(0, MAX_REASONS).map(({ why }) => why);
}
