import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities/contract.js';
import { keyedWrite } from '../activity-options.js';
import type { ReadHintedInput } from './messages.js';

/** Reads what a notification names where the platforms may be asked: the gateway, which they reach, has no way to them. */
export async function readHinted(input: ReadHintedInput): Promise<void> {
  const { timing, ...named } = input;
  const activities = proxyActivities<Activities>({
    ...keyedWrite(timing),
    summary: `reading what ${input.source} names`,
  });
  await activities.takeInHinted(named);
}
