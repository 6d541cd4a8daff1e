import { assemble, proofInputs } from '../draft/assemble.js';
import { draftCase, openCase } from '../draft/draft.js';
import type { DraftInput, DraftResult } from '../draft/model.js';
import type { Finding, FindingKind } from '../finding/finding.js';
import type { AccountInput, AccountPrincipal } from '../graph/account.js';
import { fixPaths } from '../graph/fix.js';
import type { ProofInputs } from '../proof/inputs.js';
import type { Draft } from '../proof/proof.js';
import { readUsage } from '../usage/log.js';
import type { UsageRow } from '../usage/usage.js';
import type { ReportInput } from './model.js';
import type { Place } from './workplace.js';
import { leftAlone } from './workplace.js';

/** A draft with what its proof was computed from, or why there is none. */
export type Drafting =
  | { kind: 'draft'; draft: Draft; inputs: ProofInputs }
  | Exclude<DraftResult, { kind: 'draft' }>;

/** The part of an account that fixes of an identity are about. */
export type SliceOf = (principal: AccountPrincipal) => AccountInput;

function none(reasonCode: string, reason: string): Drafting {
  return { kind: 'refused', reasonCode, reason };
}

function drafted(given: DraftInput): Drafting {
  const the = openCase(given);
  const result = draftCase(the);
  return result.kind === 'draft' ? { ...result, inputs: proofInputs(the, result.draft.changes) } : result;
}

/** Right-sizes an identity, or disables it when nobody uses it. Nothing is drafted over a log that does not exist. */
export function draftForIdentity(
  input: ReportInput,
  place: Place,
  principal: AccountPrincipal,
  sliceOf: SliceOf,
): Drafting {
  const alone = leftAlone(principal);
  if (alone !== null) return none('never-touch', `${principal.name} is never touched: ${alone}.`);
  if (!place.observed || !place.logging.management)
    return none('no-evidence', 'No log of this account was given, so nothing is known to be unused.');
  const kind = isIdle(input, place, principal) ? 'unused-identity' : 'excessive-permissions';
  const given = {
    ...draftInput(input, place, findingOf(principal, kind), place.rowsFor(principal)),
    account: sliceOf(principal),
  };
  const result = drafted(given);
  if (result.kind === 'draft' || kind === 'excessive-permissions') return result;
  return drafted({ ...given, finding: findingOf(principal, 'excessive-permissions') });
}

/** A role that existed before the window and that neither the log nor IAM saw at work in it. */
function isIdle({ window }: ReportInput, place: Place, principal: AccountPrincipal): boolean {
  const { kind, lastUsedIso, createdIso, arn } = principal;
  const evidence = place.evidenceOf(arn);
  if (kind !== 'role' || evidence === undefined || evidence.decidable < evidence.granted) return false;
  if (place.useOf(arn).calls > 0) return false;
  const from = Date.parse(window.fromIso);
  if (lastUsedIso !== undefined && Date.parse(lastUsedIso) >= from) return false;
  return createdIso !== undefined && Date.parse(createdIso) < from;
}

/** Drafts the fix for a finding of a platform. */
export function draftForFinding(input: ReportInput, place: Place, finding: Finding): Drafting {
  const principal = place.account.principals.get(finding.subject.id);
  if (principal !== undefined) {
    const alone = leftAlone(principal);
    if (alone !== null) return none('never-touch', `${principal.name} is never touched: ${alone}.`);
  }
  if (!place.observed && finding.evidence.usage === undefined && principal !== undefined)
    return none('no-evidence', 'No log of this account was given, so nothing is known to be unused.');
  const rows =
    principal === undefined
      ? [...place.account.principals.values()].flatMap(({ arn }) => place.useOf(arn).rows)
      : place.rowsFor(principal);
  return drafted(draftInput(input, place, finding, rows));
}

/** The smallest change that breaks an identity's open paths and keeps what is used, or why there is none. */
export function draftForPaths(
  input: ReportInput,
  place: Place,
  principal: AccountPrincipal,
  sliceOf: SliceOf,
): Drafting {
  const alone = leftAlone(principal);
  if (alone !== null) return none('never-touch', `${principal.name} is never touched: ${alone}.`);
  const rows = place.rowsFor(principal);
  const account = sliceOf(principal);
  const answer = fixPaths({ account, from: principal.arn, usage: readUsage(rows) });
  if (answer.kind === 'none') return none(answer.reasonCode, answer.reason);
  const nothing = { removed: [], kept: [], justification: [], usedHighRisk: [] };
  const blindSpots = place.observed ? [] : ['No log was given, so nothing is known about use.'];
  const finding = findingOf(principal, 'escalation-path');
  const the = openCase({ ...draftInput(input, place, finding, rows), account });
  const draft = assemble(the, { kind: 'plan', changes: answer.changes, ...nothing, blindSpots });
  return { kind: 'draft', draft, inputs: proofInputs(the, draft.changes) };
}

function draftInput(
  input: ReportInput,
  place: Place,
  finding: Finding,
  usage: readonly UsageRow[],
): DraftInput {
  return {
    finding,
    account: place.input,
    usage,
    window: input.window,
    logging: place.logging,
    ...(place.observed ? { usageScope: 'account' as const } : {}),
    gaps: place.gapsFor(finding.subject.id),
    now: input.now,
    digest: input.digest,
  };
}

/** What the report itself noticed, as the finding that drafts are about. */
function findingOf({ arn, name, account }: AccountPrincipal, kind: FindingKind): Finding {
  return {
    source: 'generic',
    sourceId: `analysis/${arn}`,
    canonicalKey: `analysis/${kind}/${arn}`,
    kind,
    title: TITLES.get(kind)?.(name) ?? name,
    severity: 'medium',
    status: 'open',
    cloud: 'aws',
    account,
    subject: { type: 'identity', id: arn, name },
    resources: [],
    evidence: {},
    labels: [],
    tags: {},
    ownerHints: [],
    compliance: [],
  };
}

const TITLES: ReadonlyMap<FindingKind, (name: string) => string> = new Map([
  ['excessive-permissions', (name: string) => `${name} holds permissions that nobody uses`],
  ['unused-identity', (name: string) => `${name} is not used`],
  ['escalation-path', (name: string) => `${name} can give itself more permissions`],
]);
