import type { Change } from '../change/change.js';
import type { AccountPrincipal } from '../graph/account.js';
import type { ResourceMode, RightsizeOptions, SizedPolicy } from '../iam/rightsize/model.js';
import { type Sizing, sizeAll } from '../iam/rightsize/size-all.js';
import { rawStatements } from '../iam/rightsize/statement.js';
import { canonicalJson, type Json } from '../json.js';
import { falseAlarm } from './false-alarm.js';
import { forkOf, type Holding, holdingsOf, isGranted } from './holdings.js';
import { type Case, noChange, type PlanResult, refused } from './model.js';
import { serviceNeedsOf, workloadsOf } from './workloads.js';

/** Right-sizes everything that an identity holds to what it was seen to use. */
export function planPermissions(
  the: Case,
  principal: AccountPrincipal,
  mode: ResourceMode,
  dropActions?: ReadonlyMap<string, string>,
): PlanResult {
  const foreign = (the.input.ownerOptions?.keepActions ?? []).filter(
    (action) => !isGranted(principal, action),
  );
  if (foreign.length > 0) {
    return refused(
      'keep-not-allowed',
      `${foreign.join(', ')} cannot be kept: ${principal.name} is not allowed it now, and a fix only takes away.`,
    );
  }
  const alarm = dropActions === undefined ? falseAlarm(the, principal) : undefined;
  if (alarm !== undefined) return alarm;
  const options = optionsOf(the, principal, mode, dropActions);
  const own = holdingsOf(the.account, principal);
  const first = size(the, principal, own, options, mode);
  // What must not be edited in place is forked for this principal: a copy of its own, and a detachment.
  const holdings = own.map((holding) =>
    first.untouched.some((each) => isForkable(each.reasonCode) && each.policy === holding.policy.name)
      ? (forkOf(holding, principal, the.account) ?? holding)
      : holding,
  );
  const sizing = holdings.every((holding, i) => holding === own[i])
    ? first
    : size(the, principal, holdings, options, mode);
  const changes = holdings.flatMap((holding, i) => changesOf(holding, sizing.policies[i]));
  if (changes.length === 0) return nothingToRemove(sizing);
  return {
    kind: 'plan',
    changes,
    removed: sizing.removed,
    kept: sizing.kept,
    justification: sizing.justification,
    usedHighRisk: sizing.usedHighRisk,
    blindSpots: [...sizing.notes, ...untouchedWords(sizing), ...unknownWords(principal)],
  };
}

function isForkable(reasonCode: string): boolean {
  return reasonCode === 'aws-managed' || reasonCode === 'shared-usage-unknown';
}

function optionsOf(
  the: Case,
  principal: AccountPrincipal,
  mode: ResourceMode,
  dropActions: ReadonlyMap<string, string> | undefined,
): RightsizeOptions {
  const { ownerOptions, usageScope, decidedElsewhere } = the.input;
  const workloads = workloadsOf(the.account, principal.arn, the.input.finding.resources);
  return {
    resources: mode,
    logging: the.logging,
    keepDependent: true,
    serviceNeeds: serviceNeedsOf(workloads),
    ...(ownerOptions?.keepActions === undefined ? {} : { keepActions: ownerOptions.keepActions }),
    ...(ownerOptions?.keepReason === undefined ? {} : { keepReason: ownerOptions.keepReason }),
    ...(dropActions === undefined ? {} : { dropActions }),
    ...(usageScope === 'account' ? { covered: 'all' as const } : {}),
    ...(decidedElsewhere === undefined ? {} : { decidedElsewhere }),
  };
}

function size(
  the: Case,
  principal: AccountPrincipal,
  holdings: readonly Holding[],
  options: RightsizeOptions,
  mode: ResourceMode,
): Sizing {
  const policies = holdings.map((holding) => holding.policy);
  return sizeAll({ principal: principal.arn, policies, usage: the.usage, window: the.window, options }, mode);
}

function changesOf(holding: Holding, after: SizedPolicy | undefined): readonly Change[] {
  if (after === undefined) return [];
  const empty = rawStatements(after.document).length === 0;
  if (!empty && sameMeaning(holding.policy.document, after.document)) {
    // A copy that removes nothing is no reason to detach anything.
    return [];
  }
  return holding.changes(empty ? null : after.document);
}

function sameMeaning(a: Json, b: Json): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

function nothingToRemove(sizing: Sizing): PlanResult {
  const blocked = sizing.untouched.find(
    (each) => each.reasonCode !== 'aws-managed' && each.reasonCode !== 'decided-elsewhere',
  );
  if (blocked !== undefined)
    return { kind: 'refused', reasonCode: blocked.reasonCode, reason: blocked.reason };
  const unseen = sizing.kept.filter((each) => each.reasonCode.endsWith('not-logged'));
  if (unseen.length > 0) {
    return noChange(
      'log-cannot-show',
      `Nothing can be removed safely: ${unseen.length} actions without a recorded use stay because the log does not show whether they are used. ${unseen[0]?.reason ?? ''}`,
    );
  }
  return noChange(
    'nothing-to-remove',
    'Every permission that the identity holds was used in the window, or is needed by one that was.',
  );
}

function untouchedWords(sizing: Sizing): string[] {
  return sizing.untouched.map((each) => each.reason);
}

function unknownWords(principal: AccountPrincipal): string[] {
  return principal.unknownPolicies.map(
    (arn) => `The document of ${arn} is not known, so it is left attached and nothing is said about it.`,
  );
}
