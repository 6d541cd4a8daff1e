import { belowFloor } from '../../domain/finding/triage.js';
import type { Activities } from '../contract.js';
import { beginAgain } from './intake.js';
import { auditEntry, type LifecyclePorts } from './ports.js';

/** Rows looked at in one run; the rest wait for the next. */
const PAGE = 500;
/** A life that was changed this recently may just be starting. */
const SETTLE_MS = 60_000;

/**
 * Compares ledger stages with live executions. Terminate runs no code, so what is live here and gone there is marked
 * stopped, its ticket is told, its open request is void, and changes in flight are named. Nothing restarts silently.
 */
export function createReconcile(ports: LifecyclePorts): Activities['reconcile'] {
  return async () => {
    const live = await ports.ledger.findings({ live: true, limit: PAGE });
    await beginAgain(
      ports,
      live.filter(
        (row) =>
          row.stage === 'new' &&
          row.updatedMs < ports.now() - SETTLE_MS &&
          belowFloor(row.finding, ports.settings.floor) === undefined,
      ),
    );
    const rows = live.filter(
      (row) =>
        row.workflowId !== undefined &&
        row.stage !== 'new' &&
        row.stage !== 'stopped' &&
        row.updatedMs < ports.now() - SETTLE_MS,
    );
    const ids = [
      ...new Set(
        rows.flatMap((row) => [
          row.workflowId ?? '',
          ...(row.clusterId === undefined ? [] : [row.clusterId]),
        ]),
      ),
    ];
    const running = await ports.starter.running(ids);
    const stopped: string[] = [];
    for (const row of rows) {
      const workflowId = row.workflowId ?? '';
      const missing = running.has(workflowId)
        ? row.clusterId !== undefined && !running.has(row.clusterId)
          ? row.clusterId
          : undefined
        : workflowId;
      if (missing === undefined) continue;
      await markStopped(ports, row.key, workflowId, missing, row.requestId);
      stopped.push(row.key);
    }
    return { checked: rows.length, stopped };
  };
}

async function markStopped(
  ports: LifecyclePorts,
  key: string,
  workflowId: string,
  missing: string,
  requestId: string | undefined,
): Promise<void> {
  const atMs = ports.now();
  const inFlight = (await ports.ledger.changes({ findingKey: key })).filter(
    (change) => change.status === 'applying' || change.status === 'rolling-back',
  );
  const note =
    inFlight.length === 0
      ? `${missing} is not running any more`
      : `${missing} is not running any more, and ${inFlight.length} change is in flight: look at it`;
  const request = requestId === undefined ? undefined : await ports.ledger.request(requestId);
  if (request?.status === 'open') {
    await ports.ledger.closeRequest({ requestId: request.request.id, status: 'void', atMs, note }, []);
  }
  if (request?.ticket !== undefined) {
    await ports.tickets.comment({
      ticketId: request.ticket.id,
      key: `stopped/${key}/${requestId ?? ''}`,
      body: [{ type: 'paragraph', text: `Stopped: ${note}. Use "curtail resume ${key}" to begin anew.` }],
    });
  }
  await ports.ledger.setStage(
    { keys: [key], stage: 'stopped', outcome: 'stopped', note, waitingFor: null, decideByMs: null, atMs },
    [
      auditEntry(
        {
          id: `stopped/${key}/${workflowId}/${atMs}`,
          key,
          workflowId,
          type: 'finding.stopped',
          actor: 'curtail',
          atMs,
        },
        { missing, inFlight: inFlight.length },
      ),
    ],
  );
}
