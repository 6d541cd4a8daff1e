import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities/contract.js';
import type { Timing } from '../../domain/lifecycle/timing.js';
import { keyedWrite } from '../activity-options.js';

/** Writes the digest of the week: the ten identity risks that matter most, and the data findings in order. */
export async function digest(input: { timing: Timing }): Promise<{ where: string }> {
  return proxyActivities<Activities>(keyedWrite(input.timing)).writeDigest({ nowMs: Date.now() });
}
