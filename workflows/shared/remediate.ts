import { CancellationScope } from '@temporalio/workflow';
import type { Outcome } from '../../domain/lifecycle/stage.js';
import type { LifecycleResult } from '../finding-lifecycle/messages.js';
import { type Case, changes, pause, reads, writes } from './decide-and-fix.js';
import { deadlineOf } from './renewal.js';

/** How carrying out an approved change went on. */
export type Ended =
  /** Verified and closed in one step. */
  | { kind: 'closed'; result: LifecycleResult }
  | { kind: 'ended'; outcome: Outcome; note: string }
  /** The approval is void; the draft must be computed anew, and people asked where nobody was. */
  | { kind: 'void'; reason: string; attended?: true };

interface Approved {
  changeId: string;
  requestId?: string;
}

/**
 * Carries out one approved change and sees it through: apply or hand over, wait for the source's next scan,
 * verify, and roll back when it did harm. Not interrupted half-way: a cancellation waits until nothing is half done.
 */
export async function settleChange(on: Case, approved: Approved, success: Outcome): Promise<Ended> {
  const applied = await applyUnlessStopped(on, approved);
  if (applied.status === 'conflict') return { kind: 'void', reason: applied.reason };
  if (applied.status === 'lapsed') return { kind: 'void', reason: applied.reason, attended: true };
  if (applied.status === 'refused') return { kind: 'ended', outcome: 'blocked', note: applied.reason };
  if (applied.status === 'stopped') return { kind: 'ended', outcome: 'stopped', note: applied.reason };
  if (applied.status === 'handed-over') {
    const declined = await watch(on, approved.changeId, applied.route, applied.url);
    if (declined !== undefined) return { kind: 'ended', outcome: 'deferred', note: declined };
  }
  return CancellationScope.nonCancellable(() => verify(on, approved, success));
}

/** A stopped change waits with its approval and looks again, until the switch is off or the time is up. */
export async function applyUnlessStopped(
  on: Pick<Case, 'timing' | 'parking' | 'progress' | 'renewal'>,
  approved: Approved,
) {
  const giveUpAtMs = deadlineOf(on.renewal, 'stoppedUntilMs', on.timing.routeGiveUpMs);
  for (;;) {
    const applied = await CancellationScope.nonCancellable(() =>
      on.parking.step('remediating', 'applying exactly what was approved', () =>
        changes(on.timing, 'apply exactly what was approved').apply({ changeId: approved.changeId }),
      ),
    );
    if (applied.status !== 'stopped' || Date.now() >= giveUpAtMs) return applied;
    on.progress.at('parked', applied.reason, { parked: 'apply.stopped' });
    await pause(on.timing.routePollEveryMs, 'until the next look');
    await on.renewal?.ifLong();
  }
}

/** Waits for a person or a pipeline to carry the change out. A sentence when that did not happen. */
async function watch(
  on: Case,
  changeId: string,
  route: 'pull-request' | 'ticket',
  url: string,
): Promise<string | undefined> {
  const giveUpAtMs = deadlineOf(on.renewal, 'routeUntilMs', on.timing.routeGiveUpMs);
  const stage = route === 'ticket' ? 'awaiting-ticket' : 'awaiting-merge';
  const what =
    route === 'ticket' ? `handed over as a ticket: ${url}` : `waiting for the pull request: ${url}`;
  for (;;) {
    on.progress.at(stage, what);
    await pause(on.timing.routePollEveryMs, 'until the next look');
    await on.renewal?.ifLong();
    const seen = await on.parking.step(stage, what, () =>
      reads(on.timing, 'was it carried out?').watchHandOver({ changeId }),
    );
    if (seen.status === 'done') return undefined;
    if (seen.status === 'declined') return seen.reason;
    if (Date.now() >= giveUpAtMs) return `${what}; not done in time`;
  }
}

async function verify(on: Case, approved: Approved, success: Outcome): Promise<Ended> {
  const giveUpAtMs = deadlineOf(on.renewal, 'verifyUntilMs', on.timing.verifyGiveUpMs);
  let waitMs = on.timing.verifyAfterMs;
  for (;;) {
    on.progress.at('verifying', 'applied and read back; waiting for the next scan of the source');
    await pause(waitMs, 'until the next look for the source’s scan');
    await on.renewal?.ifLong();
    waitMs = on.timing.verifyEveryMs;
    const last = Date.now() >= giveUpAtMs;
    const seen = await on.parking.step('verifying', 'reading back and asking the source', () =>
      writes(on.timing, 'read back, look for harm, ask the source').verify({
        ...on.subject(),
        changeId: approved.changeId,
        ...(approved.requestId !== undefined && { requestId: approved.requestId }),
        last,
        outcome: success,
      }),
    );
    if (seen.status === 'verified') {
      const note = 'applied, read back, and confirmed by the source';
      on.desk.shut(`this finding has ended: ${success}`);
      on.progress.at('closed', note, { outcome: success });
      return { kind: 'closed', result: { outcome: success, note } };
    }
    if (seen.status === 'still-open')
      return { kind: 'ended', outcome: 'fixed-still-open', note: seen.reason };
    if (seen.status === 'failed') return rollBack(on, approved.changeId, seen.reason);
  }
}

async function rollBack(on: Case, changeId: string, reason: string): Promise<Ended> {
  const back = await on.parking.step('rolling-back', `undoing: ${reason}`, () =>
    changes(on.timing, 'undo').rollBack({ changeId, reason }),
  );
  const note =
    back.status === 'rolled-back' ? `rolled back: ${reason}` : `${reason}; not rolled back: ${back.reason}`;
  return { kind: 'ended', outcome: back.status === 'rolled-back' ? 'rolled-back' : 'blocked', note };
}
