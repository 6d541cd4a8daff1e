import { assemble } from '../draft/assemble.js';
import { openCase } from '../draft/draft.js';
import { type Case, noChange, type PlanResult, refused } from '../draft/model.js';
import { type AccountPolicy, principalsAttachedTo } from '../graph/account.js';
import type { ResourceMode } from '../iam/rightsize/model.js';
import { sizeAll } from '../iam/rightsize/size-all.js';
import { rawStatements } from '../iam/rightsize/statement.js';
import { canonicalJson } from '../json.js';
import { type Drafting, draftInput, findingOf, none, withInputs } from './drafting.js';
import type { ReportInput } from './model.js';
import type { Place } from './workplace.js';

/** Right-sizes a policy that many hold, over what all of them use; once, and not with each of them. */
export function draftForPolicy(input: ReportInput, place: Place, arn: string): Drafting {
  const holders = place.wide.get(arn) ?? [];
  const policy = place.account.policies.get(arn);
  const [first] = holders.flatMap((holder) => place.account.principals.get(holder) ?? []);
  if (policy === undefined || first === undefined)
    return none('unknown-subject', `${arn} is held by nobody.`);
  if (!place.observed || !place.logging.management)
    return none('no-evidence', 'No log of this account was given, so nothing is known to be unused.');
  const finding = findingOf(first, 'excessive-permissions');
  const the = openCase(draftInput(input, place, finding, place.rowsOf(holders)));
  for (const mode of ['prefix', 'leave'] as const) {
    const plan = planPolicy(the, policy, holders, mode);
    if (plan.kind !== 'plan') return plan;
    const draft = assemble(the, plan);
    if (draft.proof.verdict === 'proved' || draft.proof.verdict === 'partial') return withInputs(the, draft);
  }
  return none('no-safe-reduction', 'No smaller version could be shown to allow everything that was used.');
}

function planPolicy(
  the: Case,
  { arn, name, document }: AccountPolicy,
  attachedTo: readonly string[],
  resources: ResourceMode,
): PlanResult {
  const options = { resources, logging: the.logging, keepDependent: true, covered: 'all' as const };
  const policies = [{ name, arn, managed: 'customer' as const, attachedTo, document }];
  const sizing = sizeAll({ policies, usage: the.usage, window: the.window, options }, resources);
  const after = sizing.policies[0]?.document ?? document;
  const [untouched] = sizing.untouched;
  if (untouched !== undefined) return refused(untouched.reasonCode, untouched.reason);
  if (canonicalJson(after) === canonicalJson(document))
    return noChange('nothing-to-remove', 'Every permission of the policy was used by one of its holders.');
  const empty = rawStatements(after).length === 0;
  const changes = empty
    ? principalsAttachedTo(the.account, arn).map((principal) => ({
        kind: 'policy-attachment' as const,
        target: { principal, arn },
        before: { attached: true },
        after: null,
      }))
    : [{ kind: 'managed-policy' as const, target: { arn }, before: document, after }];
  const { removed, kept, justification, usedHighRisk, notes } = sizing;
  return { kind: 'plan', changes, removed, kept, justification, usedHighRisk, blindSpots: notes };
}
