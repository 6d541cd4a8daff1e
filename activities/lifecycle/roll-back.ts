import { type Change, reverseChange } from '../../domain/change/change.js';
import { Failure, FailureType } from '../../domain/failure.js';
import { canonicalJson } from '../../domain/json.js';
import type { Activities } from '../contract.js';
import type { ChangeRow } from '../ledger/port.js';
import { heartbeat } from './heartbeat.js';
import { auditEach, type LifecyclePorts } from './ports.js';
import { stateOf } from './read-back.js';
import { undoAuthority } from './undo-authority.js';

/**
 * Undoes an applied change, by the ledger's word that it must be undone and by no caller's. The kill switch never
 * stops it. What was as it shall be before we came is not ours to undo.
 */
export function createRollBack(ports: LifecyclePorts): Activities['rollBack'] {
  return async ({ changeId }) => {
    const row = await ports.ledger.change(changeId);
    const writer = ports.cloudWriter;
    if (row === undefined) return unknownChange(ports, changeId);
    if (row.status === 'rolled-back') return { status: 'rolled-back' };
    const authority = undoAuthority(row);
    if (!authority.ok) return refuse(ports, row, authority.reason);
    const { reason } = authority;
    if (row.route !== 'api')
      return refuse(ports, row, 'a person or a pipeline applied it; they must undo it');
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

function cannotUndo(ports: LifecyclePorts, row: ChangeRow, change: Change): Promise<Refused> {
  const target = change.target.name ?? change.target.arn ?? change.target.principal ?? 'the target';
  return refuse(ports, row, `${target} was changed by somebody else meanwhile; undoing would overwrite that`);
}

interface Refused {
  status: 'refused';
  reason: string;
}

async function unknownChange(ports: LifecyclePorts, changeId: string): Promise<Refused> {
  await ports.ledger.audit([
    {
      id: `undo/unknown/${ports.digest(changeId)}`,
      stream: 'system',
      type: 'change.undo-refused',
      actor: 'unknown',
      atMs: ports.now(),
      fields: { reason: 'no such change' },
    },
  ]);
  return { status: 'refused', reason: 'there is no such change in the ledger' };
}

async function refuse(ports: LifecyclePorts, row: ChangeRow, reason: string): Promise<Refused> {
  await ports.ledger.audit(
    auditEach(
      row.findingKeys,
      {
        id: `${row.id}/undo-refused/${ports.digest(reason).slice(0, 12)}`,
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
