import { type Change, reverseChange } from '../../domain/change/change.js';
import { Failure, FailureType } from '../../domain/failure.js';
import { canonicalJson, type Json } from '../../domain/json.js';
import type { CloudWriter } from '../cloud/port.js';
import type { Activities, Applied } from '../contract.js';
import type { ChangeRow, DraftRow } from '../ledger/port.js';
import { authorise } from './authorise.js';
import { handOver } from './hand-over.js';
import { heartbeat } from './heartbeat.js';
import { auditEach, type LifecyclePorts } from './ports.js';

/**
 * Carries out a planned change by its route. Receives a ledger id and nothing else; called from a forged workflow
 * or on its own it finds no valid approval, refuses, and the refusal is audited.
 */
export function createApply(ports: LifecyclePorts): Activities['apply'] {
  return async ({ changeId }) => {
    const row = await ports.ledger.change(changeId);
    if (row === undefined) {
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
    if (row.status === 'applied' || row.status === 'verified') return { status: 'applied' };
    if (row.status === 'handed-over' && row.reference !== undefined && row.route !== 'api') {
      return { status: 'handed-over', route: row.route, url: row.reference.url };
    }
    const stopped = await switchedOff(ports, row);
    if (stopped !== undefined) return stopped;
    const authorised = await authorise(ports, row);
    if (!authorised.ok) return refuse(ports, row, authorised.reason);
    heartbeat('authorised');
    if (row.route !== 'api') return handOver(ports, row, authorised.draft);
    return throughApi(ports, row, authorised.draft);
  };
}

/** The kill switch is read on every attempt. It never stops a rollback. */
async function switchedOff(ports: LifecyclePorts, row: ChangeRow): Promise<Applied | undefined> {
  const reading = await ports.flags.read({
    findingKey: row.findingKeys[0] ?? '',
    ...(row.account !== undefined && { account: row.account }),
  });
  return reading.killSwitch
    ? { status: 'stopped', reason: 'the kill switch is on: nothing is applied' }
    : undefined;
}

async function throughApi(ports: LifecyclePorts, row: ChangeRow, drafted: DraftRow): Promise<Applied> {
  const writer = ports.cloudWriter;
  const { account } = row;
  if (writer === undefined)
    throw new Failure(FailureType.InvalidInput, 'applying: this worker holds no write credentials');
  if (account === undefined) return refuse(ports, row, 'the change names no account');
  if (drafted.context.managedBy !== undefined) {
    return refuse(
      ports,
      row,
      `managed by ${drafted.context.managedBy.tool}: the next run would undo it; use a pull request`,
    );
  }
  const found = await look(writer, account, row.changes);
  const foreign = found.find((state) => state.is === 'other');
  if (foreign !== undefined) return conflict(ports, row, foreign.change, foreign.state);

  const captured =
    row.captured ?? found.map((state) => (state.is === 'before' ? state.state : state.change.before));
  await ports.ledger.setChange(row.id, { status: 'applying', captured }, []);
  const done: Change[] = [];
  for (const [index, change] of row.changes.entries()) {
    heartbeat(`change ${index + 1} of ${row.changes.length}`);
    try {
      await writer.apply({ accountId: account, change, key: `${row.id}/${index}` });
      done.push(change);
    } catch (error) {
      const failed = await refusedByCloud(ports, row, writer, account, done, error);
      return failed;
    }
  }
  await readBack(writer, account, row.changes);
  const appliedAtMs = ports.now();
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
  await ports.ledger.setStage(
    { keys: row.findingKeys, stage: 'verifying', note: 'applied and read back', atMs: appliedAtMs },
    [],
  );
  for (const key of row.findingKeys) {
    await ports.ledger.measure({
      findingKey: key,
      generation: row.generation,
      what: 'fixed',
      atMs: appliedAtMs,
    });
  }
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
    const state = await writer.current(account, change);
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

/** A cloud that says no half-way: what was done is undone in reverse order, then the refusal is recorded. */
async function refusedByCloud(
  ports: LifecyclePorts,
  row: ChangeRow,
  writer: CloudWriter,
  account: string,
  done: readonly Change[],
  error: unknown,
): Promise<Applied> {
  if (!(error instanceof Failure)) throw error;
  const { type } = error;
  if (
    type !== FailureType.CloudRejected &&
    type !== FailureType.ApplyConflict &&
    type !== FailureType.ApplyRefused
  )
    throw error;
  for (const [index, change] of [...done.entries()].reverse()) {
    await writer.apply({ accountId: account, change: reverseChange(change), key: `${row.id}/${index}/undo` });
  }
  if (type === FailureType.ApplyConflict) {
    await ports.ledger.setChange(row.id, { status: 'refused', note: error.message }, []);
    return { status: 'conflict', reason: error.message };
  }
  return refuse(ports, row, error.message);
}

async function conflict(
  ports: LifecyclePorts,
  row: ChangeRow,
  change: Change,
  state: Json,
): Promise<Applied> {
  const target = change.target.name ?? change.target.arn ?? change.target.principal ?? 'the target';
  const reason = `${target} was changed by somebody else after the draft was made`;
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

async function refuse(ports: LifecyclePorts, row: ChangeRow, reason: string): Promise<Applied> {
  const atMs = ports.now();
  await ports.ledger.setChange(
    row.id,
    { status: 'refused', note: reason },
    auditEach(
      row.findingKeys,
      {
        id: `${row.id}/refused/${ports.digest(reason).slice(0, 12)}`,
        workflowId: row.workflowId,
        type: 'change.refused',
        actor: 'curtail',
        atMs,
      },
      { changeId: row.id, reason },
    ),
  );
  return { status: 'refused', reason };
}

/** Undoes an applied change. The kill switch never stops it; it needs no new approval, since it restores what was. */
export function createRollBack(ports: LifecyclePorts): Activities['rollBack'] {
  return async ({ changeId, reason }) => {
    const row = await ports.ledger.change(changeId);
    const writer = ports.cloudWriter;
    if (row === undefined) throw new Failure(FailureType.NotFound, `rolling back: no change ${changeId}`);
    if (row.status === 'rolled-back') return { status: 'rolled-back' };
    if (row.status !== 'applied' && row.status !== 'rolling-back') {
      return {
        status: 'refused',
        reason: `the change is ${row.status}, so there is nothing of ours to undo`,
      };
    }
    if (row.route !== 'api')
      return { status: 'refused', reason: 'a person or a pipeline applied it; they must undo it' };
    if (writer === undefined || row.account === undefined) {
      throw new Failure(FailureType.InvalidInput, 'rolling back: this worker holds no write credentials');
    }
    await ports.ledger.setChange(row.id, { status: 'rolling-back', note: reason }, []);
    for (const [index, change] of [...row.changes.entries()].reverse()) {
      heartbeat(`undoing change ${index + 1} of ${row.changes.length}`);
      const back = reverseChange(change);
      const state = await writer.current(row.account, change);
      if (canonicalJson(state) === canonicalJson(back.after)) continue;
      if (canonicalJson(state) !== canonicalJson(back.before)) return cannotUndo(ports, row, change);
      await writer.apply({ accountId: row.account, change: back, key: `${row.id}/${index}/undo` });
    }
    const atMs = ports.now();
    await ports.ledger.setChange(
      row.id,
      { status: 'rolled-back', note: reason },
      auditEach(
        row.findingKeys,
        {
          id: `${row.id}/rolled-back`,
          workflowId: row.workflowId,
          type: 'change.rolled-back',
          actor: 'curtail',
          atMs,
        },
        { changeId: row.id, reason: reason.slice(0, 300) },
      ),
    );
    return { status: 'rolled-back' };
  };
}

async function cannotUndo(
  ports: LifecyclePorts,
  row: ChangeRow,
  change: Change,
): Promise<{ status: 'refused'; reason: string }> {
  const target = change.target.name ?? change.target.arn ?? change.target.principal ?? 'the target';
  const reason = `${target} was changed by somebody else meanwhile; undoing would overwrite that`;
  await ports.ledger.audit(
    auditEach(
      row.findingKeys,
      {
        id: `${row.id}/undo-refused`,
        workflowId: row.workflowId,
        type: 'change.undo-refused',
        actor: 'curtail',
        atMs: ports.now(),
      },
      { changeId: row.id, reason },
    ),
  );
  return { status: 'refused', reason };
}
