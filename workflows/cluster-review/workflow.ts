import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  setHandler,
} from '@temporalio/workflow';
import type { PreparedDraft, Subject } from '../../activities/contract.js';
import { type LifecycleResult, settledSignal } from '../finding-lifecycle/messages.js';
import { decideAndFix, engine, pause } from '../shared/decide-and-fix.js';
import { openDecisionDesk } from '../shared/decision-desk.js';
import { readMembers } from '../shared/messages-in.js';
import { openParking } from '../shared/parking.js';
import { ownId, trackProgress, upsertOutcome } from '../shared/progress.js';
import { openRenewal } from '../shared/renewal.js';
import { type ClusterMember, type ClusterReviewInput, joinSignal } from './messages.js';

/**
 * One draft, one proof, one ticket and one approval for findings with one root cause.
 *
 * Membership closes when the draft is shown. A later arrival is attached if its subject is covered by the draft's
 * proof; otherwise it waits for the next generation, which starts when this one has ended.
 */
export async function clusterReview(input: ClusterReviewInput): Promise<LifecycleResult> {
  const desk = openDecisionDesk();
  const members = new Map(input.members.map((member) => [member.key, member]));
  const late = new Map((input.late ?? []).map((member) => [member.key, member]));
  let { covered } = input;
  let badJoins = 0;
  const progress = trackProgress(
    { subject: input.rootCause, kind: input.kind, severity: input.severity, members: members.size },
    () => ({ refusals: desk.refusals, badMessages: desk.badMessages + badJoins }),
  );
  // Signals that came with the start are delivered here and now, so everything that the handler uses stands above.
  setHandler(
    joinSignal,
    (message) => {
      const joining = readMembers(message);
      if (joining === undefined) badJoins += 1;
      for (const member of joining ?? []) {
        if (members.has(member.key)) continue;
        if (covered === undefined || covered.includes(member.subject)) members.set(member.key, member);
        else late.set(member.key, member);
      }
      progress.show({ members: members.size });
    },
    { description: 'More findings with the same root cause' },
  );
  const subject = (): Subject => ({
    workflowId: ownId(),
    generation: input.generation,
    keys: [...members.keys()],
  });
  const renewal = openRenewal(desk, input, (going) =>
    continueAsNew<typeof clusterReview>({
      ...anew(input),
      members: [...members.values(), ...(going === undefined ? late.values() : [])],
      ...(going !== undefined && { going, late: [...late.values()] }),
      ...(going !== undefined && covered !== undefined && { covered }),
    }),
  );
  const parking = openParking(
    input.timing,
    progress,
    (parked, stage) =>
      engine(input.timing, 'tell operators that it is parked').setStage({
        ...subject(),
        stage: 'parked',
        note: `${stage} is parked`,
        parked,
        notify: true,
      }),
    renewal,
  );

  progress.at('clustered', 'collecting findings with the same root cause');
  if (input.going === undefined) await pause(input.timing.clusterWaitMs, 'for further members');
  const result = await decideAndFix({
    ...input,
    subject,
    desk,
    parking,
    progress,
    renewal,
    onShown: (draft: PreparedDraft) => {
      covered = draft.coveredPrincipals;
    },
  });
  upsertOutcome(result.outcome);
  await CancellationScope.nonCancellable(async () => {
    await release(members, result);
    await condition(allHandlersFinished);
  });
  if (late.size > 0) {
    await continueAsNew<typeof clusterReview>({
      ...anew(input),
      generation: input.generation + 1,
      members: [...late.values()],
    });
  }
  return result;
}

/** What a cluster is, without what an earlier run of it has come to. */
function anew(input: ClusterReviewInput): ClusterReviewInput {
  const { going: _going, covered: _covered, late: _late, ...rest } = input;
  return rest;
}

/** Tells every member how it ended. One that is gone already needs no telling. */
async function release(members: ReadonlyMap<string, ClusterMember>, result: LifecycleResult): Promise<void> {
  const telling = [...members.values()].map(async (member) => {
    try {
      await getExternalWorkflowHandle(member.workflowId).signal(settledSignal, {
        ...result,
        clusterId: ownId(),
      });
    } catch (error) {
      if (isCancellation(error)) throw error;
    }
  });
  await Promise.all(telling);
}
