import { ActivityFailure, isCancellation, log, proxyActivities } from '@temporalio/workflow';
import type { Activities, DeskRound } from '../../activities/contract.js';
import type { Timing } from '../../domain/lifecycle/timing.js';
import { keyedWrite, think } from '../activity-options.js';

/** What one round of the desk did. */
export interface DeskRoundTotals extends Omit<DeskRound, 'questions'> {
  answered: number;
}

/**
 * One round of the desk over the tickets of open requests. Answers are worded on `think`, the only queue that reaches a
 * model, and posted on `connect`. A question that could not be answered waits for the next round.
 */
export async function deskRounds({ timing }: { timing: Timing }): Promise<DeskRoundTotals> {
  const desk = proxyActivities<Activities>(keyedWrite(timing));
  const thinker = proxyActivities<Activities>(think(timing));
  const { questions, ...round } = await desk.tendDesk({});
  let answered = 0;
  for (const id of questions) {
    try {
      await thinker.answerComment({ id });
      await desk.postAnswer({ id });
      answered += 1;
    } catch (error) {
      if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
      log.warn('a question in a ticket waits for the next round', { id });
    }
  }
  return { ...round, answered };
}
