import { undoObjection } from '../../domain/approval/undo.js';
import { undoDraft, undoExplanation, undoPicture } from '../../domain/draft/undo.js';
import { Failure, FailureType } from '../../domain/failure.js';
import { canonicalJson } from '../../domain/json.js';
import type { BusinessContext } from '../../domain/lifecycle/context.js';
import { type Draft, digestible } from '../../domain/proof/proof.js';
import type { Activities, PreparedUndo, Subject } from '../contract.js';
import type { ChangeRow, DraftRow, FindingRow } from '../ledger/port.js';
import { isHighPrivilege } from './authorise.js';
import { closeCase } from './close.js';
import { businessContext } from './enrich.js';
import { guardrailInput } from './guard.js';
import { heartbeat } from './heartbeat.js';
import { IN_PLACE } from './in-place.js';
import { auditEach, type LifecyclePorts } from './ports.js';
import { fixStillHolds } from './read-back.js';
import { isAllOurs } from './restores.js';

/** An ask that waited longer than this was overtaken by life; ask again. */
const ASK_TTL_MS = 86_400_000;

/**
 * Computes the draft that undoes an applied change. Trusts no caller: who asks is what the gateway signed, what is
 * undone is what the ledger holds, and what is there now must be what was applied. The organisation's policies are
 * asked about it as about every draft, with the never-touch list and the freezes of today.
 */
export function createPrepareUndo(ports: LifecyclePorts): Activities['prepareUndo'] {
  return async ({ workflowId, ask }) => {
    const reading = await ports.verifyUndoAsk(ask);
    if (!reading.ok) return { kind: 'refused', reason: `nobody asked for this undo: ${reading.reason}` };
    const { sub: askedBy, changeId, reason, iat } = reading.ask;
    if (reading.ask.workflowId !== workflowId)
      return { kind: 'refused', reason: 'the ask is for another workflow' };
    if (ports.now() - iat * 1000 > ASK_TTL_MS)
      return { kind: 'refused', reason: 'it was asked more than a day ago; ask again' };
    const row = await ports.ledger.change(changeId);
    const original = row === undefined ? undefined : await ports.ledger.draft(row.digest);
    const finding = await ports.ledger.finding(row?.findingKeys[0] ?? '');
    if (row === undefined || original === undefined || finding === undefined)
      return { kind: 'refused', reason: 'the ledger has no such change' };
    const context = await businessContext(ports, finding.finding);
    heartbeat('context known');
    const on: Undoing = { workflowId, ask, row, original, finding, context, askedBy, reason };
    const objection = await askObjection(ports, on);
    if (objection !== undefined) return refused(ports, on, objection);
    const made = await guardedDraft(ports, on);
    return 'refused' in made
      ? refused(ports, on, made.refused)
      : prepared(await keepDraft(ports, on, made), row);
  };
}

interface Undoing {
  workflowId: string;
  ask: string;
  row: ChangeRow;
  original: DraftRow;
  finding: FindingRow;
  /** As it is today, not as it was when the change was drafted. */
  context: BusinessContext;
  askedBy: string;
  reason: string;
}

async function askObjection(ports: LifecyclePorts, on: Undoing): Promise<string | undefined> {
  const { row, original, context } = on;
  const person = await ports.directory.person(on.askedBy);
  if (person === undefined) return 'the directory does not know who asked';
  const asked = row.requestId === undefined ? undefined : await ports.ledger.request(row.requestId);
  const objection = undoObjection(person, {
    status: row.status,
    route: row.route,
    verdict: original.draft.proof.verdict,
    ownerIds: [...context.owner.personIds, ...(asked?.request.approverIds ?? [])],
  });
  if (objection !== undefined) return objection;
  if (context.managedBy !== undefined)
    return `it is managed by ${context.managedBy.tool} now: its next run would overwrite the undo; change the code`;
  if (!isAllOurs(row)) return 'part of it was there before us, so it is not ours to undo';
  if (await fixStillHolds(ports, row)) return undefined;
  return 'what is there now is not what was applied; undoing would overwrite a later change';
}

/** The draft with the organisation's word on it. A no of theirs ends it before anybody is asked. */
async function guardedDraft(
  ports: LifecyclePorts,
  { row, original, finding, context, ...on }: Undoing,
): Promise<Draft | { refused: string }> {
  const made = undoDraft({
    original: original.draft,
    asked: { changeId: row.id, digest: row.digest, requestedBy: on.askedBy, reason: on.reason, ask: on.ask },
    account: await ports.cloud.readAccount(row.account ?? ''),
    prover: { now: ports.now, digest: ports.digest },
  });
  if ('refused' in made) return made;
  const { draft } = made;
  const { allow, reasons, policySet, digest } = await ports.guardrail.decide(
    guardrailInput({
      finding: finding.finding,
      context,
      draft,
      phase: 'assist',
      route: 'api',
      nowMs: ports.now(),
    }),
  );
  if (!allow) return { refused: `the guardrails do not allow it: ${reasons.join('; ')}`.slice(0, 500) };
  return { ...draft, proof: { ...draft.proof, guardrails: { allow, reasons, policySet, digest } } };
}

