import { type Actor, ALLOW_ALL, withDocuments } from './actor.js';
import { compileDocument } from './compiled.js';
import { type Edge, type NodeRef, nodeKey } from './edge.js';
import { edgesOf } from './edges.js';
import { type Reached, reachedBy } from './reach.js';
import type { World } from './world.js';

/** Edges out of every node in compressed sparse rows: those of node `n` are `first[n]` up to `first[n + 1]`. */
export interface PathGraph {
  nodes: readonly NodeRef[];
  indexOf: ReadonlyMap<string, number>;
  actors: readonly Actor[];
  administrator: Uint8Array;
  first: Int32Array;
  target: Int32Array;
  edges: readonly Edge[];
  /** Sensitive resources by the node's own permissions; worked out when asked for. */
  reach(node: number): readonly Reached[];
}

/** Explores everything that the starting principals can come to. Administrators have nowhere further to go. */
export function exploreFrom(world: World, from: readonly string[]): PathGraph {
  const nodes: NodeRef[] = [];
  const actors: Actor[] = [];
  const indexOf = new Map<string, number>();
  const add = (node: NodeRef): number => {
    const key = nodeKey(node);
    const known = indexOf.get(key);
    if (known !== undefined) return known;
    indexOf.set(key, nodes.length);
    nodes.push(node);
    actors.push(actorAt(world, node));
    return nodes.length - 1;
  };
  for (const arn of from) add({ arn });
  const edges: Edge[] = [];
  const target: number[] = [];
  const first = [0];
  const administrator: number[] = [];
  for (let index = 0; index < nodes.length; index += 1) {
    const actor = actors[index];
    const isAdministrator = actor !== undefined && world.isAdministrator(actor);
    administrator.push(isAdministrator ? 1 : 0);
    for (const edge of actor === undefined || isAdministrator ? [] : edgesOf(world, actor)) {
      edges.push(edge);
      target.push(add(edge.to));
    }
    first.push(edges.length);
  }
  const reached = new Map<number, readonly Reached[]>();
  return {
    nodes,
    indexOf,
    actors,
    administrator: Uint8Array.from(administrator),
    first: Int32Array.from(first),
    target: Int32Array.from(target),
    edges,
    reach(node) {
      const known = reached.get(node);
      if (known !== undefined) return known;
      const actor = actors[node];
      const found = actor === undefined ? [] : reachedBy(world, actor);
      reached.set(node, found);
      return found;
    },
  };
}

/** Somebody with the permissions that a node stands for. */
export function actorAt(world: World, { arn, as }: NodeRef): Actor {
  const actor = world.actor(arn);
  if (as === undefined) return actor;
  if (as === 'administrator') return withDocuments(actor, [ALLOW_ALL]);
  const group = world.account.groups.get(as.memberOf);
  const documents = (group?.documents ?? []).map((held) =>
    compileDocument(held.document, 'identity', `${as.memberOf} (${held.name})`),
  );
  return withDocuments(actor, documents);
}

/** Shortest open ways from one node to all others. */
export interface ShortestWays {
  start: number;
  /** Steps to a node; -1 when it cannot be reached. */
  distance: Int32Array;
  /** The edge by which a node was first reached; -1 at the start. */
  arrival: Int32Array;
  /** Nodes in the order in which they were reached, the start first. */
  order: readonly number[];
}

/** Breadth-first search over open edges. */
export function shortestWays(graph: PathGraph, start: number): ShortestWays {
  const size = graph.nodes.length;
  const distance = new Int32Array(size).fill(-1);
  const arrival = new Int32Array(size).fill(-1);
  const order = [start];
  distance[start] = 0;
  for (const node of order) {
    const end = graph.first[node + 1] ?? 0;
    for (let edge = graph.first[node] ?? 0; edge < end; edge += 1) {
      const next = graph.target[edge] ?? 0;
      if (graph.edges[edge]?.status !== 'open' || distance[next] !== -1) continue;
      distance[next] = (distance[node] ?? 0) + 1;
      arrival[next] = edge;
      order.push(next);
    }
  }
  return { start, distance, arrival, order };
}

/** The edges from the start to a node, in order. */
export function wayTo(graph: PathGraph, ways: ShortestWays, node: number): Edge[] {
  const way: Edge[] = [];
  for (let at = node; at !== ways.start; ) {
    const index = ways.arrival[at] ?? -1;
    const edge = graph.edges[index];
    if (edge === undefined) return way.reverse();
    way.push(edge);
    at = sourceOf(graph, index);
  }
  return way.reverse();
}

/** The node that an edge leaves: the last whose row starts at or before it. */
function sourceOf(graph: PathGraph, edge: number): number {
  let low = 0;
  let high = graph.nodes.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((graph.first[middle] ?? 0) <= edge) low = middle;
    else high = middle - 1;
  }
  return low;
}
