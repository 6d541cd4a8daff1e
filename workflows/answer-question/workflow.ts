import { proxyActivities } from '@temporalio/workflow';
import type { Activities, Answer } from '../../activities/contract.js';
import { think } from '../activity-options.js';
import type { QuestionInput } from './messages.js';

/** Has a question answered where a model may be asked: the gateway, which people reach, has no way to one. */
export async function answerQuestion(input: QuestionInput): Promise<Answer> {
  const { timing, ...question } = input;
  const { answer } = proxyActivities<Activities>({
    ...think(timing),
    // Somebody is waiting in front of a page.
    scheduleToCloseTimeout: timing.thinkTimeoutMs,
    summary: 'answering a question about a draft',
  });
  return answer(question);
}
