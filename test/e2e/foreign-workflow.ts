import { proxyActivities } from '@temporalio/workflow';
import type { Activities, Applied } from '../../activities/contract.js';

/** A workflow that is none of ours and asks our change worker to act. */
export async function foreign(input: { changeId: string; taskQueue: string }): Promise<Applied> {
  const { apply } = proxyActivities<Activities>({
    taskQueue: input.taskQueue,
    scheduleToCloseTimeout: '10 seconds',
  });
  return apply({ changeId: input.changeId });
}
