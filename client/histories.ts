import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Histories } from '../activities/histories/port.js';
import type { Json } from '../domain/json.js';

/** Closed lives, oldest first in no promised order, over Temporal's client. */
export function createHistories(client: Client): Histories {
  return {
    async *closed() {
      const query = "WorkflowType IN ('findingLifecycle', 'clusterReview') AND ExecutionStatus != 'Running'";
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
