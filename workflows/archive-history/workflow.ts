import { proxyActivities } from '@temporalio/workflow';
import type { Activities, Archived } from '../../activities/contract.js';
import type { Timing } from '../../domain/lifecycle/timing.js';
import { keyedWrite } from '../activity-options.js';

/** Calls in one run at most; the next Schedule goes on. */
const MAX_CALLS = 200;

/** Exports the history of every closed run before the server's retention ends. */
export async function archiveHistory(input: { timing: Timing }): Promise<Omit<Archived, 'more'>> {
  const { archiveHistories } = proxyActivities<Activities>(keyedWrite(input.timing, 'core'));
  const total = { archived: 0, failed: 0, overdue: 0 };
  for (let calls = 0; calls < MAX_CALLS; calls += 1) {
    const { archived, failed, overdue, more } = await archiveHistories({});
    total.archived += archived;
    // The same ones fail in every call.
    total.failed = Math.max(total.failed, failed);
    total.overdue = Math.max(total.overdue, overdue);
    if (!more) break;
  }
  return total;
}
