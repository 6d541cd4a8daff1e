import type { RequestRow } from '../../activities/ledger/port.js';
import type { Decision, DecisionReceipt, DecisionVerdict, Person } from '../../domain/approval/request.js';
import { objectionTo } from '../../domain/approval/separation.js';
import { Failure, FailureType } from '../../domain/failure.js';
import { type MintedGrant, mintGrant } from '../../runtime/grants.js';
import { decisionRefused, grantSigned, shortDigest } from './decision-audit.js';
import type { GatewayDeps } from './deps.js';
import type { Metrics } from './metrics.js';

/** A decision as a verified person made it, whichever way it came. */
export interface DecisionInput {
  person: Person;
  /** `page`, `cli`, `slack` … */
  via: string;
  /** When the person last proved who they are. */
  authAtMs: number;
  requestId: string;
  /** Digest of what was shown to the person. */
  digest: string;
  verdict: DecisionVerdict;
  reason?: string;
  keepActions?: readonly string[];
  /** The same for a repeated click; then it is the same decision again. */
  nonce: string;
}

/** A decision that was not taken, with the reason as it is shown to the person. */
export type Refusal =
  | { outcome: 'refused'; reason: string }
  /** High-privilege requests want a sign-in of the last ten minutes. */
  | { outcome: 'sign-in-again' };
/** A grant for a decision, or why none was signed. */
export type SignedDecision = { outcome: 'signed'; grant: MintedGrant } | Refusal;
/** What became of a decision that somebody made. */
export type DecisionOutcome =
  | { outcome: 'accepted'; receipt: Extract<DecisionReceipt, { outcome: 'accepted' }> }
  /** The workflow did not answer in time: the decision may count or not, and may be offered again. */
  | { outcome: 'unsure'; grant: MintedGrant }
  | Refusal;

/** Turns an authenticated person's choice into a grant and takes it to the workflow. */
export interface Decider {
  /** Checks, signs, and hands the decision to its workflow. */
  decide(input: DecisionInput): Promise<DecisionOutcome>;
  /** Why this person cannot approve, or cannot decide at all, so that a page can say so before they try. */
  objections(person: Person, row: RequestRow): Promise<{ approve?: string; decide?: string }>;
  /** Checks and signs only: for people who hand the decision over themselves. */
  sign(input: DecisionInput): Promise<SignedDecision>;
}

/** A sign-in older than this does not decide about high-privilege identities. */
export const FRESH_SIGN_IN_MS = 10 * 60_000;

type DeciderDeps = Pick<
  GatewayDeps,
  'ledger' | 'control' | 'signer' | 'now' | 'log' | 'separationFacts' | 'onDecided'
>;

