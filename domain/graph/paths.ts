import { PolicyError } from '../iam/document.js';
import { type Account, resolvePrincipal } from './account.js';
import { type Edge, nodeArn, nodeKey, type PathStep } from './edge.js';
import { latentWorkloads } from './latent.js';
import { type NearMiss, nearMissesOf } from './near-miss.js';
import {
  actorAt,
  exploreFrom,
  type PathGraph,
  type ShortestWays,
  shortestWays,
  wayTo,
} from './path-graph.js';
import { type Gain, gainOf } from './power.js';
import type { Access } from './reach.js';
import { type World, worldOf } from './world.js';

/** A way from one principal to another that can do more. */
export interface Escalation {
  from: string;
  /**
   * Whose permissions it ends with: a role or user; the principal itself when it makes itself an administrator; the
   * group that it joins; for a latent path without a candidate, what would have to exist.
   */
  to: string;
  /** Id in the catalogue, or `assume-role` when a trust policy alone suffices. Of a chain, the last that is more than assuming a role. */
  technique: string;
  path: readonly PathStep[];
  /** `latent`: something that is not there now, or that the caller does not control, is missing: see `assumptions`. */
  status: 'open' | 'latent';
  /** `lateral`: no administrator, but something that the start cannot do; see `gains`. */
  gain: 'administrator' | 'lateral';
  gains?: readonly string[];
  assumptions: readonly string[];
}

/** A sensitive resource that a principal comes to, by itself or over others. */
export interface ReachedResource {
  from: string;
  resource: string;
  access: Access;
  path: readonly PathStep[];
}

/** The `paths` command's answer for one account. */
export interface PathAnswer {
  escalations: readonly Escalation[];
  /** Principals that are administrators already, by ARN, sorted. */
  admins: readonly string[];
  reach: readonly ReachedResource[];
  /** What one thing keeps from being open, when it was asked for. */
  nearMisses?: readonly NearMiss[];
}

/** What is asked of an account's paths. */
export interface PathOptions {
  /** Starting principals by ARN; a session stands for its role. Without it: everybody who is no administrator. */
  from?: readonly string[];
  /** Look for near-misses too; costs a search for each limit of each start. */
  nearMisses?: boolean;
}

/**
 * Every privilege-escalation path from the starting principals, shortest first, and every sensitive resource that
 * they come to.
 * @throws PolicyError `UnknownPrincipal` for a start that is neither in the accounts nor an ARN of a principal.
 */
export function findPaths(account: Account, options: PathOptions = {}): PathAnswer {
  const world = worldOf(account);
  const admins = [...account.principals.values()]
    .filter((principal) => world.isAdministrator(world.actor(principal.arn)))
    .map(({ arn }) => arn)
    .sort();
  const starts =
    options.from?.map((name, index) => startOf(account, name, index)) ?? everybodyBut(account, admins);
  const graph = exploreFrom(world, starts);
  const escalations: Escalation[] = [];
  const reach: ReachedResource[] = [];
  const misses: NearMiss[] = [];
  for (const start of new Set(starts)) {
    const node = graph.indexOf.get(start);
    if (node === undefined) continue;
    const ways = shortestWays(graph, node);
    const found = escalationsFrom(world, graph, ways);
    escalations.push(...found);
    reach.push(...reachFrom(graph, ways));
    if (options.nearMisses === true) misses.push(...nearMissesFrom(world, graph, node, found));
  }
  return { escalations, admins, reach, ...(options.nearMisses === true ? { nearMisses: misses } : {}) };
}

function nearMissesFrom(
  world: World,
  graph: PathGraph,
  node: number,
  found: readonly Escalation[],
): NearMiss[] {
  const actor = graph.actors[node];
  if (actor === undefined || graph.administrator[node] === 1 || actor.kind === 'external') return [];
  const techniques = new Set(found.map(({ technique }) => technique));
  return nearMissesOf(world, actor, techniques, (ref) => actorAt(world, ref));
}

function startOf(account: Account, name: string, index: number): string {
  const principal = resolvePrincipal(account, name);
  if (principal !== undefined) return principal.arn;
  const root = /^arn:[^:]+:iam::(\d{12}):(root|user\/.+|role\/.+)$/.exec(name);
  const known = account.ids.includes(root?.[1] ?? '');
  if (root !== null && (root[2] === 'root' || !known)) return name;
  const mend = known
    ? 'it is not in its account; check the name'
    : 'give the ARN of a user, role, session or account root';
  throw new PolicyError(
    'UnknownPrincipal',
    `/from/${index}`,
    `finding paths from ${JSON.stringify(name.slice(0, 200))}: ${mend}`,
  );
}

function everybodyBut(account: Account, admins: readonly string[]): string[] {
  const known = new Set(admins);
  return [...account.principals.values()]
    .filter(({ arn, serviceLinked }) => !serviceLinked && !known.has(arn))
    .map(({ arn }) => arn);
}

