import { createHash } from 'node:crypto';
import type { ChangeRow, FindingRow } from '../../activities/ledger/port.js';
import type { Person } from '../../domain/approval/request.js';
import { undoObjection } from '../../domain/approval/undo.js';
import { signUndoAsk } from '../../runtime/undo-asks.js';
import { undoWorkflowId } from '../../workflows/naming.js';
import type { ControlReceipt } from './control.js';
import type { Gateway } from './kit.js';

/** Why this person may not ask to undo the change; undefined when they may. The workflow asks again for itself. */
export async function mayNotUndo(
  { ledger }: Pick<Gateway, 'ledger'>,
  person: Person,
  change: ChangeRow,
): Promise<string | undefined> {
  const [shown, asked] = await Promise.all([
    ledger.draft(change.digest),
    change.requestId === undefined ? undefined : ledger.request(change.requestId),
  ]);
  if (shown === undefined) return 'the draft of this change is gone';
  return undoObjection(person, {
    status: change.status,
    route: change.route,
    verdict: shown.draft.proof.verdict,
    ownerIds: [...shown.context.owner.personIds, ...(asked?.request.approverIds ?? [])],
  });
}

/**
 * Asks for an undo in the name of a signed-in person: signs who asks for what, and opens the question to others.
 * Without a change's id, the latest one of the finding that can be undone is meant.
 */
export async function askUndo(
  gateway: Gateway,
  person: Person,
  finding: FindingRow,
  input: { changeId?: string; reason: string },
): Promise<ControlReceipt> {
  const { ledger } = gateway;
  const changes = await ledger.changes({ findingKey: finding.key });
  const wanted = changes.filter(({ id }) => input.changeId === undefined || id === input.changeId);
  let objection: string | undefined;
  for (const change of wanted) {
    const against = await mayNotUndo(gateway, person, change);
    if (against === undefined) return start(gateway, person, finding, change, input.reason);
    objection ??= against;
  }
  return { done: false, message: objection ?? 'nothing was ever applied for this finding' };
}

async function start(
  gateway: Gateway,
  person: Person,
  finding: FindingRow,
  change: ChangeRow,
  reason: string,
): Promise<ControlReceipt> {
  const { ledger, signer } = gateway;
  const hash = createHash('sha256').update(change.id).digest('hex').slice(0, 32);
  const prefix = undoWorkflowId(hash, 0).slice(0, -1);
  const requests = await ledger.requests({ findingKey: finding.key });
  const earlier = requests.filter((row) => row.request.workflowId.startsWith(prefix));
  if (earlier.some((row) => row.status === 'open'))
    return { done: false, message: 'somebody has asked for this already; the request is open' };
  const atMs = gateway.now();
  const workflowId = `${prefix}${earlier.length + 1}`;
  const ask = await signUndoAsk({ sub: person.id, workflowId, changeId: change.id, reason }, signer, atMs);
  await ledger.audit([
    {
      id: `gateway/undo/${workflowId}/${person.id}/${atMs}`,
      stream: 'gateway',
      type: 'undo.signed',
      actor: person.id,
      atMs,
      findingKey: finding.key,
      workflowId,
      fields: { changeId: change.id, reason: reason.slice(0, 300) },
    },
  ]);
  return gateway.control.undo({ workflowId, findingKey: finding.key, ask });
}
