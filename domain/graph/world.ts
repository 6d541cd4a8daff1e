import { matchesPattern } from '../iam/pattern.js';
import { type Account, type AccountPrincipal, type AccountResource, resolvePrincipal } from './account.js';
import { type Actor, actorOf, externalActor } from './actor.js';
import { type CompiledDocument, compileDocument } from './compiled.js';
import { isAdministrator } from './power.js';
import type { Workload } from './technique.js';
import { append, indexTrust, namesIn, type TrustIndex, trustsService } from './trust.js';

const worlds = new WeakMap<Account, World>();

/** The world of an account, made once for all who ask about it. */
export function worldOf(account: Account): World {
  const known = worlds.get(account);
  if (known !== undefined) return known;
  const world = new World(account);
  worlds.set(account, world);
  return world;
}

/** One or several accounts with everything that the questions of the path search need looked up once. */
export class World {
  readonly account: Account;
  readonly #actors = new Map<string, Actor>();
  readonly #rolesByService = new Map<string, readonly AccountPrincipal[]>();
  readonly #workloads = new Map<Workload, readonly AccountResource[]>();
  readonly #rcps = new Map<string, CompiledDocument[][] | undefined>();
  #roles: readonly AccountPrincipal[] | undefined;
  #users: readonly AccountPrincipal[] | undefined;
  #holders: ReadonlyMap<string, readonly AccountPrincipal[]> | undefined;
  #withProfile: ReadonlySet<string> | undefined;
  #byService: ReadonlyMap<string, readonly AccountResource[]> | undefined;
  readonly #administrators = new WeakMap<Actor, boolean>();
  readonly #names = new Map<AccountResource, ReadonlySet<string>>();
  readonly #naming = new Map<string, Map<string, AccountResource[]>>();
  #sensitive: readonly AccountResource[] | undefined;
  #trusting: TrustIndex | undefined;

  constructor(account: Account) {
    this.account = account;
  }

  /** The actor of a principal of the accounts, or of one from outside. */
  actor(arn: string): Actor {
    const known = this.#actors.get(arn);
    if (known !== undefined) return known;
    const principal = resolvePrincipal(this.account, arn);
    const actor = principal === undefined ? externalActor(arn) : actorOf(this.account, principal);
    this.#actors.set(arn, actor);
    return actor;
  }

  roles(): readonly AccountPrincipal[] {
    this.#roles ??= [...this.account.principals.values()].filter(({ kind }) => kind === 'role');
    return this.#roles;
  }

  users(): readonly AccountPrincipal[] {
    this.#users ??= [...this.account.principals.values()].filter(({ kind }) => kind === 'user');
    return this.#users;
  }

  trustOf(role: AccountPrincipal): CompiledDocument | undefined {
    return role.trust === null ? undefined : compileDocument(role.trust, 'trust', role.arn);
  }

  policyOf(resource: AccountResource): CompiledDocument | undefined {
    return resource.policy === undefined
      ? undefined
      : compileDocument(resource.policy, 'resource', resource.arn);
  }

  rcpsOf(account: string): readonly (readonly CompiledDocument[])[] | undefined {
    if (!this.#rcps.has(account)) {
      const levels = this.account.organisation.get(account)?.rcps;
      const compiled = levels?.map((level) =>
        level.map((document) => compileDocument(document, 'rcp', `account ${account} (RCP)`)),
      );
      this.#rcps.set(account, compiled);
    }
    return this.#rcps.get(account);
  }

  /** Roles that a service may assume, for a resource that the caller makes. Service-linked roles cannot be passed. */
  rolesTrusting(service: string): readonly AccountPrincipal[] {
    const known = this.#rolesByService.get(service);
    if (known !== undefined) return known;
    const roles = this.roles().filter((role) => {
      const trust = role.serviceLinked ? undefined : this.trustOf(role);
      return trust !== undefined && trustsService(role, trust, service);
    });
    this.#rolesByService.set(service, roles);
    return roles;
  }

  /** Roles whose trust policy names the actor or anybody. */
  rolesNaming(actor: Actor): readonly AccountPrincipal[] {
    this.#trusting ??= indexTrust(this.account, this.roles(), (role) => this.trustOf(role));
    const { byName, anyone } = this.#trusting;
    const unique = actor.principal?.uniqueId;
    const named = [
      ...(byName.get(actor.arn) ?? []),
      ...(unique === undefined ? [] : (byName.get(unique) ?? [])),
    ];
    return [...named, ...anyone].filter((role) => role.arn !== actor.arn && !role.serviceLinked);
  }

