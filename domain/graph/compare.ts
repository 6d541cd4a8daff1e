import type { PathSummary, Proof } from '../proof/proof.js';
import { type Account, resolvePrincipal } from './account.js';
import { type Escalation, findPaths, type PathAnswer, type PathOptions } from './paths.js';

/** What a change does to paths and reach; `closed` and `opened` with everything that is known about each. */
export interface PathComparison {
  closed: readonly Escalation[];
  opened: readonly Escalation[];
  before: PathAnswer;
  after: PathAnswer;
}

/** Searches before and after a change from the same principals; one that is gone afterwards reaches nothing. */
export function contrastPaths(before: Account, after: Account, options: PathOptions = {}): PathComparison {
  const old = findPaths(before, options);
  const from = options.from?.filter((arn) => isPresent(before, after, arn));
  const next = findPaths(after, from === undefined ? {} : { from });
  const oldPaths = [...openPaths(old), ...promotions(before, old, next, options.from)];
  const newPaths = [...openPaths(next), ...promotions(after, next, old, options.from)];
  const oldKeys = new Set(oldPaths.map(keyOf));
  const newKeys = new Set(newPaths.map(keyOf));
  return {
    closed: oldPaths.filter((path) => !newKeys.has(keyOf(path))),
    opened: newPaths.filter((path) => !oldKeys.has(keyOf(path))),
    before: old,
    after: next,
  };
}

/** What a change closes and opens, as a proof carries it. */
export function comparePaths(
  before: Account,
  after: Account,
  options: PathOptions = {},
): NonNullable<Proof['paths']> {
  const { closed, opened, before: old, after: next } = contrastPaths(before, after, options);
  const reachableBefore = new Set(old.reach.map(({ resource }) => resource));
  const reachableAfter = new Set(next.reach.map(({ resource }) => resource));
  return {
    closed: closed.map(summarisePath),
    opened: opened.map(summarisePath),
    storesNoLongerReachable: [...reachableBefore].filter((resource) => !reachableAfter.has(resource)).sort(),
    reachableBefore: reachableBefore.size,
    reachableAfter: reachableAfter.size,
  };
}

/** A path with one sentence for each step. */
function summarisePath({ from, to, technique, path }: Escalation): PathSummary {
  return {
    from,
    to,
    technique,
    steps: path.map(({ step, permission, resource }) => `${step}: ${permission} on ${resource}`),
  };
}

function isPresent(before: Account, after: Account, arn: string): boolean {
  return resolvePrincipal(after, arn) !== undefined || resolvePrincipal(before, arn) === undefined;
}

function openPaths({ escalations }: PathAnswer): Escalation[] {
  return escalations.filter(({ status }) => status === 'open');
}

/** Administrators of one side who are none on the other: their escalations stop being listed, their power does not. */
function promotions(
  account: Account,
  here: PathAnswer,
  there: PathAnswer,
  from: readonly string[] | undefined,
): Escalation[] {
  const others = new Set(there.admins);
  const wanted =
    from === undefined ? undefined : new Set(from.map((arn) => resolvePrincipal(account, arn)?.arn));
  return here.admins
    .filter((arn) => !others.has(arn) && (wanted === undefined || wanted.has(arn)))
    .map((arn) => ({
      from: arn,
      to: arn,
      technique: 'administrator',
      path: [{ step: 'Is an administrator', permission: '*', resource: '*', by: arn }],
      status: 'open',
      gain: 'administrator',
      assumptions: [],
    }));
}

function keyOf({ from, to, technique }: Escalation): string {
  return `${from} ${to} ${technique}`;
}
