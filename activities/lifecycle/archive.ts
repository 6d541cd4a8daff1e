import type { Activities } from '../contract.js';
import { heartbeat } from './heartbeat.js';
import type { LifecyclePorts } from './ports.js';

const BUCKET = 'archived-histories';
const DAY_MS = 86_400_000;

/**
 * Keeps the history of every closed run, encrypted, before the server forgets it; its digest is in the audit chain.
 * One that is not kept at half of the retention is counted as overdue.
 */
export function createArchive(ports: LifecyclePorts): Activities['archiveHistories'] {
  return async () => {
    let archived = 0;
    let overdue = 0;
    for await (const run of ports.histories.closed()) {
      if ((await ports.ledger.item(BUCKET, run.runId, ports.now())) !== undefined) continue;
      if (ports.now() - run.closedAtMs > (ports.settings.retentionDays * DAY_MS) / 2) overdue += 1;
      const history = await ports.histories.read(run);
      const { digest } = await ports.ledger.putEvidence({ kind: 'history', body: history });
      const atMs = ports.now();
      await ports.ledger.audit([
        {
          id: `archived/${run.runId}`,
          stream: run.findingKey === undefined ? 'system' : `finding/${run.findingKey}`,
          type: 'history.archived',
          actor: 'curtail',
          atMs,
          workflowId: run.workflowId,
          fields: { runId: run.runId, history: digest },
          ...(run.findingKey !== undefined && { findingKey: run.findingKey }),
        },
      ]);
      await ports.ledger.putItem({ bucket: BUCKET, key: run.runId, value: digest });
      archived += 1;
      heartbeat(`${archived} archived`);
    }
    if (overdue > 0) ports.log('error', 'histories were not archived in time', { overdue });
    return { archived, overdue };
  };
}
