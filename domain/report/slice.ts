import type { Account, AccountInput, ResourceInput } from '../graph/account.js';
import type { PathStep } from '../graph/edge.js';
import type { Escalation, PathAnswer, ReachedResource } from '../graph/paths.js';

/** More ways than this from one identity add nothing to its proof that the first do not say. */
const MAX_WAYS = 100;

/** What an account is cut along: what was found about its paths. */
export interface SliceBasis {
  input: AccountInput;
  account: Account;
  paths: PathAnswer;
}

/**
 * Opens the question which part of an account a fix of some identities is about: the identities (one, and whoever shares
 * a policy with it that the fix may edit), what lies on their paths, what runs with their roles, and the policies of all these. Within it the
 * obligations of a proof are the same as in the whole account, and a proof's inputs stay small enough to be kept beside it.
 */
export function openSlices({ input, account, paths }: SliceBasis): (of: readonly string[]) => AccountInput {
  const escalations = byStart(paths.escalations);
  const reach = byStart(paths.reach);
  const byRole = new Map<string, string[]>();
  for (const { arn, role } of account.resources.values()) {
    if (role === undefined) continue;
    const running = byRole.get(role);
    if (running === undefined) byRole.set(role, [arn]);
    else running.push(arn);
  }

  function arnsFor(of: readonly string[]): Set<string> {
    const arns = new Set(of);
    for (const start of [...arns]) {
      for (const { to, path } of (escalations.get(start) ?? []).slice(0, MAX_WAYS)) {
        arns.add(to);
        addSteps(arns, path);
      }
      for (const { resource, path } of (reach.get(start) ?? []).slice(0, MAX_WAYS)) {
        arns.add(resource);
        addSteps(arns, path);
      }
    }
    return arns;
  }

  return (of) => {
    const arns = arnsFor(of);
    for (const arn of [...arns]) {
      const holder = account.principals.get(arn) ?? account.groups.get(arn);
      for (const attached of holder?.attached ?? []) arns.add(attached);
      for (const each of byRole.get(arn) ?? []) arns.add(each);
      const found = account.principals.get(arn);
      if (found?.boundary !== undefined) arns.add(found.boundary.arn);
      for (const group of found?.groups ?? []) addGroup(arns, account, group);
      const key = account.resources.get(arn)?.kmsKey;
      if (key !== undefined) arns.add(key);
    }
    return cutOut(input, arns);
  };
}

/** Paths or reached resources by whom they start from. */
export function byStart<T extends Escalation | ReachedResource>(items: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(item.from);
    if (group === undefined) groups.set(item.from, [item]);
    else group.push(item);
  }
  return groups;
}

function addSteps(arns: Set<string>, path: readonly PathStep[]): void {
  for (const { by, resource } of path) arns.add(by).add(resource);
}

function addGroup(arns: Set<string>, account: Account, group: string): void {
  arns.add(group);
  for (const attached of account.groups.get(group)?.attached ?? []) arns.add(attached);
}

/** The account with only these entities, in their order; the organisation's policies stay whole. */
function cutOut(input: AccountInput, arns: ReadonlySet<string>): AccountInput {
  const named = <T extends { Arn: string }>(list: readonly T[] | undefined): T[] =>
    (list ?? []).filter(({ Arn }) => arns.has(Arn));
  const users = named(input.UserDetailList);
  const resources: readonly ResourceInput[] = (input.resources ?? []).filter(({ arn }) => arns.has(arn));
  const { scps, rcps, credentialReport } = input;
  return {
    UserDetailList: users,
    GroupDetailList: named(input.GroupDetailList),
    RoleDetailList: named(input.RoleDetailList),
    Policies: named(input.Policies),
    resources,
    ...(credentialReport === undefined || users.length === 0 ? {} : { credentialReport }),
    ...(scps === undefined ? {} : { scps }),
    ...(rcps === undefined ? {} : { rcps }),
  };
}
