import type { Decision } from '../../domain/approval/request.js';
import { objectionTo, tally } from '../../domain/approval/separation.js';
import { outsideBounds, type StandingCase } from '../../domain/approval/standing.js';
import { canonicalJson } from '../../domain/json.js';
import { digestible } from '../../domain/proof/proof.js';
import type { ChangeRow, DraftRow } from '../ledger/port.js';
import { flagContext } from './flags.js';
import type { LifecyclePorts } from './ports.js';
import { restoresObjection } from './restores.js';
import { separationFacts } from './separation-facts.js';

/** What the change worker found out for itself before it acts. */
export type Authorisation =
  | { ok: true; draft: DraftRow }
  /** `lapsed`: nothing is wrong with the change, but no standing approval covers it now; a person may. */
  | { ok: false; reason: string; lapsed?: true };

/**
 * Whether a planned change may be carried out. Trusts no caller: loads the draft, recomputes its digest, verifies
 * every grant's signature with the gateway's public keys, asks separation of duties again, and counts heads; or it
 * evaluates the standing approval itself.
 */
export async function authorise(ports: LifecyclePorts, row: ChangeRow): Promise<Authorisation> {
  const draft = await ports.ledger.draft(row.digest);
  if (draft === undefined) return { ok: false, reason: 'there is no draft with the digest of this change' };
  if (ports.digest(canonicalJson(digestible(draft.draft))) !== row.digest) {
    return { ok: false, reason: 'the draft is not what its digest says' };
  }
  if (canonicalJson(draft.draft.changes) !== canonicalJson(row.changes)) {
    return { ok: false, reason: 'the planned change is not the drafted one' };
  }
  if (draft.draft.proof.guardrails?.allow !== true)
    return { ok: false, reason: 'the guardrails did not allow it' };
  const unfit = await verdictObjection(ports, row, draft);
  if (unfit !== undefined) return { ok: false, reason: unfit };
  const { standingApprovalId: standing } = row;
  const objection =
    standing === undefined
      ? await requestObjection(ports, row)
      : await standingObjection(ports, row, draft, standing);
  if (objection === undefined) return { ok: true, draft };
  return { ok: false, reason: objection, ...(standing !== undefined && { lapsed: true }) };
}

/** What may be applied: a proved reduction, or the exact reverse of what we applied when somebody asked for that. */
async function verdictObjection(
  ports: LifecyclePorts,
  row: ChangeRow,
  drafted: DraftRow,
): Promise<string | undefined> {
  const { verdict } = drafted.draft.proof;
  if (verdict === 'restores') return restoresObjection(ports, row, drafted, isHighPrivilege(drafted));
  return verdict === 'proved' || verdict === 'partial' ? undefined : `the draft is ${verdict}`;
}

async function requestObjection(ports: LifecyclePorts, row: ChangeRow): Promise<string | undefined> {
  const asked = row.requestId === undefined ? undefined : await ports.ledger.request(row.requestId);
  if (asked === undefined) return 'nobody approved it';
  const { request } = asked;
  if (request.subject !== 'change') return 'what was approved is not a change';
  if (request.digest !== row.digest || request.workflowId !== row.workflowId)
    return 'the approval is for another change';
  if (asked.status !== 'approved') return `the request is ${asked.status}, so it approves nothing`;
  const verified: Decision[] = [];
  for (const decision of asked.decisions) {
    const reading = await ports.verifyGrant(decision.grant ?? '', {
      nowMs: ports.now(),
      judgedAtMs: decision.recordedAtMs ?? ports.now(),
    });
    if (!reading.ok) return `a grant does not hold: ${reading.reason}`;
    const { claims } = reading;
    const person = await ports.directory.person(claims.sub);
    if (person === undefined) return 'the directory does not know who approved';
    // Judged by the signed claims alone; what the ledger says beside them is not believed.
    const signed: Decision = {
      verdict: claims.verdict,
      personId: claims.sub,
      requestId: claims.requestId,
      workflowId: claims.workflowId,
      digest: claims.digest,
      jti: claims.jti,
      issuedAtMs: claims.iat * 1000,
    };
    if (signed.verdict !== 'approve') return 'a decision on it was not an approval';
    const objection = objectionTo(signed, request, person, await separationFacts(ports, request));
    if (objection !== undefined) return objection;
    verified.push(signed);
  }
  return tally(request, verified).complete ? undefined : 'it has fewer approvals than it needs';
}

async function standingObjection(
  ports: LifecyclePorts,
  row: ChangeRow,
  drafted: DraftRow,
  id: string,
): Promise<string | undefined> {
  const found = (await ports.ledger.standingApprovals()).find((candidate) => candidate.id === id);
  if (found === undefined) return 'there is no such standing approval';
  if (found.revokedAtMs !== undefined) return 'the standing approval was revoked';
  const reading = await ports.verifyStanding(found.signed);
  if (!reading.ok) return `the standing approval does not hold: ${reading.reason}`;
  // Under another id it would escape its revocation and its count.
  if (reading.bounds.id !== id) return 'the standing approval was signed under another id';
  const lead = await ports.ledger.finding(row.findingKeys[0] ?? '');
  if (lead === undefined) return 'the finding is not in the ledger';
  const on = standingCase(drafted, lead.finding.kind);
  const outside = outsideBounds(reading.bounds, on, ports.now());
  if (outside !== undefined) return outside;
  const flags = await ports.flags.read(flagContext({ key: lead.key, kind: on.kind }, drafted));
  if (!flags.standingApprovals || flags.phase !== 'automate')
    return 'standing approvals are switched off here';
  const use = await ports.ledger.useStandingApproval({
    id,
    useKey: row.id,
    day: utcDay(ports.now()),
    maxPerDay: reading.bounds.maxPerDay,
  });
  return use.allowed ? undefined : `the standing approval was used ${use.used} times today already`;
}

/** The day that a use of a standing approval counts for, e.g. `2026-10-01`. */
export function utcDay(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

/** The bounded facts of a draft that a standing approval is measured against. */
export function standingCase(drafted: Pick<DraftRow, 'draft' | 'context'>, kind: string): StandingCase {
  const { draft, context } = drafted;
  return {
    kind,
    environment: context.environment,
    ...(context.account !== undefined && { account: context.account }),
    risk: draft.riskBefore.value,
    confidence: draft.confidence.value,
    proof: draft.proof.verdict,
    highPrivilege: isHighPrivilege(drafted),
  };
}

/** Identities whose change needs two different people: critical ones in production, by their own risk before. */
export function isHighPrivilege(drafted: Pick<DraftRow, 'draft' | 'context'>): boolean {
  const admin = pathsOf(drafted.draft).some((path) => path.to.endsWith('admin') || path.to === '*');
  return (
    drafted.context.tags['privilege'] === 'high' || (admin && drafted.context.environment === 'production')
  );
}

/** An undo opens the paths that its change had closed: the same identity, just as powerful. */
function pathsOf({ proof }: DraftRow['draft']) {
  return [...(proof.paths?.closed ?? []), ...(proof.paths?.opened ?? [])];
}