async function refused(ports: LifecyclePorts, on: Undoing, reason: string): Promise<PreparedUndo> {
  const { workflowId, row, askedBy: actor } = on;
  await ports.ledger.audit(
    auditEach(
      row.findingKeys,
      { id: `${workflowId}/refused`, workflowId, type: 'undo.refused', actor, atMs: ports.now() },
      { changeId: row.id, reason: reason.slice(0, 300) },
    ),
  );
  return { kind: 'refused', reason };
}

async function keepDraft(ports: LifecyclePorts, on: Undoing, draft: Draft): Promise<DraftRow> {
  const { row, original, workflowId, askedBy, reason } = on;
  const name = (await ports.directory.person(askedBy))?.name ?? askedBy;
  const explanation = undoExplanation(draft, name);
  const kept: DraftRow = {
    digest: ports.digest(canonicalJson(digestible(draft))),
    workflowId,
    generation: row.generation,
    draft,
    context: on.context,
    ...(original.blastRadius !== undefined && { blastRadius: undoPicture(original.blastRadius) }),
    route: 'api',
    createdMs: ports.now(),
  };
  await ports.ledger.putDraft(
    kept,
    auditEach(
      row.findingKeys,
      { id: `${workflowId}/asked`, workflowId, type: 'undo.asked', actor: askedBy, atMs: kept.createdMs },
      { changeId: row.id, digest: kept.digest, reason: reason.slice(0, 300) },
    ),
  );
  await ports.ledger.putExplanation(kept.digest, explanation, []);
  await tellFirstTicket(ports, row, `${workflowId}/asked`, `${name} asks to undo this change: ${reason}`);
  return kept;
}

function prepared(kept: DraftRow, row: ChangeRow): PreparedUndo {
  const { draft } = kept;
  return {
    kind: 'draft',
    digest: kept.digest,
    keys: row.findingKeys,
    generation: row.generation,
    riskScore: draft.riskBefore.value,
    highPrivilege: isHighPrivilege(kept),
    title: 'Undo: restores earlier access',
    requestedBy: draft.proof.restores?.requestedBy ?? '',
    reason: draft.proof.restores?.reason ?? '',
  };
}

/** The ticket under which the change was approved is told what became of it. */
async function tellFirstTicket(
  ports: LifecyclePorts,
  row: ChangeRow,
  key: string,
  text: string,
): Promise<void> {
  const asked = row.requestId === undefined ? undefined : await ports.ledger.request(row.requestId);
  if (asked?.ticket === undefined) return;
  await ports.tickets.comment({
    ticketId: asked.ticket.id,
    key: `${key}/first-ticket`,
    body: [{ type: 'paragraph', text: text.slice(0, 1_000) }],
  });
}

/**
 * Records how an undo ended. Only one that was applied moves its findings, to `rolled-back`; whatever else happened,
 * the fix stands and its findings stay as they are.
 */
export function createEndUndo(ports: LifecyclePorts): Activities['endUndo'] {
  return async (input) => {
    const drafted = await ports.ledger.draft(input.digest);
    const restores = drafted?.draft.proof.restores;
    if (drafted === undefined || restores === undefined)
      throw new Failure(FailureType.NotFound, `ending an undo: no such draft ${input.digest}`);
    const original = await ports.ledger.change(restores.changeId);
    const asked = await ports.ledger.request(input.requestId);
    const undone = await ports.ledger.change(`change/${input.requestId}`);
    const done = undone !== undefined && IN_PLACE.has(undone.status);
    const key = `${input.workflowId}/ended`;
    const { note } = input;
    if (done) {
      const keys = await stillOfThisLife(ports, input);
      await closeCase(ports, { ...input, keys, outcome: 'rolled-back' });
    } else if (asked?.ticket !== undefined) {
      const ticketId = asked.ticket.id;
      const text = `Not undone: ${note}. The fix stands.`;
      await ports.tickets.comment({ ticketId, key: `${key}/comment`, body: [{ type: 'paragraph', text }] });
      await ports.tickets.setState({ ticketId, state: 'rejected', key: `${key}/state`, note: text });
    }
    if (original !== undefined)
      await tellFirstTicket(ports, original, key, done ? note : `Not undone: ${note}. The fix stands.`);
    await ports.ledger.audit(
      auditEach(
        input.keys,
        {
          id: key,
          workflowId: input.workflowId,
          type: done ? 'undo.done' : 'undo.ended',
          actor: 'curtail',
          atMs: ports.now(),
        },
        { changeId: restores.changeId, note: note.slice(0, 300), requestedBy: restores.requestedBy },
      ),
    );
    return { undone: done };
  };
}

/** A finding that came back meanwhile lives its next life, which is not this undo's to end. */
async function stillOfThisLife(
  ports: LifecyclePorts,
  { keys, generation }: Subject,
): Promise<readonly string[]> {
  const rows = await Promise.all(keys.map((key) => ports.ledger.finding(key)));
  return rows.flatMap((row) => (row?.generation === generation ? [row.key] : []));
}
