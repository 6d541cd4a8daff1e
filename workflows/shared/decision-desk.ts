import { ActivityFailure, condition, isCancellation, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Settled } from '../../activities/contract.js';
import { looksLikeGrantFor } from '../../domain/approval/grant-shape.js';
import {
  expiresAt,
  type Ladder,
  type LadderState,
  nextStep,
  type Rung,
} from '../../domain/approval/ladder.js';
import type { DecisionReceipt } from '../../domain/approval/request.js';
import { decideUpdate, decisionSignal } from '../finding-lifecycle/messages.js';
import { readOffer } from './messages-in.js';

/**
 * After this many refused offers only what is shaped like a grant for this workflow is looked at: noise is refused
 * before it reaches the history, and whoever comes from the gateway is still heard.
 */
const NOISY_AFTER = 20;
/** After this many nothing is looked at any more: each one costs the history a handful of events. */
const MAX_REFUSALS = 500;
/** Offers that may wait for their verdict at the same time. */
const MAX_QUEUED = 50;

interface Offer {
  grant: string;
  receipt?: DecisionReceipt;
}

type Complete = Extract<Settled, { complete: true }>;

/** How a request ended. */
export type DeskVerdict =
  | { verdict: 'approve'; changeId: string; by: string }
  | { verdict: 'release'; by: string; note: string }
  | { verdict: 'reject'; by: string; reason: string }
  | { verdict: 'edit'; by: string; reason: string; keepActions: readonly string[] }
  | { verdict: 'withdraw' }
  | { verdict: 'expire' };

/** A notice was delivered; or nobody needs to decide any more. */
export interface Told {
  deliveredAtMs: number;
  /** When each rung is due, where the asked team's working hours move it. */
  dueAtMs?: readonly number[];
  settled?: Complete;
  withdrawn?: true;
}

/** One request at the desk: what is asked, of whom, until when. */
export interface Asking {
  ladder: Ladder;
  minNoticeMs: number;
  openedAtMs: number;
  /** Sends a notice and says when it was delivered; or that the request was settled before (after a reset). */
  notify: (rung: Rung | undefined, expiresAtMs: number) => Promise<Told>;
  settle: (grant: string) => Promise<Settled>;
}

/** Where offers of a decision arrive, and wait for their verdict. */
export interface DecisionDesk {
  readonly refusals: number;
  readonly badMessages: number;
  /** Asks until somebody decides or the time is up. Offers that arrived earlier are judged first, never dropped. */
  decide(asking: Asking): Promise<DeskVerdict>;
  /** Refuses what is still queued, so that no sender waits for ever. */
  shut(reason: string): void;
}

/**
 * Opens the desk. Call it before the first await: a quick click must find its handler.
 *
 * Handlers only queue; the loop in `decide` acts. Whoever sends an offer waits for its verdict, which `settle`
 * gives after checking the grant in an activity.
 */
