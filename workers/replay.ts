import type { DataConverter } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import type { Json } from '../domain/json.js';
import type { WorkflowBundle } from './bundle.js';

/** How an archived history fares under the workflows of this checkout. */
export type Replayed = { ok: true; events: number } | { ok: false; events: number; reason: string };

/** Runs a history through the workflows again: the same inputs must lead to the same commands. Nothing is called. */
export async function replayHistory(
  history: Json,
  options: { workflowId: string; bundle: WorkflowBundle; dataConverter?: DataConverter },
): Promise<Replayed> {
  const { workflowId, bundle, dataConverter } = options;
  const recorded = history as { events?: readonly unknown[] };
  const events = recorded.events?.length ?? 0;
  try {
    await Worker.runReplayHistory(
      {
        workflowBundle: { codePath: bundle.codePath },
        ...(dataConverter !== undefined && { dataConverter }),
      },
      recorded,
      workflowId,
    );
    return { ok: true, events };
  } catch (error) {
    return { ok: false, events, reason: error instanceof Error ? error.message : String(error) };
  }
}
