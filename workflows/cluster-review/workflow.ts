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
  const late = new Map<string, ClusterMember>();
  let covered: readonly string[] | undefined;
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
  const parking = openParking(input.timing, progress, (parked, stage) =>
    engine(input.timing, 'tell operators that it is parked').setStage({
      ...subject(),
      stage: 'parked',
      note: `${stage} is parked`,
      parked,
      notify: true,
    }),
  );

  progress.at('clustered', 'collecting findings with the same root cause');
  await pause(input.timing.clusterWaitMs, 'for further members');
  const result = await decideAndFix({
    ...input,
    subject,
    desk,
    parking,
    progress,
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
      ...input,
      generation: input.generation + 1,
      members: [...late.values()],
    });
  }
  return result;
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
