import { applyChanges } from '../change/apply.js';
import type { Change } from '../change/change.js';
import { actionInfo } from '../iam/catalogue.js';
import { indexUse, type UseIndex } from '../iam/rightsize/use-index.js';
import { canonicalJson } from '../json.js';
import { principalKey } from '../usage/principal.js';
import type { UsageLog } from '../usage/usage.js';
import { type Account, type AccountInput, parseAccount } from './account.js';
import { type Cut, cutsFor } from './cut.js';
import type { PathStep } from './edge.js';
import { type Escalation, findPaths } from './paths.js';

/** Which paths are to be broken: those from `from` by a technique, or to somebody. */
export interface FixQuestion {
  account: AccountInput;
  from: string;
  technique?: string;
  to?: string;
  /** What was observed; without it nothing is known to be in use. */
  usage?: UsageLog;
}

/** The changes, or why there are none. */
export type FixAnswer =
  | { kind: 'fix'; changes: readonly Change[] }
  | { kind: 'none'; reasonCode: 'no-open-path' | 'all-steps-in-use'; reason: string };

/** More cuts than this mean that the paths rest on something else than single permissions. */
const MAX_CUTS = 12;

/**
 * The smallest change that closes the paths and takes nothing away that was seen in use: cut after cut until none of
 * them is open. Each cut is the one that closes most paths, opens none, and is plainest.
 * @throws PolicyError when the account or `from` is malformed.
 */
export function fixPaths(question: FixQuestion): FixAnswer {
  let account = question.account;
  const changes: Change[] = [];
  for (let round = 0; round < MAX_CUTS; round += 1) {
    const parsed = parseAccount(account);
    const open = wantedPaths(parsed, question);
    if (open.length === 0) {
      if (changes.length > 0) return { kind: 'fix', changes: merged(changes) };
      return {
        kind: 'none',
        reasonCode: 'no-open-path',
        reason: `No open path of that kind starts at ${question.from}.`,
      };
    }
    const best = bestCut(account, parsed, open, question);
    if (best === undefined) break;
    account = applyChanges(account, best.changes);
    changes.push(...best.changes);
  }
  return {
    kind: 'none',
    reasonCode: 'all-steps-in-use',
    reason: `Every permission on the paths from ${question.from} is in use or cannot be taken away; break them at their target, or keep them as a documented exception.`,
  };
}

function wantedPaths(account: Account, { from, technique, to }: FixQuestion): Escalation[] {
  return findPaths(account, { from: [from] }).escalations.filter(
    (path) =>
      path.status === 'open' &&
      (technique === undefined || path.technique === technique) &&
      (to === undefined || path.to === to),
  );
}

const PLAINNESS = { remove: 0, deny: 1, distrust: 2 } as const;

function bestCut(
  input: AccountInput,
  account: Account,
  open: readonly Escalation[],
  question: FixQuestion,
): Cut | undefined {
  const [first] = open;
  let best: { cut: Cut; left: number } | undefined;
  for (const cut of candidates(account, first?.path ?? [], question)) {
    const after = parseAccount(applyChanges(input, cut.changes));
    const remaining = wantedPaths(after, question);
    const stillThere = new Set(remaining.map(keyOf));
    const before = new Set(open.map(keyOf));
    const harmless = remaining.every((path) => before.has(keyOf(path)));
    if (!harmless || (first !== undefined && stillThere.has(keyOf(first)))) continue;
    const better =
      best === undefined ||
      remaining.length < best.left ||
      (remaining.length === best.left && PLAINNESS[cut.kind] < PLAINNESS[best.cut.kind]);
    if (better) best = { cut, left: remaining.length };
  }
  return best?.cut;
}

function* candidates(
  account: Account,
  path: readonly PathStep[],
  { from, usage }: FixQuestion,
): Iterable<Cut> {
  const seen = new Set<string>();
  for (const step of path) {
    const key = `${step.by} ${step.permission} ${step.resource}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const use = useOf(usage, step.by, from);
    const standing = standingOf(step, use);
    if (standing === 'used') continue;
    for (const cut of cutsFor(account, step, standing === 'unused')) yield cut;
  }
}

// Rows without a principal are about the start of the path.
function useOf(usage: UsageLog | undefined, by: string, from: string): UseIndex {
  if (usage === undefined) return new Map();
  const own =
    principalKey(by) === principalKey(from)
      ? usage
      : { ...usage, calls: usage.calls.filter(({ principal }) => principal !== undefined) };
  return indexUse(own, new Set([principalKey(by)]));
}

/** `elsewhere`: the action is used, but on other resources, all of which are known. */
function standingOf({ permission, resource }: PathStep, use: UseIndex): 'unused' | 'elsewhere' | 'used' {
  const known = use.get(permission.toLowerCase());
  if (known !== undefined) {
    const free = resource.startsWith('arn:') && !known.resourceUnknown && !known.resources.has(resource);
    return free ? 'elsewhere' : 'used';
  }
  // A used action that depends on this one uses it too, on resources that the log does not tell.
  const leaning = [...use.values()].some(({ action }) =>
    actionInfo(action)?.dependentActions.some((needs) => needs.toLowerCase() === permission.toLowerCase()),
  );
  return leaning ? 'used' : 'unused';
}

function keyOf({ from, to, technique }: Escalation): string {
  return `${from} ${to} ${technique}`;
}

/** Several changes of one target as one: the first's `before` and the last's `after`. */
function merged(changes: readonly Change[]): Change[] {
  const byTarget = new Map<string, Change>();
  for (const change of changes) {
    const key = canonicalJson([change.kind, { ...change.target }]);
    const earlier = byTarget.get(key);
    byTarget.set(key, earlier === undefined ? change : { ...change, before: earlier.before });
  }
  return [...byTarget.values()];
}
