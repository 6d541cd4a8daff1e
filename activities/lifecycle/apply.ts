import { type Change, reverseChange } from '../../domain/change/change.js';
import { Failure, FailureType } from '../../domain/failure.js';
import { canonicalJson, type Json } from '../../domain/json.js';
import type { CloudWriter } from '../cloud/port.js';
import type { Activities, Applied } from '../contract.js';
import type { AuditEntry, ChangeRow, DraftRow } from '../ledger/port.js';
import { authorise } from './authorise.js';
import { flagContext } from './flags.js';
import { handOver } from './hand-over.js';
import { heartbeat } from './heartbeat.js';
import { IN_PLACE, projectFixed } from './in-place.js';
import { auditEach, type LifecyclePorts } from './ports.js';
import { stateOf } from './read-back.js';
import { markUndone } from './restores.js';

/**
 * Carries out a planned change by its route. Receives a ledger id and nothing else; called from a forged workflow
 * or on its own it finds no valid approval, refuses, and the refusal is audited.
 */
export function createApply(ports: LifecyclePorts): Activities['apply'] {
  return async ({ changeId }) => {
    const row = await ports.ledger.change(changeId);
    if (row === undefined) return unknownChange(ports, changeId);
    if (IN_PLACE.has(row.status)) {
      await markUndone(ports, row);
      return { status: 'applied' };
    }
    if (row.status === 'handed-over' && row.reference !== undefined && row.route !== 'api') {
      return { status: 'handed-over', route: row.route, url: row.reference.url };
    }
    if (isUndone(row)) return refuseAgain(ports, row, 'it was undone; another change needs a new approval');
    if (row.status === 'rolling-back') return takeBack(ports, row, row.note ?? 'it was refused half-way');
    if (row.status === 'refused' && row.captured !== undefined) return refusedBefore(ports, row);
    // A person was asked instead, and may have said no: it stays lapsed, whatever is switched on again.
    if (row.status === 'refused' && row.standingApprovalId !== undefined)
      return { status: 'lapsed', reason: row.note ?? 'it was refused before' };
    const stopped = await switchedOff(ports, row);
    if (stopped !== undefined) return stopped;
    const authorised = await authorise(ports, row);
    if (!authorised.ok) {
      const taken = await takeBack(ports, row, authorised.reason);
      return taken.status === 'refused' && authorised.lapsed === true
        ? { ...taken, status: 'lapsed' }
        : taken;
    }
    heartbeat('authorised');
    if (row.route !== 'api') return handOver(ports, row, authorised.draft);
    return throughApi(ports, row, authorised.draft);
  };
}

async function unknownChange(ports: LifecyclePorts, changeId: string): Promise<Applied> {
  const atMs = ports.now();
  await ports.ledger.audit([
    {
      id: `apply/unknown/${ports.digest(changeId)}`,
      stream: 'system',
      type: 'change.refused',
      actor: 'unknown',
      atMs,
      fields: { reason: 'no such change' },
    },
  ]);
  return { status: 'refused', reason: 'there is no such change in the ledger' };
}

/** Somebody rolled it back, or is about to. What an earlier attempt of ours took back half-way was never applied. */
function isUndone(row: ChangeRow): boolean {
  return row.status === 'rolled-back' || (row.status === 'rolling-back' && row.appliedAtMs !== undefined);
}

/**
 * The kill switch is read on every attempt and for every finding that it would touch. An undo that people asked for is
 * stopped too, since it widens access; the rollback of what failed its verification never is.
 */
async function switchedOff(ports: LifecyclePorts, row: ChangeRow): Promise<Applied | undefined> {
  const drafted = await ports.ledger.draft(row.digest);
  for (const key of row.findingKeys) {
    const kind = (await ports.ledger.finding(key))?.finding.kind;
    const context =
      drafted === undefined
        ? { findingKey: key, ...(row.account !== undefined && { account: row.account }) }
        : flagContext({ key, kind }, drafted);
    if ((await ports.flags.read(context)).killSwitch)
      return { status: 'stopped', reason: 'the kill switch is on: nothing is applied' };
  }
  return undefined;
}

async function throughApi(ports: LifecyclePorts, row: ChangeRow, drafted: DraftRow): Promise<Applied> {
  const writer = ports.cloudWriter;
  const { account } = row;
  if (writer === undefined)
    throw new Failure(FailureType.InvalidInput, 'applying: this worker holds no write credentials');
  if (account === undefined) return takeBack(ports, row, 'the change names no account');
  if (drafted.context.managedBy !== undefined) {
    return takeBack(
      ports,
      row,
      `managed by ${drafted.context.managedBy.tool}: the next run would undo it; use a pull request`,
    );
  }
  const found = await look(writer, account, row.changes);
  if (found.some((state) => state.is === 'other')) return takeBack(ports, row, DRIFTED);

  const captured = row.captured ?? found.map(({ state }) => state);
  await ports.ledger.setChange(row.id, { status: 'applying', captured }, []);
  for (const [index, change] of row.changes.entries()) {
    heartbeat(`change ${index + 1} of ${row.changes.length}`);
    try {
      await writer.apply({ accountId: account, change, key: `${row.id}/${index}` });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return takeBack(ports, { ...row, captured }, error.message);
    }
  }
  await readBack(writer, account, row.changes);
  const appliedAtMs = ports.now();
  const restores = drafted.draft.proof.verdict === 'restores';
  if (!restores) await projectFixed(ports, row, appliedAtMs);
  await ports.ledger.setChange(
    row.id,
    { status: 'applied', captured, appliedAtMs },
    auditEach(
      row.findingKeys,
      {
        id: `${row.id}/applied`,
        workflowId: row.workflowId,
        type: 'change.applied',
        actor: 'curtail',
        atMs: appliedAtMs,
      },
      { changeId: row.id, digest: row.digest },
    ),
  );
  if (restores) await markUndone(ports, row);
  return { status: 'applied' };
}

