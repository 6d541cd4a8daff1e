import type { AccountPrincipal, AccountResource } from './account.js';
import { type Actor, allowsOn, mayAct, mayActOn } from './actor.js';
import type { NodeRef } from './edge.js';
import type { Technique } from './technique.js';
import type { World } from './world.js';

/** One thing that a technique is tried on. */
export interface Target {
  /** Who the attacker becomes. */
  to: NodeRef;
  /** Values of the technique's placeholders, by name without braces. */
  bound: ReadonlyMap<string, string>;
  /** The principal whose trust policy, boundary, tags and credentials matter. */
  principal?: AccountPrincipal;
  workload?: AccountResource;
  /** The service that the role is passed to. */
  service?: string;
}

/** IAM refuses to change service-linked roles and the roles of IAM Identity Center. */
function isEditable(principal: AccountPrincipal): boolean {
  return !principal.serviceLinked && !principal.arn.includes(':role/aws-reserved/');
}

/** Everything in the accounts that the actor might use the technique on; permissions are not asked here. */
export function* targetsOf(world: World, actor: Actor, technique: Technique): Iterable<Target> {
  switch (technique.target) {
    case 'passed-role':
      return yield* passedRoles(world, actor, technique);
    case 'workload':
      return yield* workloads(world, actor, technique);
    case 'own-policy':
      return yield* ownPolicies(world, actor);
    case 'own-user':
      if (actor.kind === 'user') yield own(actor, 'user', actor.arn);
      return;
    case 'own-role':
      if (actor.kind === 'role' && actor.principal !== undefined && isEditable(actor.principal)) {
        yield own(actor, 'role', actor.arn);
      }
      return;
    case 'own-group':
      for (const group of actor.principal?.groups ?? []) yield own(actor, 'group', group);
      return;
    case 'other-group':
      return yield* otherGroups(world, actor);
    case 'other-user':
      return yield* others(world.users(), actor, technique, 'user');
    case 'other-role':
      return yield* others(rolesFor(world, actor, technique), actor, technique, 'role');
    case 'policy-of-other-role':
      return yield* policiesOfRoles(world, actor, technique);
    case 'assumable-role':
      for (const role of assumable(world, actor)) yield principalTarget(role, 'role', false);
  }
}

/** Roles that name the actor or anybody, and those that trust its account and on which it has a permission. */
export function assumable(world: World, actor: Actor): readonly AccountPrincipal[] {
  const byAccount = world
    .rolesTrustingAccount(actor)
    .filter((role) => mayActOn(actor, 'sts:AssumeRole', role.arn));
  return [...new Set([...world.rolesNaming(actor), ...byAccount])];
}

function* passedRoles(world: World, actor: Actor, technique: Technique): Iterable<Target> {
  for (const service of technique.services ?? []) {
    for (const role of world.rolesTrusting(service)) {
      if (role.account !== actor.account) continue;
      yield { to: { arn: role.arn }, bound: new Map([['role', role.arn]]), principal: role, service };
    }
  }
}

/** Workloads on which the actor's identity policies may allow all needs, and those whose own policy names it. */
function* workloads(world: World, actor: Actor, technique: Technique): Iterable<Target> {
  const { workload } = technique;
  if (workload === undefined) return;
  const grants = technique.needs
    .filter(({ on }) => on.includes('{workload}'))
    .map(({ action }) => allowsOn(actor, action));
  if (technique.needs.every(({ action }) => mayAct(actor, action))) {
    for (const each of world.workloads(workload)) {
      const foreign = each.account !== actor.account && each.policy === undefined;
      if (foreign || !grants.every((allows) => allows.some((allow) => allow.covers(each.arn)))) continue;
      yield* workloadTarget(world, each);
    }
  }
  for (const each of world.workloadsNaming(workload, technique.needs[0]?.action ?? '', actor)) {
    yield* workloadTarget(world, each);
  }
}

function* workloadTarget(world: World, workload: AccountResource): Iterable<Target> {
  const role = workload.role === undefined ? undefined : world.account.principals.get(workload.role);
  if (role === undefined) return;
  yield { to: { arn: role.arn }, bound: new Map([['workload', workload.arn]]), workload };
}

function* ownPolicies(world: World, actor: Actor): Iterable<Target> {
  const held = new Set(actor.principal?.documents.flatMap((document) => document.arn ?? []));
  for (const arn of held) {
    if (world.account.policies.get(arn)?.kind === 'customer') yield own(actor, 'policy', arn);
  }
}

function own(actor: Actor, name: string, arn: string): Target {
  const { principal } = actor;
  return {
    to: { arn: actor.arn, as: 'administrator' },
    bound: new Map([[name, arn]]),
    ...(principal === undefined || name === 'policy' || name === 'group' ? {} : { principal }),
  };
}

function* otherGroups(world: World, actor: Actor): Iterable<Target> {
  if (actor.kind !== 'user') return;
  for (const group of world.account.groups.values()) {
    if (group.account !== actor.account || group.members.includes(actor.arn)) continue;
    yield { to: { arn: actor.arn, as: { memberOf: group.arn } }, bound: new Map([['group', group.arn]]) };
  }
}

function rolesFor(world: World, actor: Actor, technique: Technique): readonly AccountPrincipal[] {
  return technique.assume === 'as-is' ? assumable(world, actor) : world.roles();
}

function* others(
  principals: readonly AccountPrincipal[],
  actor: Actor,
  technique: Technique,
  name: 'user' | 'role',
): Iterable<Target> {
  for (const principal of principals) {
    if (principal.account !== actor.account || principal.arn === actor.arn || !isEditable(principal))
      continue;
    yield principalTarget(principal, name, technique.elevates === true);
  }
}

function principalTarget(principal: AccountPrincipal, name: string, elevated: boolean): Target {
  return {
    to: elevated ? { arn: principal.arn, as: 'administrator' } : { arn: principal.arn },
    bound: new Map([[name, principal.arn]]),
    principal,
  };
}

function* policiesOfRoles(world: World, actor: Actor, technique: Technique): Iterable<Target> {
  const action = technique.needs[0]?.action ?? '';
  for (const policy of world.account.policies.values()) {
    if (policy.kind !== 'customer' || policy.account !== actor.account) continue;
    if (!mayActOn(actor, action, policy.arn)) continue;
    for (const holder of world.holdersOf(policy.arn)) {
      if (
        holder.kind !== 'role' ||
        holder.arn === actor.arn ||
        holder.account !== actor.account ||
        !isEditable(holder)
      )
        continue;
      const target = principalTarget(holder, 'role', true);
      yield { ...target, bound: new Map([...target.bound, ['policy', policy.arn]]) };
    }
  }
}
