import { UNDOABLE } from '../../domain/approval/undo.js';
import { undoChanges } from '../../domain/draft/undo.js';
import { canonicalJson } from '../../domain/json.js';
import type { ChangeRow, DraftRow } from '../ledger/port.js';
import { auditEach, type LifecyclePorts } from './ports.js';

/** Whether we set everything that the change sets: what was as it shall be before we came is not ours to undo. */
export function isAllOurs(row: ChangeRow): boolean {
  return row.changes.every(
    (change, index) => canonicalJson(row.captured?.[index] ?? change.before) !== canonicalJson(change.after),
  );
}

/**
 * Why a draft that restores access may not be applied. The change worker asks for itself: the signature of who asked
 * holds, the ledger holds the change as applied by us, and this is exactly its reverse.
 */
export async function restoresObjection(
  ports: LifecyclePorts,
  row: ChangeRow,
  drafted: DraftRow,
  highPrivilege: boolean,
): Promise<string | undefined> {
  const { restores } = drafted.draft.proof;
  if (restores === undefined) return 'the draft restores something and does not say what';
  if (row.standingApprovalId !== undefined || row.requestId === undefined)
    return 'no standing approval restores access; people must approve it';
  const reading = await ports.verifyUndoAsk(restores.ask);
  if (!reading.ok) return `nobody asked for this undo: ${reading.reason}`;
  const { ask } = reading;
  if (
    ask.changeId !== restores.changeId ||
    ask.sub !== restores.requestedBy ||
    ask.workflowId !== row.workflowId
  )
    return 'the undo is not the one that was asked for';
  const asked = await ports.ledger.request(row.requestId);
  if (asked?.request.requestedBy !== ask.sub || asked.request.provedReduction)
    return 'the request hides who asked for the undo, or that it restores access';
  if (asked.request.highPrivilege !== highPrivilege)
    return 'the request asks for another number of approvals than the identity needs';
  const original = await ports.ledger.change(restores.changeId);
  if (original === undefined || original.digest !== restores.digest || original.route !== 'api')
    return 'there is no such change of ours to undo';
  if (original.account !== row.account) return 'the undo is for another account';
  if (!UNDOABLE.has(original.status)) return `the change to undo is ${original.status}`;
  if (!isAllOurs(original)) return 'part of it was there before us, so it is not ours to undo';
  if (canonicalJson(undoChanges(original.changes)) !== canonicalJson(row.changes))
    return 'the undo is not exactly the reverse of what was applied';
  return undefined;
}

/** Marks the change that an applied undo has undone. Harmless when it is marked already. */
export async function markUndone(ports: LifecyclePorts, undo: ChangeRow): Promise<void> {
  const restores = (await ports.ledger.draft(undo.digest))?.draft.proof.restores;
  if (restores === undefined) return;
  // It was read back, and no scan of a source can say more about an undo.
  await ports.ledger.setChange(undo.id, { status: 'verified' }, []);
  const original = await ports.ledger.change(restores.changeId);
  if (original === undefined || original.status === 'rolled-back') return;
  const note = `undone: asked by ${restores.requestedBy}: ${restores.reason}`.slice(0, 300);
  await ports.ledger.setChange(
    original.id,
    { status: 'rolled-back', note },
    auditEach(
      original.findingKeys,
      {
        id: `${original.id}/undone`,
        workflowId: undo.workflowId,
        type: 'change.undone',
        actor: 'curtail',
        atMs: ports.now(),
      },
      { changeId: original.id, by: undo.id },
    ),
  );
}
