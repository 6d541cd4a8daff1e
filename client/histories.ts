import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Histories } from '../activities/histories/port.js';
import type { Json } from '../domain/json.js';

/** Workflows whose histories are the record of what was done to an account. */
const KEPT = ['findingLifecycle', 'clusterReview', 'undoChange'];

/** Closed runs in no promised order, over Temporal's client. */
export function createHistories(client: Client): Histories {
  return {
    async *closed(sinceMs) {
      const types = KEPT.map((name) => `'${name}'`).join(', ');
      const since = new Date(sinceMs).toISOString();
      const query = `WorkflowType IN (${types}) AND ExecutionStatus != 'Running' AND CloseTime >= '${since}'`;
      for await (const run of client.workflow.list({ query })) {
        if (run.closeTime === undefined) continue;
        const key = /^finding\/[^/]+\/([0-9a-f]{32})$/.exec(run.workflowId)?.[1];
        yield {
          workflowId: run.workflowId,
          runId: run.runId,
          closedAtMs: run.closeTime.getTime(),
          ...(key !== undefined && { findingKey: key }),
        };
      }
    },
    async read(run) {
      const history = await client.workflow.getHandle(run.workflowId, run.runId).fetchHistory();
      return JSON.parse(historyToJSON(history)) as Json;
    },
  };
}
