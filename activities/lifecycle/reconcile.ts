import { belowFloor, floorOf } from '../../domain/finding/triage.js';
import type { Activities } from '../contract.js';
import type { FindingRow, RequestRow } from '../ledger/port.js';
import { askAgain } from './ask-again.js';
import { beginAgain } from './begin.js';
import { HELD, isConfirmed } from './confirmation.js';
import { heartbeat } from './heartbeat.js';
import { auditEntry, type LifecyclePorts } from './ports.js';

/** Rows looked at together. */
const PAGE = 500;
/** A life that was changed this recently may just be starting. */
const SETTLE_MS = 60_000;

/**
 * Compares ledger stages with live executions. Terminate runs no code, so what is live here and gone there is marked
 * stopped, its ticket is told, its open request is void, changes in flight are named, and members of a cluster that is
 * gone are released. Nothing restarts silently; what somebody reset is asked about again.
 */
export function createReconcile(ports: LifecyclePorts): Activities['reconcile'] {
  return async () => {
    const live = await quietRows(ports);
    const unbegun = await neverBegun(ports, live);
    const ready = await confirmed(
      ports,
      live.filter(
        (row) =>
          unbegun.has(row.key) && belowFloor(row.finding, floorOf(ports.settings, row.finding)) === undefined,
      ),
    );
    await beginAgain(ports, ready);
    const rows = live.filter(
      (row) => row.workflowId !== undefined && row.stage !== 'stopped' && !unbegun.has(row.key),
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
    await reviveReset(
      ports,
      live.filter((row) => row.stage === 'stopped'),
    );
    return { checked: rows.length, stopped };
  };
}

/**
 * What an intake recorded and nobody started, because it died in between. What was started and terminated before its
 * first step is in the same stage, and only the server knows the difference.
 */
async function neverBegun(ports: LifecyclePorts, live: readonly FindingRow[]): Promise<ReadonlySet<string>> {
  const fresh = live.filter((row) => row.stage === 'new');
  const unbegun = new Set<string>();
  for (let from = 0; from < fresh.length; from += PAGE) {
    const page = fresh.slice(from, from + PAGE);
    const begun = await ports.starter.begun(
      page.flatMap(({ workflowId, generation }) =>
        workflowId === undefined ? [] : [{ workflowId, generation }],
      ),
    );
    for (const { key, workflowId } of page)
      if (workflowId === undefined || !begun.has(workflowId)) unbegun.add(key);
    heartbeat(`${unbegun.size} were never begun`);
  }
  return unbegun;
}

/** A stopped life that was reset waits for its decision again: its question is open again, too, until its time is up. */
async function reviveReset(ports: LifecyclePorts, stopped: readonly FindingRow[]): Promise<void> {
  const asked = new Map<string, RequestRow>();
  for (const { requestId } of stopped) {
    const row = requestId === undefined ? undefined : await ports.ledger.request(requestId);
    if (row?.status === 'void' && row.request.expiresAtMs > ports.now()) asked.set(row.request.id, row);
  }
  const running = await ports.starter.running([
    ...new Set([...asked.values()].map((row) => row.request.workflowId)),
  ]);
  for (const row of asked.values()) {
    const { workflowId, openedAtMs, expiresAtMs } = row.request;
    if (!running.has(workflowId)) continue;
    await askAgain(ports, row, { workflowId, openedAtMs, expiresAtMs, alsoAsked: [] });
    await ports.ledger.setStage(
      {
        keys: row.findingKeys,
        stage: 'awaiting-decision',
        outcome: null,
        note: 'runs again after a reset, and waits for a decision',
        decideByMs: expiresAtMs,
        atMs: ports.now(),
      },
      [],
    );
  }
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
