import type { BlastRadius } from '../lifecycle/context.js';
import { type Account, resolvePrincipal } from './account.js';
import { type Escalation, findPaths, type ReachedResource } from './paths.js';
import { reachedBy } from './reach.js';
import { World } from './world.js';

/** Most nodes in a picture: more cannot be read. */
export const MAX_NODES = 60;

/**
 * The neighbourhood of an identity (where its paths and its reach lead) or of a store (who gets to it), before and
 * after a change. What matters most is drawn first, until the picture is full.
 */
export function blastRadius(before: Account, after: Account, subject: string): BlastRadius {
  const store = before.resources.has(subject) || after.resources.has(subject);
  const sides = store ? aroundStore(before, after, subject) : aroundIdentity(before, after, subject);
  const picture = new Picture(before, after);
  picture.add(subject);
  for (const link of sides.before) picture.link(link, 'before');
  for (const link of sides.after) picture.link(link, 'after');
  return picture.draw();
}

interface Link {
  from: string;
  to: string;
  label: string;
}
interface Sides {
  before: readonly Link[];
  after: readonly Link[];
}

function aroundIdentity(before: Account, after: Account, arn: string): Sides {
  return { before: linksFrom(before, arn), after: linksFrom(after, arn) };
}

function linksFrom(account: Account, arn: string): Link[] {
  const principal = resolvePrincipal(account, arn);
  if (principal === undefined) return [];
  const { escalations, reach } = findPaths(account, { from: [principal.arn] });
  return [
    ...escalations.filter(({ status }) => status === 'open').map(escalationLink),
    ...reach.map(reachLink),
  ];
}

function aroundStore(before: Account, after: Account, arn: string): Sides {
  return { before: linksTo(before, arn), after: linksTo(after, arn) };
}

// Only the store itself is asked about, so that the whole account's paths need not be searched.
function linksTo(account: Account, arn: string): Link[] {
  const store = account.resources.get(arn);
  if (store === undefined) return [];
  const key = store.kmsKey === undefined ? undefined : account.resources.get(store.kmsKey);
  const resources = new Map([
    [arn, { ...store, sensitive: true, public: false }],
    ...(key === undefined ? [] : [[key.arn, key] as const]),
  ]);
  const world = new World({ ...account, resources });
  const links = [...account.principals.values()].flatMap((principal) => {
    const actor = world.actor(principal.arn);
    const reached = reachedBy(world, actor).find(({ resource }) => resource === arn);
    return reached === undefined
      ? []
      : [{ from: principal.arn, to: arn, label: reached.access, last: world.isAdministrator(actor) }];
  });
  const sorted: Link[] = links
    .sort((a, b) => Number(a.last) - Number(b.last))
    .map(({ from, to, label }) => ({ from, to, label }));
  return store.public ? [{ from: 'internet', to: arn, label: 'public' }, ...sorted] : sorted;
}

function escalationLink({ from, to, technique }: Escalation): Link {
  return { from, to: from === to ? 'administrator' : to, label: technique };
}

function reachLink({ from, resource, access }: ReachedResource): Link {
  return { from, to: resource, label: access };
}

class Picture {
  readonly #before: Account;
  readonly #after: Account;
  readonly #nodes = new Map<string, BlastRadius['nodes'][number]>();
  readonly #edges = new Map<
    string,
    { from: string; to: string; labels: Set<string>; before: boolean; after: boolean }
  >();

  constructor(before: Account, after: Account) {
    this.#before = before;
    this.#after = after;
  }

  /** Whether there is room for the node. */
  add(id: string): boolean {
    if (this.#nodes.has(id)) return true;
    if (this.#nodes.size >= MAX_NODES) return false;
    const principal = this.#before.principals.get(id) ?? this.#after.principals.get(id);
    const resource = this.#before.resources.get(id) ?? this.#after.resources.get(id);
    const kind = principal?.kind ?? (resource === undefined ? otherKind(id) : 'resource');
    this.#nodes.set(id, {
      id,
      label: principal?.name ?? shortName(id),
      kind,
      sensitive: resource?.sensitive ?? id === 'administrator',
    });
    return true;
  }

  link({ from, to, label }: Link, side: 'before' | 'after'): void {
    if (!this.add(from) || !this.add(to)) return;
    const key = `${from} ${to}`;
    const edge = this.#edges.get(key) ?? { from, to, labels: new Set<string>(), before: false, after: false };
    edge.labels.add(label);
    edge[side] = true;
    this.#edges.set(key, edge);
  }

  draw(): BlastRadius {
    const edges = [...this.#edges.values()].map(({ labels, ...edge }) => ({
      ...edge,
      label: shorten([...labels]),
    }));
    return { nodes: [...this.#nodes.values()], edges };
  }
}

function shorten(labels: readonly string[]): string {
  const shown = labels.slice(0, 3).join(', ');
  return labels.length > 3 ? `${shown} and ${labels.length - 3} more` : shown;
}

function otherKind(id: string): string {
  if (id === 'internet' || id === 'administrator') return id;
  return id.includes(':group/') ? 'group' : 'resource';
}

function shortName(id: string): string {
  return id.slice(Math.max(id.lastIndexOf('/'), id.lastIndexOf(':')) + 1);
}
