import { proxyActivities } from '@temporalio/workflow';
import type { Activities, ReconcileResult } from '../../activities/contract.js';
import type { Timing } from '../../domain/lifecycle/timing.js';
import { ledger } from '../activity-options.js';

/** Compares the ledger's live findings with live executions: what was terminated is marked stopped, never restarted. */
export async function reconcile(input: { timing: Timing }): Promise<ReconcileResult> {
  return proxyActivities<Activities>(ledger(input.timing)).reconcile({});
}
