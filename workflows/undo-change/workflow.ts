import { allHandlersFinished, CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { PreparedUndo, Subject } from '../../activities/contract.js';
import { requestId } from '../naming.js';
import { type Case, decide, engine, writes } from '../shared/decide-and-fix.js';
import { type DeskVerdict, openDecisionDesk } from '../shared/decision-desk.js';
import { openParking } from '../shared/parking.js';
import { ownId, trackProgress } from '../shared/progress.js';
import { applyUnlessStopped } from '../shared/remediate.js';
import type { UndoChangeInput, UndoResult } from './messages.js';

type Draft = Extract<PreparedUndo, { kind: 'draft' }>;

/**
 * Undoes an applied change, if other people than the one who asks approve it: prepare, ask, wait, apply, end.
 * The findings move only when it was undone.
 */
export async function undoChange(input: UndoChangeInput): Promise<UndoResult> {
  const desk = openDecisionDesk();
  const { subject: about, kind, severity, timing } = input;
  const progress = trackProgress({ subject: about, kind, severity, members: 1 }, () => ({
    refusals: desk.refusals,
    badMessages: desk.badMessages,
  }));
  // The notice carries no findings: theirs is the ledger's stage, and the fix stands while an undo is parked.
  const parking = openParking(timing, progress, (parked, stage) =>
    engine(timing, 'tell operators that it is parked').setStage({
      workflowId: ownId(),
      generation: 1,
      keys: [],
      stage: 'parked',
      note: `an undo: ${stage} is parked`,
      parked,
      notify: true,
    }),
  );
  const prepared = await parking.step('preparing', 'computing what undoing restores', () =>
    engine(timing, 'compute what undoing restores').prepareUndo({ workflowId: ownId(), ask: input.ask }),
  );
  if (prepared.kind === 'refused') return finish({ undone: false, note: prepared.reason });
  const { generation, keys, digest } = prepared;
  const subject: Subject = { workflowId: ownId(), generation, keys };
  const on: Case = { ...input, phase: 'assist', subject: () => subject, desk, parking, progress };
  const id = requestId(ownId(), generation, 1, digest);
  progress.show({ title: prepared.title, risk: prepared.riskScore, proof: 'restores', route: 'api' });
  let note: string;
  try {
    note = await decideAndUndo(on, prepared, { subject, digest, id, prepared });
  } catch (error) {
    if (!isCancellation(error)) throw error;
    note = 'cancelled by an operator';
    await CancellationScope.nonCancellable(() =>
      engine(timing, 'request is void').closeRequest({ ...subject, requestId: id, status: 'void', note }),
    );
  }
  const ended = await CancellationScope.nonCancellable(() =>
    parking.step('rolling-back', note, () =>
      writes(timing, 'record the ending').endUndo({ ...subject, requestId: id, digest, note }),
    ),
  );
  return finish({ undone: ended.undone, note });

  async function finish(result: UndoResult): Promise<UndoResult> {
    desk.shut('this undo has ended');
    progress.at('closed', result.note);
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
    return result;
  }
}

/** A sentence on how it ended; whether it was undone is the ledger's word. */
async function decideAndUndo(
  on: Case,
  prepared: Draft,
  asked: Parameters<typeof decide>[1],
): Promise<string> {
  const verdict = await decide(on, asked, '');
  if (verdict.verdict !== 'approve') return refusalOf(verdict);
  const applied = await applyUnlessStopped(on, { changeId: verdict.changeId });
  if (applied.status === 'applied') {
    return `undone: asked by ${prepared.requestedBy}, approved by ${verdict.by}: ${prepared.reason}`;
  }
  return 'reason' in applied ? applied.reason : 'it was handed over';
}

function refusalOf(verdict: Exclude<DeskVerdict, { verdict: 'approve' }>): string {
  switch (verdict.verdict) {
    case 'reject':
      return `rejected by ${verdict.by}: ${verdict.reason}`;
    case 'edit':
      return `${verdict.by} would keep part of it, and an undo is all or nothing: ${verdict.reason}`;
    case 'withdraw':
      return 'withdrawn';
    case 'release':
      return 'released, which decides nothing about an undo';
    case 'expire':
      return 'nobody decided in time; a time-out is a no';
  }
}
