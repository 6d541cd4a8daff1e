import { CancellationScope, condition, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { Activities, PreparedDraft, Subject } from '../../activities/contract.js';
import { expiresAt, type Ladder } from '../../domain/approval/ladder.js';
import type { Severity } from '../../domain/finding/finding.js';
import { lowerPhase, type Outcome, type Phase } from '../../domain/lifecycle/stage.js';
import type { Timing } from '../../domain/lifecycle/timing.js';
import { keyedWrite, ledger, read, think } from '../activity-options.js';
import type { LifecycleResult } from '../finding-lifecycle/messages.js';
import { releaseRequestId, requestId } from '../naming.js';
import type { DecisionDesk, DeskVerdict } from './decision-desk.js';
import type { Parking } from './parking.js';
import { type Progress, upsertWaiting } from './progress.js';
import { settleChange } from './remediate.js';
import type { Going, Renewal } from './renewal.js';

/** What a lone finding and a cluster have in common. */
export interface Case {
  /** Whose life it is now; a cluster's grows until its draft is shown. */
  subject: () => Subject;
  severity: Severity;
  phase: Phase;
  ladder: Ladder;
  timing: Timing;
  desk: DecisionDesk;
  parking: Parking;
  progress: Progress;
  /** Absent where a history cannot grow long. */
  renewal?: Renewal;
  /** Called when a draft is about to be shown: who is covered by it. */
  onShown?: (draft: PreparedDraft) => void;
}

/** Rounds of edits and voided approvals after which a person must look at the case itself. */
const MAX_ROUNDS = 12;

/**
 * The one story of a fix, for a lone finding and for a cluster alike:
 * enrich, prepare, explain, ask, wait, apply, verify, close; every ending is recorded by `close`.
 */
export async function decideAndFix(on: Case): Promise<LifecycleResult> {
  try {
    return await live(on);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    on.desk.shut('this finding was cancelled');
    return await CancellationScope.nonCancellable(() =>
      close(on, 'cancelled', 'cancelled by an operator', {}),
    );
  }
}

async function live(on: Case): Promise<LifecycleResult> {
  const { parking, progress, timing } = on;
  const earlier = on.renewal?.going;
  const gone = earlier === undefined ? undefined : await carryOut(on, earlier);
  if (gone !== undefined && 'result' in gone) return gone.result;
  const enriched = await parking.step('enriching', 'finding out what it means here', () =>
    reads(timing, 'what it means in this company').enrich(on.subject()),
  );
  if (enriched.resolvedAtSource) return close(on, 'resolved-at-source', 'the source closed it', {});
  if (enriched.neverTouch !== null) return close(on, 'never-touch', enriched.neverTouch, {});

  let edit = earlier?.edit;
  let voided = gone?.voided;
  let phase = gone?.phase ?? on.phase;
  for (let round = (earlier?.round ?? 0) + 1; round <= MAX_ROUNDS; round += 1) {
    const subject = on.subject();
    const note = voided ?? 'computing and proving a fix';
    const prepared = await parking.step('preparing', note, () =>
      engine(timing, `score, draft, prove and guard, round ${round}`).prepare({
        ...subject,
        contextDigest: enriched.contextDigest,
        phase,
        round,
        asOfMs: Date.now(),
        ...(edit !== undefined && { edit }),
      }),
    );
    if (prepared.kind === 'no-change') return close(on, 'no-change', prepared.reason, {});
    if (prepared.kind === 'refused') return close(on, 'unproven', prepared.reason, {});
    if (prepared.kind === 'blocked')
      return close(on, 'blocked', prepared.reason, { digest: prepared.digest });

    on.onShown?.(prepared);
    const { digest } = prepared;
    progress.show({
      title: prepared.title,
      risk: prepared.riskScore,
      proof: prepared.proof,
      route: prepared.route,
    });
    await parking.step('explaining', 'putting it in plain words', () =>
      words(timing, 'in plain words').explain({ ...subject, digest }),
    );
    if (prepared.phase === 'observe') {
      const outcome = prepared.proof === 'unproven' ? 'unproven' : 'observed';
      return close(on, outcome, `${prepared.title}; nothing was asked`, { digest });
    }
    if (prepared.standingChangeId !== undefined) {
      const changeId = prepared.standingChangeId;
      const ended = await carryOut(on, { changeId, digest, success: 'auto-remediated', round, phase });
      if ('result' in ended) return ended.result;
      ({ voided, phase } = ended);
      continue;
    }

    const asked = {
      subject,
      digest,
      id: requestId(subject.workflowId, subject.generation, round, digest),
      prepared,
    };
    const { verdict, about } = await releaseAndDecide(on, asked, enriched.contextDigest);
    if (verdict.verdict === 'expire')
      return close(on, 'expired', 'nobody decided in time; a time-out is a no', about);
    if (verdict.verdict === 'withdraw')
      return close(on, 'resolved-at-source', 'the source closed it meanwhile', about);
    if (verdict.verdict === 'reject') return close(on, 'rejected', `rejected: ${verdict.reason}`, about);
    if (verdict.verdict === 'edit') {
      edit = {
        by: verdict.by,
        keepActions: verdict.keepActions,
        reason: verdict.reason,
        previousDigest: digest,
      };
      voided = 'a person edited the draft; computing and proving it again';
      continue;
    }
    if (verdict.verdict === 'release') throw new Error('a released ticket is no decision');
    const ended = await carryOut(on, {
      changeId: verdict.changeId,
      requestId: asked.id,
      digest,
      success: 'verified',
      round,
      phase,
      ...(edit !== undefined && { edit }),
    });
    if ('result' in ended) return ended.result;
    voided = ended.voided;
  }
  return close(on, 'deferred', `changed under our hands ${MAX_ROUNDS} times; a person must look`, {});
}

/** Sees an approved change through, in this run or the next. Says why and how to go on where its approval is void. */
async function carryOut(
  on: Case,
  going: Going,
): Promise<{ result: LifecycleResult } | { voided: string; phase: Phase }> {
  const { requestId: asked, digest, phase } = going;
  if (on.renewal !== undefined) on.renewal.going = going;
  const ended = await settleChange(on, going, going.success);
  if (on.renewal !== undefined) on.renewal.going = undefined;
  if (ended.kind === 'closed') return { result: ended.result };
  if (ended.kind === 'ended') {
    const about = { digest, ...(asked !== undefined && { requestId: asked }) };
    return { result: await close(on, ended.outcome, ended.note, about) };
  }
  if (asked === undefined)
    return { voided: ended.reason, phase: ended.attended === true ? lowerPhase(phase, 'assist') : phase };
  await closeRequest(on, asked, 'void', ended.reason);
  return { voided: `the approval is void: ${ended.reason}`, phase };
}

/** One question at the desk: about which draft, and for whom. */
export interface Asked {
  subject: Subject;
  digest: string;
  id: string;
  prepared: Pick<PreparedDraft, 'riskScore'>;
  /** The question is whether the ticket may go to its owner. */
  release?: true;
  /** What the person who released the ticket wants its owner to know. */
  note?: { by: string; text: string };
}

/** Where tickets are released first, the security team's question comes before the owner's; its no ends the matter. */
async function releaseAndDecide(
  on: Case,
  asked: Asked & { prepared: PreparedDraft },
  contextDigest: string,
): Promise<{ verdict: DeskVerdict; about: { digest: string; requestId: string } }> {
  const { digest } = asked;
  let note: Asked['note'];
  if (asked.prepared.releaseFirst === true) {
    const release = { ...asked, id: releaseRequestId(asked.id), release: true as const };
    const verdict = await decide(on, release, contextDigest);
    if (verdict.verdict !== 'release') return { verdict, about: { digest, requestId: release.id } };
    if (verdict.note !== '') note = { by: verdict.by, text: verdict.note };
  }
  const verdict = await decide(on, { ...asked, ...(note !== undefined && { note }) }, contextDigest);
  return { verdict, about: { digest, requestId: asked.id } };
}

/** Opens the request and waits for its decision. */
export async function decide(on: Case, asked: Asked, contextDigest: string): Promise<DeskVerdict> {
  const { parking, progress, timing } = on;
  const openedAtMs = Date.now();
  let upserted = false;
  let dueAtMs: readonly number[] | undefined;
  const verdict = await on.desk.decide({
    ladder: on.ladder,
    minNoticeMs: timing.minNoticeMs,
    openedAtMs,
    notify: async (rung, expiresAtMs) => {
      const stage = rung === undefined ? 'asking' : 'awaiting-decision';
      const told = await parking.step(
        stage,
        rung === undefined ? 'asking the owner' : `${rung.name} is being sent`,
        () =>
          writes(
            timing,
            rung === undefined ? 'open the request, the ticket and tell the owner' : rung.name,
          ).ask({
            ...asked.subject,
            requestId: asked.id,
            digest: asked.digest,
            contextDigest,
            severity: on.severity,
            rung: rung?.name ?? 'opened',
            escalate: rung?.act === 'escalate',
            openedAtMs,
            expiresAtMs,
            ...(rung === undefined && { dueAtMs: on.ladder.map(({ afterMs }) => openedAtMs + afterMs) }),
            ...(asked.release === true && { release: true as const }),
            ...(asked.note !== undefined && { note: asked.note }),
          }),
      );
      dueAtMs ??= told.dueAtMs;
      const decideByMs = expiresAt(
        on.ladder,
        {
          openedAtMs,
          nextRung: 0,
          lastNoticeAtMs: told.deliveredAtMs,
          ...(dueAtMs !== undefined && { dueAtMs }),
        },
        timing.minNoticeMs,
      );
      const { waitingFor } = told;
      progress.at('awaiting-decision', `waiting for ${waitingFor}`, {
        digest: asked.digest,
        requestId: asked.id,
        waitingFor,
        decideByMs,
      });
      if (!upserted || rung?.act === 'escalate')
        upsertWaiting(waitingFor, decideByMs, asked.prepared.riskScore);
      upserted = true;
      return told;
    },
    settle: (grant) =>
      engine(timing, 'judge a signed decision').settle({
        ...asked.subject,
        requestId: asked.id,
        digest: asked.digest,
        grant,
      }),
  });
  if (verdict.verdict === 'expire') await closeRequest(on, asked.id, 'expired', 'nobody decided in time');
  return verdict;
}

async function closeRequest(on: Case, id: string, status: 'expired' | 'void', note: string): Promise<void> {
  await on.parking.step('awaiting-decision', note, () =>
    engine(on.timing, `request is ${status}`).closeRequest({ ...on.subject(), requestId: id, status, note }),
  );
}

/** Records an ending: ledger, ticket, source and the people who were asked. */
export async function close(
  on: Case,
  outcome: Outcome,
  note: string,
  about: { digest?: string; requestId?: string },
): Promise<LifecycleResult> {
  on.desk.shut(`this finding has ended: ${outcome}`);
  const closing = on.progress.status.stage;
  await on.parking.step(closing === 'parked' ? 'verifying' : closing, note, () =>
    writes(on.timing, `record the ending: ${outcome}`).close({ ...on.subject(), outcome, note, ...about }),
  );
  on.progress.at('closed', note, { outcome });
  return { outcome, note };
}

/** Activities on `connect` that only read. */
export function reads(timing: Timing, summary: string): Pick<Activities, 'enrich' | 'watchHandOver'> {
  return proxyActivities<Activities>({ ...read(timing), summary });
}
/** Activities on `connect` that write to tickets, chat and platforms by key. */
export function writes(
  timing: Timing,
  summary: string,
): Pick<Activities, 'ask' | 'verify' | 'close' | 'endUndo'> {
  return proxyActivities<Activities>({ ...keyedWrite(timing), summary });
}
/** Activities on `core`: the engine and the ledger. */
export function engine(
  timing: Timing,
  summary: string,
): Pick<Activities, 'prepare' | 'prepareUndo' | 'settle' | 'closeRequest' | 'setStage' | 'lookUpCluster'> {
  return proxyActivities<Activities>({ ...ledger(timing), summary });
}
function words(timing: Timing, summary: string): Pick<Activities, 'explain'> {
  return proxyActivities<Activities>({ ...think(timing), summary });
}
/** Activities on `change`: the only ones that write to a cloud. */
export function changes(timing: Timing, summary: string): Pick<Activities, 'apply' | 'rollBack'> {
  return proxyActivities<Activities>({ ...keyedWrite(timing, 'change'), summary });
}
/** Waits without looking at anything: the deadline is all there is. */
export async function pause(ms: number, summary: string): Promise<void> {
  await condition(() => false, ms, { summary });
}
