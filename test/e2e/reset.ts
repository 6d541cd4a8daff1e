import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { until } from './world.js';

/** Resets a workflow to the point where an activity had just answered, as an operator does in the Temporal UI. */
export async function resetAfter(client: Client, workflowId: string, activity: string): Promise<void> {
  // The ledger may say what happened a moment before the workflow has heard of it.
  const finishEventId = await until(`the answer of ${activity} in the history of ${workflowId}`, () =>
    taskAfter(client, workflowId, activity),
  );
  await client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId },
    reason: `a test resets it to after ${activity}`,
    requestId: randomUUID(),
    workflowTaskFinishEventId: finishEventId,
  });
}

/** Id of the event that ends the first workflow task after an activity's answer. */
async function taskAfter(client: Client, workflowId: string, activity: string) {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const scheduled = events?.find(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === activity,
  );
  const answered = events?.find(
    (event) =>
      scheduled !== undefined &&
      event.activityTaskCompletedEventAttributes?.scheduledEventId?.toString() ===
        scheduled.eventId?.toString(),
  );
  if (answered === undefined) return undefined;
  const next = events?.find(
    (event) =>
      event.workflowTaskCompletedEventAttributes != null && Number(event.eventId) > Number(answered.eventId),
  );
  return next?.eventId ?? undefined;
}
