import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { WorkflowIdReusePolicy } from '@temporalio/common';
import type { HintedFindings } from '../activities/contract.js';
import type { Timing } from '../domain/lifecycle/timing.js';
import { hintsWorkflowId } from '../workflows/naming.js';
import type { ReadHintedInput } from '../workflows/read-hinted/messages.js';

/** Has findings read that a platform's notification names. */
export type ReadHinted = (named: HintedFindings) => Promise<void>;

/** Hands what was named to the zone that may ask the platforms; the same delivery is handed over once. */
export function createHints(options: { client: Client; coreQueue: string; timing: Timing }): ReadHinted {
  return async (named) => {
    const input: ReadHintedInput = { ...named, timing: options.timing };
    try {
      await options.client.workflow.start('readHinted', {
        workflowId: hintsWorkflowId(named.source, named.key),
        taskQueue: options.coreQueue,
        args: [input],
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  };
}
