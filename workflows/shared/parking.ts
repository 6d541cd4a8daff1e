import {
  ActivityFailure,
  ApplicationFailure,
  condition,
  isCancellation,
  setHandler,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { Stage } from '../../domain/lifecycle/stage.js';
import type { Timing } from '../../domain/lifecycle/timing.js';
import { retryUpdate } from '../finding-lifecycle/messages.js';
import type { Progress } from './progress.js';
import type { Renewal } from './renewal.js';

/** Runs a step until it works. When all its attempts are used up the finding parks, tells once, and waits. */
export interface Parking {
  step<T>(stage: Stage, note: string, run: () => Promise<T>): Promise<T>;
}

/**
 * Opens the parking place. Call it before the first await.
 *
 * @param raise tells operators once for each time a step parks; when even that fails the workflow still waits.
 */
export function openParking(
  timing: Timing,
  progress: Progress,
  raise: (parked: string, stage: Stage) => Promise<void>,
  renewal?: Renewal,
): Parking {
  let retries = 0;
  setHandler(
    retryUpdate,
    () => {
      const parked = progress.status.parked !== undefined;
      if (parked) retries += 1;
      return { retried: parked };
    },
    { description: 'Tries a parked step again now: {}' },
  );

  async function step<T>(stage: Stage, note: string, run: () => Promise<T>): Promise<T> {
    for (let parkings = 0; ; parkings += 1) {
      progress.at(stage, note);
      try {
        return await run();
      } catch (error) {
        if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
        const parked = reasonOf(error);
        progress.at('parked', `${note}: ${parked}`, { parked });
        if (parkings === 0) await tell(raise, parked, stage);
        const seen = retries;
        const pauses = timing.parkedRetriesMs;
        const pauseMs = pauses[Math.min(parkings, pauses.length - 1)] ?? 3_600_000;
        await condition(() => retries > seen, pauseMs);
        await renewal?.ifLong();
      }
    }
  }
  return { step };
}

async function tell(
  raise: (parked: string, stage: Stage) => Promise<void>,
  parked: string,
  stage: Stage,
): Promise<void> {
  try {
    await raise(parked, stage);
  } catch (error) {
    // What is down may be what we would tell it through. The Temporal UI shows the parked stage anyway.
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
  }
}

/** The failure's type: the one word that workflows and operators branch on. */
export function reasonOf(error: ActivityFailure): string {
  if (error.cause instanceof ApplicationFailure) return error.cause.type ?? 'unknown';
  if (error.cause instanceof TimeoutFailure) {
    const last = error.cause.cause;
    return last instanceof ApplicationFailure ? (last.type ?? 'timeout') : 'timeout';
  }
  return 'unknown';
}
