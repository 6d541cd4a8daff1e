import type { Confidence, Proof } from '../proof/proof.js';
import type { LoggingScope } from '../usage/logging.js';
import { windowDays } from '../usage/seasonality.js';

/** What a draft's confidence is computed from. */
export interface ConfidenceInput {
  proof: Pick<Proof, 'verdict' | 'usage' | 'blindSpots'>;
  window: { fromIso: string; toIso: string };
  logging: LoggingScope;
  /** Actions that stay only because their events are not logged. */
  keptUnseen: number;
  /** Actions that are used once, monthly, quarterly or yearly. */
  seasonal: number;
}

interface Part {
  name: string;
  value: number;
  weight: number;
  why: string;
}

/** A window of a quarter has seen what runs monthly and quarterly; more adds little. */
const FULL_WINDOW_DAYS = 90;
/** The most that a draft over no window at all can have. */
const WITHOUT_WINDOW = 0.4;

/**
 * How much a draft may be relied on, 0..1: the weighted mean of its parts, but never more than the proof's own part,
 * nor than its window supports: without one, other evidence makes no more than `WITHOUT_WINDOW`. It says nothing
 * about the risk; it says how well the evidence carries the draft.
 */
export function confidenceOf(input: ConfidenceInput): Confidence {
  const proof = proofPart(input.proof.verdict);
  const window = windowPart(input);
  const parts: Part[] = [proof, window, loggingPart(input), coveragePart(input), seasonPart(input)];
  const weight = parts.reduce((sum, part) => sum + part.weight, 0);
  const mean = parts.reduce((sum, part) => sum + part.value * part.weight, 0) / weight;
  return {
    value: round(Math.min(mean, proof.value, WITHOUT_WINDOW + (1 - WITHOUT_WINDOW) * window.value)),
    parts: parts.map(({ name, value, why }) => ({ name, value: round(value), why })),
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

const PROOF_VALUE: Readonly<Record<Proof['verdict'], { value: number; why: string }>> = {
  proved: { value: 1, why: 'No new access and all observed use preserved, without a blind spot.' },
  partial: {
    value: 0.9,
    why: 'No new access and all observed use preserved; the log has named blind spots.',
  },
  unproven: { value: 0.3, why: 'An obligation could not be decided within its budget.' },
  broken: { value: 0, why: 'An obligation is refuted.' },
  restores: { value: 0, why: 'It restores earlier access, so there is no reduction to be sure of.' },
};

function proofPart(verdict: Proof['verdict']): Part {
  return { name: 'proof', weight: 3, ...PROOF_VALUE[verdict] };
}

function windowPart({ window }: ConfidenceInput): Part {
  const days = windowDays(window.fromIso, window.toIso);
  return {
    name: 'window',
    weight: 2,
    value: Math.min(1, days / FULL_WINDOW_DAYS),
    why: `The log covers ${days} days; ${FULL_WINDOW_DAYS} show what runs monthly and quarterly.`,
  };
}

function loggingPart({ logging, keptUnseen }: ConfidenceInput): Part {
  if (!logging.management) {
    return { name: 'logging', weight: 2, value: 0, why: 'Management events are not declared as logged.' };
  }
  if (keptUnseen === 0) {
    return {
      name: 'logging',
      weight: 2,
      value: 1,
      why: 'Every action in question is of a kind that the log records.',
    };
  }
  return {
    name: 'logging',
    weight: 2,
    value: 0.7,
    why: `${keptUnseen} actions stay only because the log does not show their use.`,
  };
}

function coveragePart({ proof: { usage } }: ConfidenceInput): Part {
  const known = usage === null ? 0 : usage.replayed + usage.notAllowedBefore;
  const unknown = usage === null ? 0 : usage.unmapped + usage.malformed;
  if (known + unknown === 0) {
    return { name: 'coverage', weight: 1, value: 0.5, why: 'No event about it is in the window.' };
  }
  return {
    name: 'coverage',
    weight: 1,
    value: known / (known + unknown),
    why: `${known} of ${known + unknown} events about it were understood.`,
  };
}

function seasonPart({ seasonal, window }: ConfidenceInput): Part {
  const long = windowDays(window.fromIso, window.toIso) >= FULL_WINDOW_DAYS;
  if (seasonal === 0) {
    return {
      name: 'seasonality',
      weight: 1,
      value: long ? 1 : 0.8,
      why: 'No action follows a season that the window may have cut off.',
    };
  }
  return {
    name: 'seasonality',
    weight: 1,
    value: long ? 0.9 : 0.6,
    why: `${seasonal} actions are used seasonally; others of that kind may lie outside the window.`,
  };
}