  /** Roles whose trust policy delegates to the actor's account. */
  rolesTrustingAccount(actor: Actor): readonly AccountPrincipal[] {
    this.#trusting ??= indexTrust(this.account, this.roles(), (role) => this.trustOf(role));
    const trusting = this.#trusting.byAccountId.get(actor.account) ?? [];
    return trusting.filter((role) => role.arn !== actor.arn && !role.serviceLinked);
  }

  /** Existing resources of the technique's kind that run with a role. */
  workloads(workload: Workload): readonly AccountResource[] {
    return this.#matching(workload).filter(({ role }) => role !== undefined);
  }

  /** Whether an Allow of the resource's policy may be about the actor: it, its account, or anybody. */
  speaksAbout(resource: AccountResource, actor: Actor): boolean {
    let names = this.#names.get(resource);
    if (names === undefined) {
      names = new Set((this.policyOf(resource)?.statements ?? []).flatMap(namesIn));
      this.#names.set(resource, names);
    }
    if (names.size === 0) return false;
    const { account, principal } = actor;
    const partition = actor.arn.split(':')[1] ?? 'aws';
    return [
      '*',
      actor.arn,
      principal?.uniqueId ?? '*',
      account,
      `arn:${partition}:iam::${account}:root`,
    ].some((name) => names.has(name));
  }

  /** Workloads of the kind whose own policy allows the action to the actor by name, or to anybody. */
  workloadsNaming(workload: Workload, action: string, actor: Actor): readonly AccountResource[] {
    const key = `${action} ${workload.noun}`;
    let named = this.#naming.get(key);
    if (named === undefined) {
      named = new Map();
      for (const resource of this.workloads(workload)) {
        const statements = this.policyOf(resource)?.statementsOn(action) ?? [];
        for (const name of new Set(statements.flatMap(namesIn))) append(named, name, resource);
      }
      this.#naming.set(key, named);
    }
    const unique = actor.principal?.uniqueId;
    return [
      ...(named.get(actor.arn) ?? []),
      ...(unique === undefined ? [] : (named.get(unique) ?? [])),
      ...(named.get('*') ?? []),
    ];
  }

  /** Whether the inventory lists anything of the kind. */
  workloadsExist(workload: Workload): boolean {
    return this.#matching(workload).length > 0;
  }

  #matching(workload: Workload): readonly AccountResource[] {
    const known = this.#workloads.get(workload);
    if (known !== undefined) return known;
    this.#byService ??= groupBy([...this.account.resources.values()], ({ arn }) => arn.split(':')[2] ?? '');
    const found = workload.arns.flatMap((template) => {
      // The type decides: ARNs in inventories come with and without the ids behind the name.
      const type = template.slice(0, template.indexOf('*', template.indexOf('{account}')) + 1);
      const pattern = type.replace('arn:aws:', 'arn:*:').replace('{account}', '*');
      const service = template.split(':')[2] ?? '';
      return (this.#byService?.get(service) ?? []).filter(({ arn }) =>
        matchesPattern(pattern, arn, { ignoreCase: true }),
      );
    });
    this.#workloads.set(workload, found);
    return found;
  }

  /** Sensitive resources in the inventory's order. */
  sensitive(): readonly AccountResource[] {
    this.#sensitive ??= [...this.account.resources.values()].filter(({ sensitive }) => sensitive);
    return this.#sensitive;
  }

  /** Users and roles that hold a managed policy, a user's groups included. */
  holdersOf(policyArn: string): readonly AccountPrincipal[] {
    if (this.#holders === undefined) {
      const holders = new Map<string, AccountPrincipal[]>();
      for (const principal of this.account.principals.values()) {
        for (const arn of new Set(principal.documents.flatMap((held) => held.arn ?? []))) {
          append(holders, arn, principal);
        }
      }
      this.#holders = holders;
    }
    return this.#holders.get(policyArn) ?? [];
  }

  /** Whether the actor is an administrator, and so has nothing to gain. */
  isAdministrator(actor: Actor): boolean {
    const known = this.#administrators.get(actor);
    if (known !== undefined) return known;
    // Somebody from elsewhere is taken to be allowed everything, but in another account only.
    const outside = actor.kind === 'external' && !this.account.ids.includes(actor.account);
    const answer = !outside && isAdministrator(actor);
    this.#administrators.set(actor, answer);
    return answer;
  }

  hasInstanceProfile(role: string): boolean {
    this.#withProfile ??= new Set(this.account.instanceProfiles.values());
    return this.#withProfile.has(role);
  }
}

function groupBy<Value>(values: readonly Value[], keyOf: (value: Value) => string): Map<string, Value[]> {
  const groups = new Map<string, Value[]>();
  for (const value of values) append(groups, keyOf(value), value);
  return groups;
}
