import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities/contract.js';
import type { Timing } from '../../domain/lifecycle/timing.js';
import { ledger } from '../activity-options.js';

/** Exports the history of every closed run before the server's retention ends. */
export async function archiveHistory(input: {
  timing: Timing;
}): Promise<{ archived: number; overdue: number }> {
  return proxyActivities<Activities>(ledger(input.timing)).archiveHistories({});
}