function escalationsFrom(world: World, graph: PathGraph, ways: ShortestWays): Escalation[] {
  if (graph.administrator[ways.start] === 1) return [];
  const gains = new Map<number, Gain>();
  const gain = (node: number): Gain => {
    const known = gains.get(node) ?? compareNodes(graph, ways.start, node);
    gains.set(node, known);
    return known;
  };
  const found: Escalation[] = [];
  const seen = new Set<string>();
  for (const open of [true, false]) {
    for (const { edge, source, node } of lastSteps(graph, ways, open)) {
      const worth = gain(node);
      if (worth.kind === 'none' || node === ways.start) continue;
      const way = [...wayTo(graph, ways, source), edge];
      const escalation = escalationOf(graph, ways, way, worth);
      const key = `${nodeKey(edge.to)} ${escalation.technique}`;
      if (seen.has(key)) continue;
      seen.add(key);
      found.push(escalation);
    }
  }
  const start = graph.actors[ways.start];
  const techniques = new Set(found.map(({ technique }) => technique));
  const latent = start === undefined ? [] : latentWorkloads(world, start, techniques);
  return [...found, ...latent].sort(byLength);
}

// Open before latent, then the shorter; what is equal keeps the catalogue's order.
function byLength(a: Escalation, b: Escalation): number {
  if (a.status !== b.status) return a.status === 'open' ? -1 : 1;
  return a.path.length - b.path.length;
}

interface LastStep {
  edge: Edge;
  source: number;
  node: number;
}

/** Edges that end a shortest open way; with `open` false those that are latent and leave what was reached openly. */
function* lastSteps(graph: PathGraph, ways: ShortestWays, open: boolean): Iterable<LastStep> {
  for (const source of ways.order) {
    const end = graph.first[source + 1] ?? 0;
    const distance = ways.distance[source] ?? 0;
    for (let index = graph.first[source] ?? 0; index < end; index += 1) {
      const edge = graph.edges[index];
      const node = graph.target[index] ?? 0;
      if (edge === undefined || (edge.status === 'open') !== open) continue;
      const direct = source === ways.start;
      const wanted = open ? ways.distance[node] === distance + 1 : direct || ways.distance[node] === -1;
      if (wanted) yield { edge, source, node };
    }
  }
}

function compareNodes(graph: PathGraph, start: number, node: number): Gain {
  const from = graph.actors[start];
  const to = graph.actors[node];
  if (from === undefined || to === undefined) return { kind: 'none' };
  const gain = gainOf(from, to, graph.administrator[node] === 1);
  if (gain.kind !== 'none') return gain;
  const own = new Set(graph.reach(start).map(({ resource, access }) => `${resource} ${access}`));
  const fresh = graph
    .reach(node)
    .filter(
      ({ resource, access }) => !own.has(`${resource} ${access}`) && !own.has(`${resource} read-write`),
    );
  if (fresh.length === 0) return gain;
  return {
    kind: 'lateral',
    examples: fresh.slice(0, 3).map(({ step }) => `${step.permission} on ${step.resource}`),
  };
}

function escalationOf(
  graph: PathGraph,
  ways: ShortestWays,
  way: readonly Edge[],
  gain: Exclude<Gain, { kind: 'none' }>,
): Escalation {
  const last = way.at(-1);
  const from = graph.nodes[ways.start];
  return {
    from: from === undefined ? '' : nodeArn(from),
    to: last === undefined ? '' : nodeArn(last.to),
    technique: techniqueOf(way),
    path: way.flatMap(({ steps }) => steps),
    status: last?.status ?? 'latent',
    gain: gain.kind,
    ...(gain.kind === 'lateral' ? { gains: gain.examples } : {}),
    assumptions: [...new Set(way.flatMap(({ assumptions }) => assumptions))],
  };
}

// Assuming a role is how one gets about: the technique is the last one that is more than that.
function techniqueOf(way: readonly Edge[]): string {
  const telling = way.findLast(({ technique }) => technique !== 'sts-001' && technique !== 'assume-role');
  return (telling ?? way.at(-1))?.technique ?? '';
}

function reachFrom(graph: PathGraph, ways: ShortestWays): ReachedResource[] {
  const from = graph.nodes[ways.start]?.arn ?? '';
  const best = new Map<string, ReachedResource>();
  for (const node of ways.order) {
    const way = node === ways.start ? [] : wayTo(graph, ways, node).flatMap(({ steps }) => steps);
    for (const { resource, access, step } of graph.reach(node)) {
      const known = best.get(resource);
      // The nearest way counts, unless a farther one gives more access.
      if (known !== undefined && (known.access === 'read-write' || access === known.access)) continue;
      best.set(resource, { from, resource, access, path: [...way, step] });
    }
  }
  return [...best.values()];
}