interface Found {
  change: Change;
  state: Json;
  is: 'before' | 'after' | 'other';
}

/** Looks before it writes: each target must be as it was, or already as it shall be. */
async function look(
  writer: CloudWriter,
  account: string,
  changes: readonly Change[],
): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const change of changes) {
    const state = await stateOf(writer, account, change);
    const text = canonicalJson(state);
    const is =
      text === canonicalJson(change.after)
        ? 'after'
        : text === canonicalJson(change.before)
          ? 'before'
          : 'other';
    found.push({ change, state, is });
  }
  return found;
}

async function readBack(writer: CloudWriter, account: string, changes: readonly Change[]): Promise<void> {
  const left = (await look(writer, account, changes)).filter((state) => state.is !== 'after');
  if (left.length > 0) {
    throw new Failure(
      FailureType.WriteOutcomeUnknown,
      `reading back: ${left.length} of ${changes.length} changes are not there yet`,
    );
  }
}

function isRefusal(error: unknown): error is Failure {
  if (!(error instanceof Failure)) return false;
  const { type } = error;
  return (
    type === FailureType.CloudRejected ||
    type === FailureType.ApplyConflict ||
    type === FailureType.ApplyRefused
  );
}

const DRIFTED = 'changed by somebody else after the draft was made';

/**
 * Ends an attempt that may not go on. What it had done already is undone in reverse order; that it is being undone is
 * written down first, so that a crash in between is finished by the next attempt and never turned round.
 */
async function takeBack(ports: LifecyclePorts, row: ChangeRow, reason: string): Promise<Applied> {
  const writer = ports.cloudWriter;
  const { account, captured } = row;
  if (writer === undefined || account === undefined || row.route !== 'api') return refuse(ports, row, reason);
  if (captured !== undefined) {
    await ports.ledger.setChange(row.id, { status: 'rolling-back', note: reason }, []);
    for (const [index, change] of [...row.changes.entries()].reverse())
      await undoOurs(writer, account, { change, was: captured[index], key: `${row.id}/${index}/undo` });
  }
  const foreign =
    reason === DRIFTED || captured !== undefined ? await drifted(writer, account, row) : undefined;
  return foreign === undefined ? refuse(ports, row, reason) : conflict(ports, row, foreign);
}

/** Sets back what is as we made it and was otherwise before; what somebody else did since is left alone. */
async function undoOurs(
  writer: CloudWriter,
  accountId: string,
  { change, was, key }: { change: Change; was: Json | undefined; key: string },
): Promise<void> {
  if (was === undefined || canonicalJson(was) === canonicalJson(change.after)) return;
  const [found] = await look(writer, accountId, [change]);
  if (found?.is === 'after') await writer.apply({ accountId, change: reverseChange(change), key });
}

async function drifted(writer: CloudWriter, account: string, row: ChangeRow): Promise<Found | undefined> {
  return (await look(writer, account, row.changes)).find((state) => state.is === 'other');
}

async function conflict(ports: LifecyclePorts, row: ChangeRow, { change, state }: Found): Promise<Applied> {
  const target = change.target.name ?? change.target.arn ?? change.target.principal ?? 'the target';
  const reason = `${target} was ${DRIFTED}`;
  await ports.ledger.setChange(
    row.id,
    { status: 'refused', note: reason },
    auditEach(
      row.findingKeys,
      {
        id: `${row.id}/conflict`,
        workflowId: row.workflowId,
        type: 'change.conflict',
        actor: 'curtail',
        atMs: ports.now(),
      },
      { changeId: row.id, found: ports.digest(canonicalJson(state)) },
    ),
  );
  return { status: 'conflict', reason };
}

/** The same answer again, for a caller who did not get it. */
async function refusedBefore(ports: LifecyclePorts, row: ChangeRow): Promise<Applied> {
  const { cloudWriter: writer } = ports;
  const { account } = row;
  const foreign =
    writer === undefined || account === undefined ? undefined : await drifted(writer, account, row);
  return foreign === undefined
    ? refuseAgain(ports, row, row.note ?? 'it was refused')
    : conflict(ports, row, foreign);
}

/** Refuses what has ended already, on record; its status says how it ended and stays. */
async function refuseAgain(ports: LifecyclePorts, row: ChangeRow, reason: string): Promise<Applied> {
  await ports.ledger.audit(refusal(ports, row, reason));
  return { status: 'refused', reason };
}

async function refuse(ports: LifecyclePorts, row: ChangeRow, reason: string): Promise<Applied> {
  await ports.ledger.setChange(row.id, { status: 'refused', note: reason }, refusal(ports, row, reason));
  return { status: 'refused', reason };
}

function refusal(ports: LifecyclePorts, row: ChangeRow, reason: string): readonly AuditEntry[] {
  return auditEach(
    row.findingKeys,
    {
      id: `${row.id}/refused/${ports.digest(reason).slice(0, 12)}`,
      workflowId: row.workflowId,
      type: 'change.refused',
      actor: 'curtail',
      atMs: ports.now(),
    },
    { changeId: row.id, reason },
  );
}
