import type { AccountInput } from '../graph/account.js';
import { canonicalJson, type Json } from '../json.js';
import { accountOfTarget, type Change, type ChangeTarget } from './change.js';
import { entries, findPrincipal } from './entity.js';
import { ChangeError } from './error.js';
import { handlerOf } from './kinds.js';

/**
 * What is there now for the target of a change; `null` is absent.
 * @throws ChangeError `UnknownEntity` when the principal or resource itself is not in the account, `Malformed`.
 */
export function currentState(account: AccountInput, change: Pick<Change, 'kind' | 'target'>): Json {
  const { holder } = place(account, change);
  return handlerOf(change.kind).read(holder, change.target);
}

/**
 * The account after the change, with everything that follows from it (a new default version, `public` of a bucket).
 * The given account is untouched. `before` is not compared: that is `conflictOf`.
 * @throws ChangeError
 */
export function applyChange(account: AccountInput, change: Change): AccountInput {
  const { holder, index } = place(account, change);
  if (sameState(handlerOf(change.kind).read(holder, change.target), change.after)) return account;
  const next = handlerOf(change.kind).write(holder, change.target, change.after);
  if (index === undefined) return next;
  return { ...account, accounts: (account.accounts ?? []).map((each, i) => (i === index ? next : each)) };
}

/** What the same changes made of the same account: proof, paths and picture of a draft all ask for it. */
const applied = new WeakMap<AccountInput, WeakMap<readonly Change[], AccountInput>>();

/** The account after several changes, in order. Nobody may change what was given or what came of it. @throws ChangeError */
export function applyChanges(account: AccountInput, changes: readonly Change[]): AccountInput {
  const known = applied.get(account) ?? new WeakMap<readonly Change[], AccountInput>();
  applied.set(account, known);
  const earlier = known.get(changes);
  if (earlier !== undefined) return earlier;
  let next = account;
  for (const change of changes) next = applyChange(next, change);
  known.set(changes, next);
  return next;
}

/**
 * Why AWS would refuse the change on this account (size limits, malformed documents, dependencies), as a sentence;
 * undefined when it would not. @throws ChangeError `UnknownEntity`, `Malformed`.
 */
export function refusalOf(account: AccountInput, change: Change): string | undefined {
  return handlerOf(change.kind).refusal(place(account, change).holder, change);
}

/** Whether two states are the same, however their members are ordered. */
export function sameState(a: Json, b: Json): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

/** What is there now when it is not the change's `before`; undefined when the change still fits. */
export function conflictOf(account: AccountInput, change: Change): { found: Json } | undefined {
  const found = currentState(account, change);
  return sameState(found, change.before) ? undefined : { found };
}

const PRINCIPAL_LISTS = ['RoleDetailList', 'UserDetailList', 'GroupDetailList', 'Policies'];

interface Place {
  holder: AccountInput;
  /** Position in `accounts` when the input holds several. */
  index?: number;
}

// With several accounts the one that has the target is meant; an ARN of a bucket names no account.
function place(account: AccountInput, change: Pick<Change, 'kind' | 'target'>): Place {
  if (account.accounts === undefined) return { holder: account };
  const direct = account.accounts.findIndex((each) => holds(each, change));
  const index =
    direct >= 0 ? direct : account.accounts.findIndex((each) => isSameAccount(each, change.target));
  const holder = account.accounts[index];
  if (holder !== undefined) return { holder, index };
  const arn = change.target.principal ?? change.target.arn ?? 'the target';
  throw new ChangeError(
    'UnknownEntity',
    `${arn} is in none of the ${account.accounts.length} accounts; read them again`,
  );
}

function holds(account: AccountInput, { target }: Pick<Change, 'target'>): boolean {
  if (target.principal !== undefined) return findPrincipal(account, target.principal) !== undefined;
  const lists = ['Policies', 'resources'];
  return lists.some((list) =>
    entries(account, list).some((each) => (each['Arn'] ?? each['arn']) === target.arn),
  );
}

// For what is absent now: a deleted role, a policy that is to be made.
function isSameAccount(account: AccountInput, target: ChangeTarget): boolean {
  const id = accountOfTarget(target);
  if (id === undefined) return false;
  return PRINCIPAL_LISTS.some((list) =>
    entries(account, list).some((each) => String(each['Arn']).split(':')[4] === id),
  );
}
