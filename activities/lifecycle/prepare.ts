import { applyChanges } from '../../domain/change/apply.js';
import type { Change } from '../../domain/change/change.js';
import { summariseChange } from '../../domain/change/render.js';
import { proofInputs } from '../../domain/draft/assemble.js';
import { draftCase, openCase } from '../../domain/draft/draft.js';
import type { Case, DraftInput, DraftResult } from '../../domain/draft/model.js';
import { Failure, FailureType } from '../../domain/failure.js';
import type { Finding } from '../../domain/finding/finding.js';
import { type AccountInput, parseAccount } from '../../domain/graph/account.js';
import { blastRadius } from '../../domain/graph/blast-radius.js';
import { canonicalJson, type Json } from '../../domain/json.js';
import type { BlastRadius, BusinessContext } from '../../domain/lifecycle/context.js';
import { lowerPhase, type Phase, type Route } from '../../domain/lifecycle/stage.js';
import { digestsOf } from '../../domain/proof/inputs.js';
import { type Draft, digestible } from '../../domain/proof/proof.js';
import type { Activities, Prepared, PrepareInput } from '../contract.js';
import type { DraftRow } from '../ledger/port.js';
import { isHighPrivilege } from './authorise.js';
import { contextOf } from './enrich.js';
import { flagContext } from './flags.js';
import { guardrailInput } from './guard.js';
import { heartbeat } from './heartbeat.js';
import { auditEach, type LifecyclePorts } from './ports.js';
import { standingChange } from './standing.js';

const DAY_MS = 86_400_000;

/** Scores, drafts, proves and guards in one step; each is an audit row. What cannot be proved never goes beyond `observe`. */
export function createPrepare(ports: LifecyclePorts): Activities['prepare'] {
  return async (input) => {
    const lead = await ports.ledger.finding(input.keys[0] ?? '');
    if (lead === undefined)
      throw new Failure(FailureType.NotFound, `preparing: no finding ${input.keys[0] ?? ''}`);
    const { finding } = lead;
    const context = await contextOf(ports, input.contextDigest);
    if (finding.account === undefined || !(await ports.cloud.accounts()).includes(finding.account)) {
      return {
        kind: 'refused',
        reason: `account ${finding.account ?? 'unknown'} is not configured: explained only`,
      };
    }
    const account = await ports.cloud.readAccount(finding.account);
    heartbeat('account read');
    const drafted = await draft(ports, input, finding, account, context);
    if (drafted.kind !== 'draft') return recorded(ports, input, drafted);
    heartbeat('drafted');
    return guardAndKeep(ports, input, { finding, account, context, draft: drafted.draft });
  };
}

async function draft(
  ports: LifecyclePorts,
  input: PrepareInput,
  finding: Finding,
  account: AccountInput,
  context: BusinessContext,
): Promise<DraftResult> {
  const toMs = input.asOfMs ?? ports.now();
  const window = {
    fromIso: new Date(toMs - ports.settings.usageDays * DAY_MS).toISOString(),
    toIso: new Date(toMs).toISOString(),
  };
  const log = await ports.cloud.readUsage({ accountId: finding.account ?? '', ...window });
  heartbeat('usage read');
  const certificates = new Map<string, Json>();
  const request: DraftInput = {
    finding,
    account,
    usage: log.events,
    window,
    logging: log.logging,
    gaps: log.gaps,
    usageScope: 'account',
    context: riskContext(context),
    keepCertificate: (digest, certificate) => certificates.set(digest, certificate),
    ...(input.edit !== undefined && {
      ownerOptions: {
        keepActions: input.edit.keepActions,
        keepReason: input.edit.reason,
        by: input.edit.by,
        previousDigest: input.edit.previousDigest,
      },
    }),
    now: ports.now,
    digest: ports.digest,
  };
  const opened = openCase(request);
  const result = draftCase(opened);
  if (result.kind === 'draft') await keepProof(ports, opened, result.draft, certificates);
  return result;
}

/** Keeps what the proof was computed from, by digest: an auditor can check it again from the originals. */
async function keepProof(
  ports: LifecyclePorts,
  opened: Case,
  drafted: Draft,
  certificates: ReadonlyMap<string, Json>,
): Promise<void> {
  const inputs = proofInputs(opened, drafted.changes);
  const named = digestsOf(inputs, ports.digest);
  await ports.ledger.putAllEvidence([
    ...Object.entries(inputs).map(([name, body]) => ({
      kind: 'proof-input',
      digest: named[name] ?? '',
      body,
    })),
    ...[...certificates].map(([digest, body]) => ({ kind: 'certificate', digest, body })),
  ]);
}

async function recorded(
  ports: LifecyclePorts,
  input: PrepareInput,
  result: Exclude<DraftResult, { kind: 'draft' }>,
): Promise<Prepared> {
  const atMs = ports.now();
  await ports.ledger.audit(
    auditEach(
      input.keys,
      {
        id: `${input.workflowId}/prepared/g${input.generation}r${input.round}`,
        workflowId: input.workflowId,
        type: `draft.${result.kind}`,
        actor: 'curtail',
        atMs,
      },
      { reason: result.reason.slice(0, 300), reasonCode: result.reasonCode },
    ),
  );
  return { kind: result.kind, reason: result.reason };
}

