import { type AccountPrincipal, parseAccount, resolvePrincipal } from '../graph/account.js';
import type { ResourceMode } from '../iam/rightsize/model.js';
import { assertNever } from '../text/assert-never.js';
import { readUsage } from '../usage/log.js';
import { neverEdited } from '../usage/principal.js';
import { assemble, cloudRefusal } from './assemble.js';
import { type Case, type DraftInput, type DraftResult, noChange, type PlanResult, refused } from './model.js';
import { planPublicData, planUnencrypted, planUnlogged } from './plan-data.js';
import { planUnusedCredential, planUnusedIdentity } from './plan-identity.js';
import { planPath } from './plan-path.js';
import { planPermissions } from './plan-permissions.js';
import { planSharing } from './plan-sharing.js';
import { withPlatformEvidence } from './platform-evidence.js';

/**
 * The fix for a finding: computed, proved and scored, or why there is none. A draft whose proof is refuted is never
 * returned: the planner falls back to removing less, and at last refuses.
 * @throws PolicyError when the account or one of its documents is malformed.
 */
export function draftFix(input: DraftInput): DraftResult {
  return draftCase(openCase(input));
}

/** The same for a case that was opened already: who also needs what the proof was computed from opens it once. */
export function draftCase(the: Case): DraftResult {
  let last: DraftResult | undefined;
  for (const mode of modes(the.input.resources ?? 'prefix')) {
    const plan = planFor(the, mode);
    if (plan.kind !== 'plan') return plan;
    const refusal = cloudRefusal(the, plan.changes);
    if (refusal !== undefined) {
      last = refused('cloud-limits', refusal);
      continue;
    }
    const draft = assemble(the, plan);
    const { verdict } = draft.proof;
    if (verdict === 'proved' || verdict === 'partial') return { kind: 'draft', draft };
    const lost = draft.proof.usage?.newlyDenied[0];
    if (verdict === 'unproven') last = { kind: 'draft', draft };
    else last ??= refused('no-safe-reduction', brokenWords(lost));
  }
  return last ?? refused('no-safe-reduction', brokenWords(undefined));
}

function modes(wanted: ResourceMode): readonly ResourceMode[] {
  return wanted === 'leave' ? ['leave'] : [wanted, 'leave'];
}

function brokenWords(lost: { principal: string; action: string; count: number } | undefined): string {
  return lost === undefined
    ? 'No smaller state could be shown to be a reduction; a person has to decide this one.'
    : `The change would deny what was used: ${lost.principal} called ${lost.action} ${lost.count} times in the window. A person has to decide this one.`;
}

/** Reads the input once for all planners. */
export function openCase(input: DraftInput): Case {
  const { input: whole, blindSpots } = withPlatformEvidence(input);
  return {
    input: whole,
    account: parseAccount(whole.account),
    usage: readUsage(whole.usage),
    window: whole.window,
    logging: whole.logging,
    blindSpots,
  };
}

function planFor(the: Case, mode: ResourceMode): PlanResult {
  const { finding } = the.input;
  if (finding.cloud !== 'aws') {
    return refused(
      'cloud-not-supported',
      `Fixes are drafted for AWS; ${finding.title} is about ${finding.cloud}.`,
    );
  }
  if (finding.status === 'resolved')
    return noChange('already-fixed', 'The platform says that the finding is resolved.');
  switch (finding.kind) {
    case 'excessive-permissions':
      return withIdentity(the, (principal) => planPermissions(the, principal, mode));
    case 'escalation-path':
    case 'toxic-combination':
      return withIdentity(the, (principal) => planPath(the, principal, mode));
    case 'unused-identity':
      return withIdentity(the, (principal) => planUnusedIdentity(the, principal));
    case 'unused-credential':
      return withIdentity(the, (principal) => planUnusedCredential(the, principal));
    case 'public-data':
      return withStore(the, (arn) => planPublicData(the, arn));
    case 'over-shared-data':
      return withStore(the, (arn) => planSharing(the, arn));
    case 'unencrypted-data':
      return withStore(the, (arn) => planUnencrypted(the, arn));
    case 'unlogged-data':
      return withStore(the, (arn) => planUnlogged(the, arn));
    case 'external-access':
    case 'misplaced-data':
    case 'unclassified-data':
    case 'stale-data':
    case 'other':
      return refused(
        'kind-not-supported',
        `A fix for a finding of the kind ${finding.kind} is a person's decision; Curtail explains it and routes it.`,
      );
    default:
      return assertNever(finding.kind);
  }
}

function withIdentity(the: Case, plan: (principal: AccountPrincipal) => PlanResult): PlanResult {
  const { id } = the.input.finding.subject;
  const never = neverEdited(id);
  if (never !== undefined) return refused(never.reasonCode, never.reason);
  const principal = resolvePrincipal(the.account, id);
  if (principal === undefined) {
    return refused(
      'unknown-subject',
      `${id} is not in the account; read the account again, or close the finding if it is gone.`,
    );
  }
  const own = principal.serviceLinked
    ? neverEdited(`arn:aws:iam::0:role/aws-service-role/${principal.name}`)
    : neverEdited(principal.arn);
  return own === undefined ? plan(principal) : refused(own.reasonCode, own.reason);
}

function withStore(the: Case, plan: (arn: string) => PlanResult): PlanResult {
  const { id } = the.input.finding.subject;
  const arn = the.account.resources.has(id)
    ? id
    : [...the.account.resources.keys()].find((each) => each === `arn:aws:s3:::${id}`);
  if (arn === undefined) {
    return refused('unknown-subject', `${id} is not among the account's resources; read the account again.`);
  }
  return plan(arn);
}
