import type { ActivityOptions } from '@temporalio/common';
import { workflowInfo } from '@temporalio/workflow';
import type { Timing } from '../domain/lifecycle/timing.js';
import { siblingQueue, type Zone } from './naming.js';

/**
 * Retries belong to the kind of effect, not to the vendor. Temporal alone retries. Every activity has a
 * schedule-to-close time-out: on exhaustion the finding parks and says so.
 */
type Options = ActivityOptions & { taskQueue: string };

function queue(zone: Zone): string {
  return siblingQueue(workflowInfo().taskQueue, zone);
}

/** A read: repeat as often as it takes. */
export function read(timing: Timing): Options {
  return {
    taskQueue: queue('connect'),
    startToCloseTimeout: timing.readTimeoutMs,
    scheduleToCloseTimeout: timing.readGiveUpMs,
    retry: { initialInterval: 500, backoffCoefficient: 2, maximumInterval: '1 minute' },
  };
}

/** A write that is idempotent by its key: safe to repeat, and heartbeats so that a lost worker is noticed. */
export function keyedWrite(timing: Timing, zone: Zone = 'connect'): Options {
  return {
    taskQueue: queue(zone),
    startToCloseTimeout: timing.writeTimeoutMs,
    scheduleToCloseTimeout: timing.writeGiveUpMs,
    heartbeatTimeout: timing.heartbeatMs,
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '2 minutes' },
  };
}

/** A model call: few attempts, since the templates over the engine's results are always there. */
export function think(timing: Timing): Options {
  return {
    taskQueue: queue('think'),
    startToCloseTimeout: timing.thinkTimeoutMs,
    scheduleToCloseTimeout: timing.thinkGiveUpMs,
    retry: { initialInterval: '1 second', maximumAttempts: 3 },
  };
}

/** Ledger and engine: ours, quick to answer, repeated until the ledger is back. */
export function ledger(timing: Timing): Options {
  return {
    taskQueue: queue('core'),
    startToCloseTimeout: timing.ledgerTimeoutMs,
    scheduleToCloseTimeout: timing.ledgerGiveUpMs,
    retry: { initialInterval: 200, backoffCoefficient: 2, maximumInterval: '30 seconds' },
  };
}
