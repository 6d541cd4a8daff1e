import type { Account } from '../graph/account.js';
import { parsePolicy } from '../iam/parse.js';
import { mayAllow } from '../proof/allowed.js';
import { readEvent } from '../usage/events.js';
import { principalKey } from '../usage/principal.js';

/** Denied calls after a change, and what is known of the time before it. */
export interface HarmQuestion {
  /** The account as it was, and as it is. */
  before: Account;
  after: Account;
  /** ARNs of the principals whose policies were changed. */
  principals: readonly string[];
  /** ARNs of the stores whose settings were changed, with the principals that used them before. */
  stores: ReadonlyMap<string, ReadonlySet<string>>;
  /** CloudTrail records since the change. */
  events: readonly unknown[];
}

/**
 * A request that would have worked before the change and is denied since, as a sentence; undefined when there is none.
 *
 * Only what the change itself took away counts: a call that was never allowed, or a stranger at a store that was closed
 * to strangers, must not be able to bring the old access back.
 */
export function harmOf(question: HarmQuestion): string | undefined {
  const changed = new Set(question.principals.map(principalKey));
  for (const record of question.events) {
    const event = readEvent(record);
    if (event === undefined || event.outcome !== 'denied' || event.principal === undefined) continue;
    const caller = principalKey(event.principal);
    const words = `${event.pairs[0]?.action ?? event.name} by ${event.principal} was denied after the change`;
    if (changed.has(caller) && event.pairs.some((pair) => wasTakenAway(question, caller, pair))) return words;
    const store = event.pairs
      .map(({ resource }) => storeOf(question, resource))
      .find((users) => users !== undefined);
    if (store?.has(caller) === true) return words;
  }
  return undefined;
}

function wasTakenAway(question: HarmQuestion, caller: string, pair: Parameters<typeof mayAllow>[1]): boolean {
  return (
    mayAllow(documentsOf(question.before, caller), pair) &&
    !mayAllow(documentsOf(question.after, caller), pair)
  );
}

function documentsOf(account: Account, caller: string) {
  const principal = [...account.principals.values()].find(({ arn }) => principalKey(arn) === caller);
  return (principal?.documents ?? []).map(({ document }) => parsePolicy(document, 'identity'));
}

/** Principals that used the store which a resource is, or lies in. */
function storeOf(question: HarmQuestion, resource: string | undefined): ReadonlySet<string> | undefined {
  if (resource === undefined) return undefined;
  for (const [arn, users] of question.stores)
    if (resource === arn || resource.startsWith(`${arn}/`)) return users;
  return undefined;
}
