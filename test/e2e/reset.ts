import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';

/** Resets a workflow to the point where an activity had just answered, as an operator does in the Temporal UI. */
export async function resetAfter(client: Client, workflowId: string, activity: string): Promise<void> {
  const handle = client.workflow.getHandle(workflowId);
  const { events } = await handle.fetchHistory();
  const scheduled = events?.find(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === activity,
  );
  const answered = events?.find(
    (event) =>
      event.activityTaskCompletedEventAttributes?.scheduledEventId?.toString() ===
      scheduled?.eventId?.toString(),
  );
  const next = events?.find(
    (event) =>
      event.workflowTaskCompletedEventAttributes != null && Number(event.eventId) > Number(answered?.eventId),
  );
  if (scheduled === undefined || answered === undefined || next === undefined)
    throw new Error(`resetting ${workflowId}: its history has no answer of ${activity}`);
  await client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId },
    reason: `a test resets it to after ${activity}`,
    requestId: randomUUID(),
    ...(next.eventId != null && { workflowTaskFinishEventId: next.eventId }),
  });
}
