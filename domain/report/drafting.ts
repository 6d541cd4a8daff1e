import { assemble, proofInputs } from '../draft/assemble.js';
import { draftCase, openCase } from '../draft/draft.js';
import type { Case, DraftInput, DraftResult } from '../draft/model.js';
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

/** The part of an account that a fix of these identities is about. */
export type SliceOf = (arns: readonly string[]) => AccountInput;

/** There is no draft, and this is why. */
export function none(reasonCode: string, reason: string): Drafting {
  return { kind: 'refused', reasonCode, reason };
}

function drafted(given: DraftInput): Drafting {
  const the = openCase(given);
  const result = draftCase(the);
  return result.kind === 'draft' ? withInputs(the, result.draft) : result;
}

/** The draft with its inputs; or none, when it would take something from somebody who is never touched. */
export function withInputs(the: Case, draft: Draft): Drafting {
  for (const { of } of draft.proof.noNewAccess) {
    const principal = the.account.principals.get(of);
    const alone = principal === undefined ? null : leftAlone(principal);
    if (principal !== undefined && alone !== null)
      return none('never-touch', `It would change ${principal.name} too, which is never touched: ${alone}.`);
  }
  return { kind: 'draft', draft, inputs: proofInputs(the, draft.changes) };
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
  const near = place.nearSharersOf(principal);
  const given = {
    ...draftInput(input, place, findingOf(principal, kind), place.rowsOf(near)),
    account: sliceOf(near),
    decidedElsewhere: wideReasons(place),
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
      : place.rowsOf(place.sharersOf(principal));
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
  const sharers = place.sharersOf(principal);
  const rows = place.rowsOf(sharers);
  const account = sliceOf(sharers);
  const answer = fixPaths({ account, from: principal.arn, usage: readUsage(rows) });
  if (answer.kind === 'none') return none(answer.reasonCode, answer.reason);
  const nothing = { removed: [], kept: [], justification: [], usedHighRisk: [] };
  const blindSpots = place.observed ? [] : ['No log was given, so nothing is known about use.'];
  const finding = findingOf(principal, 'escalation-path');
  const the = openCase({ ...draftInput(input, place, finding, rows), account });
  const draft = assemble(the, { kind: 'plan', changes: answer.changes, ...nothing, blindSpots });
  return withInputs(the, draft);
}

function wideReasons({ wide, account }: Place): ReadonlyMap<string, string> {
  return new Map(
    [...wide].map(([arn, holders]) => [
      arn,
      `${account.policies.get(arn)?.name ?? arn} serves ${holders.length} identities and has a fix of its own.`,
    ]),
  );
}

/** What a draft is computed from, over the whole account. */
export function draftInput(
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
export function findingOf({ arn, name, account }: AccountPrincipal, kind: FindingKind): Finding {
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
