import type { Activities } from '../contract.js';
import type { ClosedRun } from '../histories/port.js';
import { heartbeat } from './heartbeat.js';
import type { LifecyclePorts } from './ports.js';

const BUCKET = 'archived-histories';
/** Where the next walk begins: everything that closed before is archived. */
const CURSOR = { bucket: 'archive', key: 'closed-since' } as const;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Runs that one call archives; the workflow calls again. */
const PER_CALL = 200;

type ArchivePorts = Pick<LifecyclePorts, 'histories' | 'ledger' | 'settings' | 'now' | 'log'>;

/**
 * Keeps the history of every closed run, encrypted, before the server forgets it; its digest is in the audit chain. One
 * that cannot be kept is passed over and tried again; at half of the retention it raises an alarm on record.
 */
export function createArchive(ports: ArchivePorts): Activities['archiveHistories'] {
  return async () => {
    const beganAtMs = ports.now();
    const done = { archived: 0, failed: 0, overdue: 0, more: false };
    for await (const run of ports.histories.closed(await cursorOf(ports))) {
      if ((await ports.ledger.item(BUCKET, run.runId, ports.now())) !== undefined) continue;
      if (done.archived === PER_CALL) return { ...done, more: true };
      if (await archived(ports, run)) done.archived += 1;
      else {
        done.failed += 1;
        if (await overdue(ports, run)) done.overdue += 1;
      }
      heartbeat(`${done.archived} archived, ${done.failed} failed`);
    }
    // Visibility lags behind what closes: the next walk looks an hour back.
    if (done.failed === 0) await ports.ledger.putItem({ ...CURSOR, value: beganAtMs - HOUR_MS });
    return done;
  };
}

async function cursorOf(ports: ArchivePorts): Promise<number> {
  const since = await ports.ledger.item(CURSOR.bucket, CURSOR.key, ports.now());
  return typeof since === 'number' ? since : 0;
}

/** False when it could not be kept; why is logged, and the next walk tries again. */
async function archived(ports: ArchivePorts, run: ClosedRun): Promise<boolean> {
  try {
    await archive(ports, run);
    return true;
  } catch (error) {
    ports.log('warn', 'a history could not be archived', {
      workflowId: run.workflowId,
      runId: run.runId,
      error: String(error),
    });
    return false;
  }
}

async function archive(ports: ArchivePorts, run: ClosedRun): Promise<void> {
  const { digest } = await ports.ledger.putEvidence({
    kind: 'history',
    body: await ports.histories.read(run),
  });
  await ports.ledger.audit([
    {
      id: `archived/${run.runId}`,
      stream: streamOf(run),
      type: 'history.archived',
      actor: 'curtail',
      atMs: ports.now(),
      workflowId: run.workflowId,
      fields: { runId: run.runId, history: digest },
      ...(run.findingKey !== undefined && { findingKey: run.findingKey }),
    },
  ]);
  await ports.ledger.putItem({ bucket: BUCKET, key: run.runId, value: digest });
}

/** Whether half of the time is over in which it can still be kept; then it is said where auditors and SIEM see it. */
async function overdue(ports: ArchivePorts, run: ClosedRun): Promise<boolean> {
  const { retentionDays } = ports.settings;
  const atMs = ports.now();
  if (atMs - run.closedAtMs <= (retentionDays * DAY_MS) / 2) return false;
  const daysLeft = Math.max(0, Math.floor(retentionDays - (atMs - run.closedAtMs) / DAY_MS));
  ports.log('error', 'a history is not archived at half of its retention', {
    workflowId: run.workflowId,
    daysLeft,
  });
  await ports.ledger.audit([
    {
      // Once a day, not at every walk.
      id: `archive-overdue/${run.runId}/${Math.floor(atMs / DAY_MS)}`,
      stream: streamOf(run),
      type: 'history.overdue',
      actor: 'curtail',
      atMs,
      workflowId: run.workflowId,
      fields: { runId: run.runId, daysLeft },
      ...(run.findingKey !== undefined && { findingKey: run.findingKey }),
    },
  ]);
  return true;
}

/** A finding's run belongs to its chain; that of a cluster or an undo has one under its workflow's id. */
function streamOf(run: ClosedRun): string {
  return run.findingKey === undefined ? run.workflowId : `finding/${run.findingKey}`;
}
