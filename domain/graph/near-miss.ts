import { parsePolicy } from '../iam/parse.js';
import { type Actor, mayAct, withDocuments } from './actor.js';
import { compilePolicy } from './compiled.js';
import { type NodeRef, nodeArn } from './edge.js';
import { edgesOf } from './edges.js';
import { gainOf } from './power.js';
import type { Technique } from './technique.js';
import { TECHNIQUES, techniqueById } from './techniques.js';
import type { World } from './world.js';

/** A technique that one thing keeps from being open. */
export interface NearMiss {
  from: string;
  to: string;
  technique: string;
  /** The one thing, as a sentence. */
  missing: string;
}

/** Who somebody is, and whether that is an administrator. */
export type Resolve = (node: NodeRef) => Actor;

/**
 * Techniques that are not open for the actor but would be without one Deny, one limit, or with one permission more.
 * Directly only, not over others; one for each technique.
 */
export function nearMissesOf(
  world: World,
  actor: Actor,
  found: ReadonlySet<string>,
  resolve: Resolve,
): NearMiss[] {
  const misses = new Map<string, NearMiss>();
  for (const { actor: relaxed, missing, wanted } of relaxations(actor)) {
    for (const edge of edgesOf(world, relaxed)) {
      const technique = techniqueById(edge.technique);
      if (technique === undefined || edge.status !== 'open' || !wanted(technique)) continue;
      if (found.has(edge.technique) || misses.has(edge.technique)) continue;
      const to = resolve(edge.to);
      if (gainOf(actor, to, world.isAdministrator(to)).kind === 'none') continue;
      misses.set(edge.technique, {
        from: actor.arn,
        to: nodeArn(edge.to),
        technique: edge.technique,
        missing,
      });
    }
  }
  return TECHNIQUES.flatMap(({ id }) => misses.get(id) ?? []);
}

interface Relaxation {
  actor: Actor;
  missing: string;
  /** Techniques about which this relaxation is telling. */
  wanted: (technique: Technique) => boolean;
}

function* relaxations(actor: Actor): Iterable<Relaxation> {
  const any = (): boolean => true;
  const { scps, boundary, ...rest } = actor;
  const { scps: scpDocuments, boundaries, ...policies } = actor.policies;
  const limits = {
    ...(boundary === undefined ? {} : { boundary }),
    policies: { ...policies, ...(boundaries === undefined ? {} : { boundaries }) },
  };
  if (scps !== undefined) {
    yield {
      actor: { ...rest, ...limits },
      missing: 'a service control policy of the organisation does not allow it',
      wanted: any,
    };
  }
  if (boundary !== undefined) {
    const within = { ...policies, ...(scpDocuments === undefined ? {} : { scps: scpDocuments }) };
    yield {
      actor: { ...rest, ...(scps === undefined ? {} : { scps }), policies: within },
      missing: 'its permissions boundary does not allow it',
      wanted: any,
    };
  }
  const undenied = withoutDenies(actor);
  if (undenied !== undefined) yield { actor: undenied, missing: 'a Deny of its own policies', wanted: any };
  yield* onePermissionMore(actor);
}

function withoutDenies(actor: Actor): Actor | undefined {
  const denies = actor.identity.some(({ policy }) =>
    policy.statements.some(({ effect }) => effect === 'Deny'),
  );
  if (!denies) return undefined;
  const identity = actor.identity.map(({ policy }) =>
    compilePolicy({ ...policy, statements: policy.statements.filter(({ effect }) => effect === 'Allow') }),
  );
  return withDocuments({ ...actor, identity }, []);
}

function* onePermissionMore(actor: Actor): Iterable<Relaxation> {
  const lacking = new Map<string, Set<string>>();
  for (const { id, needs } of TECHNIQUES) {
    const missing = needs.filter(({ action }) => !mayAct(actor, action)).map(({ action }) => action);
    const [action] = missing;
    // A technique of one permission is always one permission away.
    if (action === undefined || missing.length > 1 || needs.length < 2) continue;
    lacking.set(action, (lacking.get(action) ?? new Set()).add(id));
  }
  for (const [action, ids] of lacking) {
    const grant = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] };
    yield {
      actor: withDocuments(actor, [compilePolicy(parsePolicy(grant, 'identity'))]),
      missing: `the permission ${action}`,
      wanted: ({ id }) => ids.has(id),
    };
  }
}
