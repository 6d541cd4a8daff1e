import { belowFloor, floorOf } from '../../domain/finding/triage.js';
import type { Activities } from '../contract.js';
import type { FindingRow } from '../ledger/port.js';
import { HELD, isConfirmed } from './confirmation.js';
import { heartbeat } from './heartbeat.js';
import { beginAgain } from './intake.js';
import { auditEntry, type LifecyclePorts } from './ports.js';

/** Rows looked at together. */
const PAGE = 500;
/** A life that was changed this recently may just be starting. */
const SETTLE_MS = 60_000;

/**
 * Compares ledger stages with live executions. Terminate runs no code, so what is live here and gone there is marked
 * stopped, its ticket is told, its open request is void, changes in flight are named, and members of a cluster that is
 * gone are released. Nothing restarts silently.
 */
export function createReconcile(ports: LifecyclePorts): Activities['reconcile'] {
  return async () => {
    const live = await quietRows(ports);
    const ready = await confirmed(
      ports,
      live.filter(
        (row) =>
          row.stage === 'new' && belowFloor(row.finding, floorOf(ports.settings, row.finding)) === undefined,
      ),
    );
    await beginAgain(ports, ready);
    const rows = live.filter(
      (row) => row.workflowId !== undefined && row.stage !== 'new' && row.stage !== 'stopped',
    );
    const stopped: string[] = [];
    for (let from = 0; from < rows.length; from += PAGE) {
      const page = rows.slice(from, from + PAGE);
      heartbeat(`${from} of ${rows.length} looked at`);
      const running = await ports.starter.running([...new Set(page.flatMap(idsOf))]);
      for (const row of page) {
        const missing = idsOf(row).find((id) => !running.has(id));
        if (missing === undefined) continue;
        await markStopped(ports, row, missing);
        stopped.push(row.key);
      }
    }
    return { checked: rows.length, stopped };
  };
}

/** Everything that is live and was quiet for a while, or waits for a confirmation: all of it, since the riskiest alone would hide the rest for ever. */
async function quietRows(ports: LifecyclePorts): Promise<readonly FindingRow[]> {
  const rows = new Map<string, FindingRow>();
  for (let offset = 0; ; offset += PAGE) {
    const page = await ports.ledger.findings({ live: true, limit: PAGE, offset });
    const quietSince = ports.now() - SETTLE_MS;
    for (const row of page) if (row.updatedMs < quietSince || row.waitingFor === HELD) rows.set(row.key, row);
    if (page.length < PAGE) return [...rows.values()];
    heartbeat(`${rows.size} quiet`);
  }
}

/** Rows whose platform's sources are confirmed: the others wait for that. */
async function confirmed(ports: LifecyclePorts, rows: readonly FindingRow[]): Promise<readonly FindingRow[]> {
  const platforms = new Set<string>();
  for (const platform of new Set(rows.map(({ finding }) => finding.source)))
    if (await isConfirmed(ports, platform)) platforms.add(platform);
  return rows.filter(({ finding }) => platforms.has(finding.source));
}

function idsOf(row: FindingRow): readonly string[] {
  return [row.workflowId ?? '', ...(row.clusterId === undefined ? [] : [row.clusterId])];
}

async function markStopped(ports: LifecyclePorts, row: FindingRow, missing: string): Promise<void> {
  const { key, workflowId = '', clusterId, requestId } = row;
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
  if (clusterId === missing) await ports.starter.release({ key, workflowId, clusterId, note });
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
