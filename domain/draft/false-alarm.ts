import type { AccountPrincipal } from '../graph/account.js';
import { actionInfo } from '../iam/catalogue.js';
import { usedWords } from '../iam/rightsize/decide.js';
import { indexUse } from '../iam/rightsize/use-index.js';
import { principalKey } from '../usage/principal.js';
import { isGranted } from './holdings.js';
import { type Case, noChange, type PlanResult } from './model.js';

/**
 * Whether the finding's own claim is refuted: each permission that it calls unused is used, or none of them is
 * granted any more. Undefined when there is something to do.
 */
export function falseAlarm(the: Case, principal: AccountPrincipal): PlanResult | undefined {
  const claimed = (the.input.finding.evidence.unusedPermissions ?? []).filter((each) =>
    /^[\w-]+:/.test(each),
  );
  if (claimed.length === 0) return undefined;
  const use = indexUse(the.usage, new Set([principalKey(principal.arn)]));
  const granted = claimed.filter((each) => isGranted(principal, each));
  if (granted.length === 0) {
    return noChange(
      'already-fixed',
      `The identity no longer holds ${claimed.slice(0, 5).join(', ')}${claimed.length > 5 ? ', …' : ''}, which the finding calls unused.`,
    );
  }
  // A pattern stands for many actions; that one of them is used does not refute the claim about the others.
  if (granted.some((each) => /[*?]/.test(each))) return undefined;
  const uses = granted.map((each) => use.get((actionInfo(each)?.name ?? each).toLowerCase()));
  if (uses.some((each) => each === undefined)) return undefined;
  const words = uses.flatMap((each) => (each === undefined ? [] : [`${each.action}: ${usedWords(each)}`]));
  return noChange('permission-used', `What the finding calls unused is used. ${words.slice(0, 5).join(' ')}`);
}
