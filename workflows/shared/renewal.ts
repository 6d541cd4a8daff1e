import { allHandlersFinished, condition, workflowInfo } from '@temporalio/workflow';
import type { PersonsEdit } from '../../activities/contract.js';
import type { Outcome, Phase } from '../../domain/lifecycle/stage.js';
import type { DecisionDesk } from './decision-desk.js';

/** What a life carries into its next run once something was approved. Times are absolute, ms since the epoch. */
export interface Going {
  changeId: string;
  requestId?: string;
  digest: string;
  /** What the ending is called when all is well. */
  success: Outcome;
  round: number;
  phase: Phase;
  edit?: PersonsEdit;
  stoppedUntilMs?: number;
  routeUntilMs?: number;
  verifyUntilMs?: number;
}

/** How a life whose history has grown long goes on in a new run. */
export interface Renewal {
  /** What is being carried out; undefined while nothing is approved, and the next run begins anew then. */
  going: Going | undefined;
  /** Goes on as a new run when the server suggests it. Called where a life waits again and again. */
  ifLong(): Promise<void>;
}

/** A wait's end: the one that an earlier run has set, or so long from now. */
export function deadlineOf(
  renewal: Renewal | undefined,
  which: 'stoppedUntilMs' | 'routeUntilMs' | 'verifyUntilMs',
  ms: number,
): number {
  const going = renewal?.going;
  const atMs = going?.[which] ?? Date.now() + ms;
  if (going !== undefined) going[which] = atMs;
  return atMs;
}

/**
 * Watches the length of the history.
 *
 * @param input `renewAfterEvents`: length at which it goes on although the server suggests nothing
 * @param again continues as new; what it is given is the next run's `going`
 */
export function openRenewal(
  desk: DecisionDesk,
  input: { going?: Going; renewAfterEvents?: number },
  again: (going: Going | undefined) => Promise<void>,
): Renewal {
  const renewal: Renewal = {
    going: input.going,
    async ifLong() {
      const { continueAsNewSuggested, historyLength } = workflowInfo();
      if (!continueAsNewSuggested && historyLength < (input.renewAfterEvents ?? Number.POSITIVE_INFINITY))
        return;
      // Whoever waits for a verdict here is told; the next run opens its own desk.
      desk.shut('this finding goes on in a new run; offer the decision again');
      await condition(allHandlersFinished);
      await again(renewal.going);
    },
  };
  return renewal;
}