/** The one way by which a person's decision becomes a grant: page, API and chat all come through here. */
export function openDecider(deps: DeciderDeps, metrics: Metrics): Decider {
  const { ledger, now } = deps;

  async function sign(input: DecisionInput): Promise<SignedDecision> {
    const row = await ledger.request(input.requestId);
    if (row === undefined) return refuse('unknown', 'there is no such request');
    if (row.request.highPrivilege && now() - input.authAtMs > FRESH_SIGN_IN_MS) {
      metrics.refusal('old-sign-in');
      return { outcome: 'sign-in-again' };
    }
    const objection = await objectionOf(input, row);
    if (objection !== undefined) return refuseOnRecord(input, row, objection);
    const grant = await mintGrant(
      {
        sub: input.person.id,
        workflowId: row.request.workflowId,
        requestId: row.request.id,
        digest: input.digest,
        verdict: input.verdict,
        via: input.via,
        ...(input.reason !== undefined && { reason: input.reason }),
        ...(input.keepActions !== undefined && { keepActions: input.keepActions }),
      },
      deps.signer,
      now(),
    );
    await ledger.audit([grantSigned(input, row, grant, { kid: deps.signer.kid, atMs: now() })]);
    return { outcome: 'signed', grant };
  }

  async function objectionOf(input: DecisionInput, row: RequestRow): Promise<Objection | undefined> {
    if (row.status !== 'open') return { why: 'closed', reason: `this request is ${row.status} already` };
    if (now() >= row.request.expiresAtMs) return { why: 'expired', reason: 'the time to decide is over' };
    if (input.digest !== row.request.digest) {
      return { why: 'stale', reason: 'the draft has changed since it was shown to you; look at it again' };
    }
    const facts = await deps.separationFacts(row);
    const reason = objectionTo(toDecision(input, row, now()), row.request, input.person, facts);
    if (reason !== undefined) return { why: 'separation', reason };
    return input.verdict === 'edit' ? editObjection(input, row) : undefined;
  }

  async function editObjection(input: DecisionInput, row: RequestRow): Promise<Objection | undefined> {
    const shown = await ledger.draft(row.request.digest);
    const removed = new Set(shown?.draft.removed.map((item) => item.action));
    const strange = input.keepActions?.find((action) => !removed.has(action));
    if (strange === undefined) return undefined;
    return { why: 'edit', reason: 'an edit can only keep actions that the draft removes' };
  }

  async function refuseOnRecord(
    input: DecisionInput,
    row: RequestRow,
    objection: Objection,
  ): Promise<Refusal> {
    await ledger.audit([decisionRefused(input, row, objection, now())]);
    return refuse(objection.why, objection.reason);
  }

  function refuse(why: string, reason: string): Refusal {
    metrics.refusal(why);
    return { outcome: 'refused', reason };
  }

  async function decide(input: DecisionInput): Promise<DecisionOutcome> {
    const signed = await sign(input);
    if (signed.outcome !== 'signed') return signed;
    const { jws, claims } = signed.grant;
    const { workflowId, requestId } = claims;
    const updateId = shortDigest(input.person.id, requestId, input.digest, input.verdict, input.nonce);
    try {
      const receipt = await deps.control.decide({ workflowId, requestId, grant: jws, updateId });
      metrics.decision(input.verdict, input.via, receipt.outcome);
      if (receipt.outcome === 'accepted') showDecided(requestId);
      return receipt.outcome === 'accepted' ? { outcome: 'accepted', receipt } : receipt;
    } catch (error) {
      if (error instanceof Failure && error.type === FailureType.NotFound) {
        return refuse('gone', 'the workflow behind this request has ended');
      }
      metrics.decision(input.verdict, input.via, 'unsure');
      deps.log('error', 'handing a decision to its workflow', { requestId, error: String(error) });
      return { outcome: 'unsure', grant: signed.grant };
    }
  }

  /** Nobody who decides waits for the messages about it. */
  function showDecided(requestId: string): void {
    deps.onDecided?.(requestId).catch((error: unknown) => {
      deps.log('warn', 'showing a decision in the messages about it', {
        requestId,
        error: String(error).slice(0, 300),
      });
    });
  }

  async function objections(person: Person, row: RequestRow): Promise<{ approve?: string; decide?: string }> {
    const facts = await deps.separationFacts(row);
    const trial = {
      person,
      via: 'page',
      authAtMs: 0,
      requestId: row.request.id,
      digest: row.request.digest,
      nonce: '',
    };
    const objectionOn = (verdict: 'approve' | 'reject'): string | undefined =>
      objectionTo(toDecision({ ...trial, verdict, reason: '-' }, row, now()), row.request, person, facts);
    const [approve, decide] = [objectionOn('approve'), objectionOn('reject')];
    return { ...(approve !== undefined && { approve }), ...(decide !== undefined && { decide }) };
  }

  return { decide, objections, sign };
}

interface Objection {
  why: string;
  reason: string;
}

function toDecision(input: DecisionInput, row: RequestRow, nowMs: number): Decision {
  return {
    verdict: input.verdict,
    personId: input.person.id,
    requestId: row.request.id,
    workflowId: row.request.workflowId,
    digest: input.digest,
    jti: '',
    issuedAtMs: nowMs,
    ...(input.reason !== undefined && { reason: input.reason }),
    ...(input.keepActions !== undefined && { keepActions: input.keepActions }),
  };
}
