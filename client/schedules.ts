import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import type { Timing } from '../domain/lifecycle/timing.js';
import { ingestWorkflowId } from '../workflows/naming.js';

/** A Schedule as data. */
interface Recurring {
  id: string;
  workflowType: string;
  workflowId: string;
  everyMs: number;
  input: Record<string, unknown>;
}

export interface ScheduleOptions {
  client: Client;
  coreQueue: string;
  timing: Timing;
  /** Names of the enabled sources. */
  sources: readonly string[];
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A Schedule that was missed for longer than this is not caught up: the next run sees everything anyway. */
const CATCHUP_MS = 10 * MINUTE;

/** Creates our Schedules, or brings them to what the configuration says now. Starting twice changes nothing. */
export async function applySchedules(options: ScheduleOptions): Promise<void> {
  for (const recurring of recurrings(options)) await applySchedule(options, recurring);
  await removeStale(options);
}

function recurrings({ sources, timing }: ScheduleOptions): readonly Recurring[] {
  const polls = sources.map((source) => ({
    id: `curtail-poll-${source}`,
    workflowType: 'ingestPoll',
    workflowId: ingestWorkflowId(source),
    everyMs: timing.pollEveryMs,
    input: { source, timing },
  }));
  return [
    ...polls,
    {
      id: 'curtail-digest',
      workflowType: 'digest',
      workflowId: 'digest',
      everyMs: 7 * 24 * HOUR,
      input: { timing },
    },
    {
      id: 'curtail-reconcile',
      workflowType: 'reconcile',
      workflowId: 'reconcile',
      everyMs: Math.max(MINUTE, timing.pollEveryMs),
      input: { timing },
    },
    {
      id: 'curtail-desk',
      workflowType: 'deskRounds',
      workflowId: 'desk-rounds',
      everyMs: Math.max(MINUTE, timing.pollEveryMs),
      input: { timing },
    },
    {
      id: 'curtail-archive',
      workflowType: 'archiveHistory',
      workflowId: 'archive',
      everyMs: 6 * HOUR,
      input: { timing },
    },
  ];
}

async function applySchedule(options: ScheduleOptions, recurring: Recurring): Promise<void> {
  const schedule = {
    spec: { intervals: [{ every: recurring.everyMs }] },
    action: {
      type: 'startWorkflow' as const,
      workflowType: recurring.workflowType,
      workflowId: recurring.workflowId,
      taskQueue: options.coreQueue,
      args: [recurring.input],
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCHUP_MS },
  };
  try {
    await options.client.schedule.create({ scheduleId: recurring.id, ...schedule });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await options.client.schedule
      .getHandle(recurring.id)
      .update((previous) => ({ ...previous, ...schedule }));
  }
}

/** A source that is configured no more is polled no more. */
async function removeStale(options: ScheduleOptions): Promise<void> {
  const wanted = new Set(options.sources.map((source) => `curtail-poll-${source}`));
  for await (const { scheduleId } of options.client.schedule.list()) {
    if (!scheduleId.startsWith('curtail-poll-') || wanted.has(scheduleId)) continue;
    try {
      await options.client.schedule.getHandle(scheduleId).delete();
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
    }
  }
}

/** Looks at once for lives that may begin or that are gone. */
export async function reconcileNow({ client }: Pick<ScheduleOptions, 'client'>): Promise<void> {
  await client.schedule.getHandle('curtail-reconcile').trigger(ScheduleOverlapPolicy.BUFFER_ONE);
}

/** Starts a poll of every source now, without waiting for its Schedule. */
export async function pollNow(options: Pick<ScheduleOptions, 'client' | 'sources'>): Promise<void> {
  await Promise.all(
    options.sources.map((source) =>
      options.client.schedule.getHandle(`curtail-poll-${source}`).trigger(ScheduleOverlapPolicy.BUFFER_ONE),
    ),
  );
}
