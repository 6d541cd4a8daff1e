import type { ActionReason, Justification } from '../../proof/proof.js';
import { neverEdited, principalKey } from '../../usage/principal.js';
import { actionInfo } from '../catalogue.js';
import { parsePolicy } from '../parse.js';
import { matchesPattern } from '../pattern.js';
import { type ActionVerdict, basisOf } from './decide.js';
import { highRiskWords, isNamedHighRisk } from './high-risk.js';
import type { ResourceMode, RightsizeInput, SizedPolicy, Untouched } from './model.js';
import { sizePolicy } from './policy.js';
import { indexUse } from './use-index.js';

/** All policies of a question right-sized, not yet proved. */
export interface Sizing {
  policies: readonly SizedPolicy[];
  removed: readonly ActionReason[];
  kept: readonly ActionReason[];
  justification: readonly Justification[];
  usedHighRisk: readonly ActionReason[];
  untouched: readonly Untouched[];
  /** Sentences about patterns that stand for lists, and about access that stays through other policies. */
  notes: readonly string[];
}

/**
 * Right-sizes each policy over the union of the use of everybody it is attached to, or leaves it untouched and says
 * why.
 * @throws PolicyError when a document is malformed.
 */
export function sizeAll(input: Omit<RightsizeInput, 'now' | 'digest'>, mode: ResourceMode): Sizing {
  const policies: SizedPolicy[] = [];
  const untouched: Untouched[] = [];
  const notes: string[] = [];
  const justification: Justification[] = [];
  const verdicts = new Map<string, ActionVerdict>();
  const openServices = new Set<string>();
  for (const policy of input.policies) {
    const reason = untouchable(policy, input);
    if (reason !== undefined) {
      policies.push(policy);
      untouched.push({ policy: policy.name, ...reason });
      continue;
    }
    const basis = basisOf(indexUse(input.usage, holdersOf(policy, input)), input.window, {
      ...input.options,
      resources: mode,
    });
    const sized = sizePolicy(policy, basis, input.principal);
    policies.push(sized.policy);
    if (sized.tooLarge !== undefined) {
      untouched.push({ policy: policy.name, reasonCode: 'size-limit', reason: sized.tooLarge });
    }
    if (sized.compacted !== undefined) notes.push(sized.compacted);
    justification.push(...sized.justification);
    for (const verdict of sized.verdicts) mergeVerdict(verdicts, verdict);
    if (sized.openEnded) for (const verdict of sized.verdicts) openServices.add(serviceOf(verdict.action));
  }
  const all = [...verdicts.values()];
  const { gone, stays } = splitRemoved(all, policies, untouched);
  if (stays.length > 0) {
    notes.push(
      `${stays.length} unused actions (${stays.slice(0, 3).join(', ')}${stays.length > 3 ? ', …' : ''}) stay allowed by policies that are left as they are.`,
    );
  }
  return {
    policies,
    removed: removedReasons(gone, all, openServices),
    kept: all
      .filter((verdict) => verdict.keep)
      .map(reasonOf)
      .sort(byAction),
    justification,
    usedHighRisk: usedHighRisk(all),
    untouched,
    notes,
  };
}

/** Whose use counts for a policy; undefined: everybody's in the log. */
export function holdersOf(
  policy: SizedPolicy,
  input: Pick<RightsizeInput, 'principal'>,
): ReadonlySet<string> | undefined {
  const arns = [...(policy.attachedTo ?? []), ...(input.principal === undefined ? [] : [input.principal])];
  return arns.length === 0 ? undefined : new Set(arns.map(principalKey));
}

function untouchable(
  policy: SizedPolicy,
  input: Omit<RightsizeInput, 'now' | 'digest'>,
): { reasonCode: string; reason: string } | undefined {
  const elsewhere = policy.arn === undefined ? undefined : input.options.decidedElsewhere?.get(policy.arn);
  if (elsewhere !== undefined) return { reasonCode: 'decided-elsewhere', reason: elsewhere };
  if (policy.managed === 'aws' || policy.arn?.includes(':iam::aws:') === true) {
    return {
      reasonCode: 'aws-managed',
      reason: `${policy.name} belongs to AWS and cannot be edited; replace it by a policy of your own and detach it.`,
    };
  }
  for (const arn of [
    ...(input.principal === undefined ? [] : [input.principal]),
    ...(policy.attachedTo ?? []),
  ]) {
    const never = neverEdited(arn);
    if (never !== undefined) return never;
  }
  const others = (policy.attachedTo ?? []).filter((arn) => !isCovered(arn, input));
  if (others.length === 0) return undefined;
  return {
    reasonCode: 'shared-usage-unknown',
    reason: `${policy.name} also serves ${others.slice(0, 3).join(', ')}${others.length > 3 ? ` and ${others.length - 3} more` : ''}, whose use the log does not cover. Give their usage too, or fork the policy.`,
  };
}