export function openDecisionDesk(): DecisionDesk {
  const queue: Offer[] = [];
  let refusals = 0;
  let badMessages = 0;
  let shutBecause: string | undefined;

  function admit(message: unknown): Offer | undefined {
    const offer = readOffer(message);
    if (offer === undefined) {
      badMessages += 1;
      return undefined;
    }
    if (noiseIn(offer.grant) !== undefined) {
      badMessages += 1;
      return undefined;
    }
    if (shutBecause !== undefined || queue.length >= MAX_QUEUED) return undefined;
    const queued: Offer = { grant: offer.grant };
    queue.push(queued);
    return queued;
  }

  function noiseIn(grant: string): string | undefined {
    if (refusals >= MAX_REFUSALS) return 'too many refused decisions; ask an operator';
    if (refusals < NOISY_AFTER || looksLikeGrantFor(grant, workflowInfo().workflowId)) return undefined;
    return 'after so many refused decisions only a decision signed for this workflow is looked at';
  }

  // Synchronous on purpose: the SDK does not await a validator, so an async one would accept everything.
  function refuseByShape(message: unknown): void {
    const offer = readOffer(message);
    if (offer === undefined) throw new Error('a decision is one object {"grant": "<signed decision>"}');
    const noise = noiseIn(offer.grant);
    if (noise !== undefined) throw new Error(noise);
    if (shutBecause !== undefined) throw new Error(shutBecause);
  }

  setHandler(
    decideUpdate,
    async (message) => {
      const offer = admit(message);
      if (offer === undefined)
        return { outcome: 'refused', reason: shutBecause ?? 'the desk is full; try again' };
      await condition(() => offer.receipt !== undefined);
      return offer.receipt ?? { outcome: 'refused', reason: 'no verdict' };
    },
    {
      validator: refuseByShape,
      description: 'A signed decision, copied from the request page: {"grant": "…"}',
    },
  );
  setHandler(
    decisionSignal,
    (message) => {
      admit(message);
    },
    { description: 'The same as decide, without an answer' },
  );

  async function decide(asking: Asking): Promise<DeskVerdict> {
    const state: LadderState = { openedAtMs: asking.openedAtMs, nextRung: 0 };
    const told = await asking.notify(undefined, expiresAt(asking.ladder, state, asking.minNoticeMs));
    if (told.settled !== undefined) return toVerdict(told.settled);
    if (told.withdrawn === true) return { verdict: 'withdraw' };
    state.lastNoticeAtMs = told.deliveredAtMs;
    if (told.dueAtMs !== undefined) state.dueAtMs = told.dueAtMs;
    for (;;) {
      for (let offer = queue.shift(); offer !== undefined; offer = queue.shift()) {
        const settled = await judge(offer, asking);
        if (settled.outcome === 'accepted' && settled.complete) return toVerdict(settled);
      }
      const step = nextStep(asking.ladder, state, Date.now(), asking.minNoticeMs);
      if (step.step === 'expire') return { verdict: 'expire' };
      if (step.step === 'notify') {
        state.nextRung = step.nextRung;
        const expiresAtMs = expiresAt(asking.ladder, state, asking.minNoticeMs);
        const again = await asking.notify(step.rung, expiresAtMs);
        if (again.withdrawn === true) return { verdict: 'withdraw' };
        state.lastNoticeAtMs = again.deliveredAtMs;
        continue;
      }
      await condition(() => queue.length > 0, Math.max(1, step.untilMs - Date.now()), {
        summary: 'until the next notice or the end',
      });
    }
  }

  async function judge(offer: Offer, asking: Asking): Promise<Settled> {
    try {
      const settled = await asking.settle(offer.grant);
      offer.receipt = toReceipt(settled);
      if (settled.outcome === 'refused') refusals += 1;
      return settled;
    } catch (error) {
      // The ledger did not answer in time. The sender is told; the same grant may be offered again.
      if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
      const reason = 'the decision could not be recorded just now; offer it again';
      offer.receipt = { outcome: 'refused', reason };
      return { outcome: 'refused', reason };
    }
  }

  return {
    get refusals() {
      return refusals;
    },
    get badMessages() {
      return badMessages;
    },
    decide,
    shut(reason) {
      shutBecause = reason;
      for (const offer of queue.splice(0)) offer.receipt = { outcome: 'refused', reason };
    },
  };
}

function toReceipt(settled: Settled): DecisionReceipt {
  if (settled.outcome === 'refused') return { outcome: 'refused', reason: settled.reason };
  return {
    outcome: 'accepted',
    complete: settled.complete,
    waitingFor: settled.complete ? 0 : settled.waitingFor,
  };
}

function toVerdict(settled: Complete): DeskVerdict {
  const reason = settled.reason ?? '';
  if (settled.verdict === 'reject') return { verdict: 'reject', by: settled.by, reason };
  if (settled.verdict === 'edit')
    return { verdict: 'edit', by: settled.by, reason, keepActions: settled.keepActions ?? [] };
  if (settled.released === true) return { verdict: 'release', by: settled.by, note: reason };
  if (settled.changeId === undefined) throw new Error('an approval without a planned change');
  return { verdict: 'approve', changeId: settled.changeId, by: settled.by };
}