interface Drafted {
  finding: Finding;
  account: AccountInput;
  context: BusinessContext;
  draft: Draft;
}

async function guardAndKeep(ports: LifecyclePorts, input: PrepareInput, on: Drafted): Promise<Prepared> {
  const { finding, context } = on;
  const route = routeOf(ports, context);
  const about = { key: input.keys[0] ?? '', kind: finding.kind };
  const flags = await ports.flags.read(flagContext(about, { draft: on.draft, context }));
  const wanted = effectivePhase(lowerPhase(input.phase, flags.phase), on.draft);
  const { phase, verdict } = await guarded(ports, on, wanted, route);
  const { allow, reasons, policySet, digest: policyDigest } = verdict;
  const draft: Draft = {
    ...on.draft,
    proof: { ...on.draft.proof, guardrails: { allow, reasons, policySet, digest: policyDigest } },
  };
  const digest = ports.digest(canonicalJson(digestible(draft)));
  const row: DraftRow = {
    digest,
    workflowId: input.workflowId,
    generation: input.generation,
    draft,
    context,
    blastRadius: pictureOf(on),
    route,
    createdMs: ports.now(),
  };
  const { changes, proof } = draft;
  await ports.ledger.putDraft(
    row,
    auditEach(
      input.keys,
      {
        id: `${input.workflowId}/drafted/g${input.generation}r${input.round}/${digest.slice(0, 12)}`,
        workflowId: input.workflowId,
        type: 'draft.made',
        actor: draft.draftedBy,
        atMs: row.createdMs,
      },
      {
        digest,
        proof: proof.verdict,
        changes: changes.length,
        guardrails: allow,
        phase,
        route,
        risk: Math.round(draft.riskBefore.value),
      },
    ),
  );
  await ports.ledger.setStage(
    {
      keys: input.keys,
      stage: 'preparing',
      note: 'computed and proved a fix',
      phase,
      risk: draft.riskBefore,
      draftDigest: digest,
      atMs: row.createdMs,
    },
    [],
  );
  if (!allow) return { kind: 'blocked', reason: reasons.join('; ').slice(0, 500), digest };
  const highPrivilege = isHighPrivilege(row);
  const standingChangeId =
    phase === 'automate' && flags.standingApprovals
      ? await standingChange(ports, input, row, finding.kind)
      : undefined;
  return {
    kind: 'draft',
    digest,
    phase,
    proof: proof.verdict === 'proved' || proof.verdict === 'partial' ? proof.verdict : 'unproven',
    route,
    riskScore: draft.riskBefore.value,
    highPrivilege,
    title: titleOf(changes),
    coveredPrincipals: proof.noNewAccess.map((obligation) => obligation.of),
    ...(standingChangeId !== undefined && { standingChangeId }),
    ...(ports.settings.releaseFirst.includes(phase) && { releaseFirst: true as const }),
  };
}

/**
 * The organisation's word on a draft. What it does not allow to happen unattended is asked about again as something
 * that a person decides: the bounds of `automate` say who must be asked, not that nothing may be done.
 */
async function guarded(
  ports: LifecyclePorts,
  on: Drafted,
  wanted: Phase,
  route: Route,
): Promise<{ phase: Phase; verdict: Awaited<ReturnType<LifecyclePorts['guardrail']['decide']>> }> {
  const ask = (phase: Phase) =>
    ports.guardrail.decide(guardrailInput({ ...on, phase, route, nowMs: ports.now() }));
  const verdict = await ask(wanted);
  if (verdict.allow || wanted !== 'automate') return { phase: wanted, verdict };
  return { phase: 'assist', verdict: await ask('assist') };
}

/** What is managed by infrastructure code is never changed by API: the next run would undo it. */
function routeOf(ports: LifecyclePorts, context: BusinessContext): Route {
  if (context.managedBy !== undefined) return ports.iac === undefined ? 'ticket' : 'pull-request';
  return context.account === undefined
    ? 'ticket'
    : (ports.settings.accounts[context.account]?.route ?? 'ticket');
}

/** An unproven draft is shown and never asked for. */
function effectivePhase(phase: Phase, draft: Draft): Phase {
  const { verdict } = draft.proof;
  return verdict === 'proved' || verdict === 'partial' ? phase : 'observe';
}

function riskContext(context: BusinessContext) {
  return {
    environment: context.environment,
    ...(context.department !== undefined && { department: context.department }),
    ...(context.criticality !== undefined && { criticality: context.criticality }),
  };
}

function pictureOf(on: Drafted): BlastRadius {
  const after = applyChanges(on.account, on.draft.changes);
  return blastRadius(parseAccount(on.account), parseAccount(after), on.finding.subject.id);
}

function titleOf(changes: readonly Change[]): string {
  const [first] = changes;
  if (first === undefined) return 'no change';
  const more = changes.length - 1;
  return `${summariseChange(first)}${more > 0 ? ` and ${more} more` : ''}`.slice(0, 200);
}