function isCovered(arn: string, input: Pick<RightsizeInput, 'principal' | 'usage' | 'options'>): boolean {
  const key = principalKey(arn);
  if (input.principal !== undefined && principalKey(input.principal) === key) return true;
  const { covered } = input.options;
  if (covered === 'all') return !arn.includes(':group/');
  if (covered?.some((each) => principalKey(each) === key)) return true;
  return input.usage.calls.some(
    (call) => call.principal !== undefined && principalKey(call.principal) === key,
  );
}

function mergeVerdict(verdicts: Map<string, ActionVerdict>, verdict: ActionVerdict): void {
  const key = verdict.action.toLowerCase();
  if (verdicts.get(key)?.keep !== true) verdicts.set(key, verdict);
}

/** An action that another, untouched policy allows too is not removed from anybody. */
function splitRemoved(
  verdicts: readonly ActionVerdict[],
  policies: readonly SizedPolicy[],
  untouched: readonly Untouched[],
): { gone: ActionVerdict[]; stays: string[] } {
  const names = new Set(untouched.map((each) => each.policy));
  const others = policies
    .filter((policy) => names.has(policy.name))
    .flatMap((policy) => parsePolicy(policy.document, 'identity').statements)
    .filter((statement) => statement.effect === 'Allow');
  const gone: ActionVerdict[] = [];
  const stays: string[] = [];
  for (const verdict of verdicts) {
    if (verdict.keep) continue;
    const elsewhere = others.some(({ action }) => {
      const named = action.patterns.some((each) =>
        matchesPattern(each, verdict.action, { ignoreCase: true }),
      );
      return named !== action.negated;
    });
    if (elsewhere) stays.push(verdict.action);
    else gone.push(verdict);
  }
  return { gone, stays };
}

/**
 * Removed actions in words. A policy for everything loses thousands: services of which nothing is left are then one
 * line each, with their high-risk actions still named one by one.
 */
function removedReasons(
  gone: readonly ActionVerdict[],
  all: readonly ActionVerdict[],
  openServices: ReadonlySet<string>,
): ActionReason[] {
  const alive = new Set(all.filter((verdict) => verdict.keep).map((verdict) => serviceOf(verdict.action)));
  const whole = new Map<string, ActionVerdict[]>();
  const reasons: ActionReason[] = [];
  for (const verdict of gone) {
    const service = serviceOf(verdict.action);
    const words = highRiskWords(verdict.action);
    const folded = openServices.has(service) && !alive.has(service) && !isNamedHighRisk(verdict.action);
    if (folded) whole.set(service, [...(whole.get(service) ?? []), verdict]);
    else if (words === undefined) reasons.push(reasonOf(verdict));
    else reasons.push({ ...reasonOf(verdict), reason: `${words} ${verdict.reason}` });
  }
  for (const [service, verdicts] of whole) {
    const [first] = verdicts;
    if (first === undefined) continue;
    if (verdicts.length === 1) reasons.push(reasonOf(first));
    else {
      reasons.push({
        action: `${service}:*`,
        reason: `None of its ${verdicts.length} actions was used. ${first.reason}`,
        reasonCode: first.reasonCode,
      });
    }
  }
  return reasons.sort(byAction);
}

function usedHighRisk(verdicts: readonly ActionVerdict[]): ActionReason[] {
  return verdicts.flatMap((verdict) => {
    const words = verdict.use === undefined ? undefined : highRiskWords(verdict.action);
    return words === undefined
      ? []
      : [
          {
            action: verdict.action,
            reasonCode: 'used-high-risk',
            reason: `${words} It is used, so it stays: ${verdict.reason}`,
          },
        ];
  });
}

function reasonOf({ action, reason, reasonCode }: ActionVerdict): ActionReason {
  return { action, reason, reasonCode };
}

function byAction(a: ActionReason, b: ActionReason): number {
  return a.action < b.action ? -1 : a.action > b.action ? 1 : 0;
}

function serviceOf(action: string): string {
  return actionInfo(action)?.service ?? action.split(':')[0] ?? '';
}
