import { type Change, reverseChange } from '../../domain/change/change.js';
import { Failure, FailureType } from '../../domain/failure.js';
import { canonicalJson } from '../../domain/json.js';
import type { Activities } from '../contract.js';
import type { ChangeRow } from '../ledger/port.js';
import { heartbeat } from './heartbeat.js';
import { auditEach, type LifecyclePorts } from './ports.js';
import { stateOf } from './read-back.js';

/**
 * Undoes an applied change. The kill switch never stops it; it needs no new approval, since it restores what was. What
 * was as it shall be before we came is not ours to undo.
 */
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
      const was = row.captured?.[index];
      if (was !== undefined && canonicalJson(was) === canonicalJson(change.after)) continue;
      const state = await stateOf(writer, row.account, change);
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
