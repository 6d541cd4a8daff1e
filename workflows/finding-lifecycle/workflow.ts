import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  setHandler,
} from '@temporalio/workflow';
import type { Subject } from '../../activities/contract.js';
import { decideAndFix, engine } from '../shared/decide-and-fix.js';
import { openDecisionDesk } from '../shared/decision-desk.js';
import { readSettled } from '../shared/messages-in.js';
import { openParking } from '../shared/parking.js';
import { ownId, trackProgress, upsertOutcome } from '../shared/progress.js';
import { openRenewal } from '../shared/renewal.js';
import { type FindingLifecycleInput, type LifecycleResult, settledSignal } from './messages.js';

const HOUR_MS = 3_600_000;

/** Takes one finding from first sight to a verified fix, or to a recorded reason why not. */
export async function findingLifecycle(input: FindingLifecycleInput): Promise<LifecycleResult> {
  const desk = openDecisionDesk();
  let badSettled = 0;
  const progress = trackProgress(
    { subject: input.subject, kind: input.kind, severity: input.severity, members: 1 },
    () => ({ refusals: desk.refusals, badMessages: desk.badMessages + badSettled }),
  );
  const subject: Subject = { workflowId: ownId(), generation: input.generation, keys: [input.key] };
  let settled: LifecycleResult | undefined;
  const renewal = openRenewal(desk, input, async (going) => {
    // A member that has just been told how it ended needs no new run to ask.
    if (settled !== undefined) return;
    const { going: _earlier, ...anew } = input;
    await continueAsNew<typeof findingLifecycle>({ ...anew, ...(going !== undefined && { going }) });
  });
  const parking = openParking(
    input.timing,
    progress,
    (parked, stage) =>
      engine(input.timing, 'tell operators that it is parked').setStage({
        ...subject,
        stage: 'parked',
        note: `${stage} is parked`,
        parked,
        notify: true,
      }),
    renewal,
  );
  setHandler(settledSignal, (message) => {
    const read = readSettled(message);
    if (read !== undefined && read.clusterId === input.clusterId)
      settled = { outcome: read.outcome, note: read.note };
    else badSettled += 1;
  });

  const result =
    input.clusterId === undefined
      ? await decideAndFix({ ...input, subject: () => subject, desk, parking, progress, renewal })
      : await followCluster(input.clusterId);
  desk.shut(`this finding has ended: ${result.outcome}`);
  upsertOutcome(result.outcome);
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  return result;

  /** A member waits for its cluster's word; when that does not come it asks the ledger. */
  async function followCluster(clusterId: string): Promise<LifecycleResult> {
    progress.at('clustered', `shares one fix with others: ${clusterId}`);
    desk.shut(`this finding is decided together with others: ${clusterId}`);
    const lastRungMs = input.ladder.at(-1)?.afterMs ?? 0;
    const { ladderFactor, verifyGiveUpMs, minNoticeMs } = input.timing;
    const graceMs = Math.max(5_000, HOUR_MS * ladderFactor);
    for (;;) {
      await condition(() => settled !== undefined, lastRungMs + minNoticeMs + verifyGiveUpMs + graceMs);
      if (settled !== undefined) break;
      const state = await parking.step('clustered', 'asking the ledger about the cluster', () =>
        engine(input.timing, 'how did the cluster end?').lookUpCluster({ clusterId, key: input.key }),
      );
      if (state.settled) settled = { outcome: state.outcome, note: 'settled by its cluster' };
    }
    progress.at('closed', settled.note, { outcome: settled.outcome });
    return settled;
  }
}
