import type { AccountPrincipal } from './account.js';
import { type Actor, mayAct } from './actor.js';
import { ask } from './ask.js';
import { actionWords, type PathStep } from './edge.js';
import type { Escalation } from './paths.js';
import { gainOf } from './power.js';
import type { Technique } from './technique.js';
import { TECHNIQUES } from './techniques.js';
import type { World } from './world.js';

/** Services that assume the roles of workloads, where the ARN's service is another. */
const SERVICE_OF: ReadonlyMap<string, string> = new Map([['apprunner', 'tasks.apprunner.amazonaws.com']]);

/**
 * Techniques over existing workloads for which the actor has the permissions, while no workload with a better role
 * is there: latent, because the next deployment may open them.
 */
export function latentWorkloads(world: World, actor: Actor, found: ReadonlySet<string>): Escalation[] {
  if (actor.kind === 'external') return [];
  return TECHNIQUES.flatMap((technique) => {
    if (technique.target !== 'workload' || found.has(technique.id)) return [];
    if (!technique.needs.every(({ action }) => mayAct(actor, action))) return [];
    return latentOne(world, actor, technique) ?? [];
  });
}

function latentOne(world: World, actor: Actor, technique: Technique): Escalation | undefined {
  const { workload } = technique;
  if (workload === undefined) return undefined;
  const [place = ''] = workload.arns.map((arn) => arn.replace('{account}', actor.account));
  const path: PathStep[] = [];
  const assumptions = new Set<string>();
  for (const need of technique.needs) {
    for (const on of need.on) {
      const answer = ask(actor, {
        action: need.action,
        on: on === '{workload}' ? place : on.replace('{account}', actor.account),
        owner: actor.account,
      });
      if (answer.standing === 'no') return undefined;
      for (const assumption of answer.assumptions) assumptions.add(assumption);
      if (on === need.on[0])
        path.push({
          step: actionWords(need.action),
          permission: need.action,
          resource: answer.resource,
          by: actor.arn,
        });
    }
  }
  const candidate = betterRole(world, actor, place.split(':')[2] ?? '');
  const missing = `${workload.noun} that runs with a better role does not exist now`;
  return {
    from: actor.arn,
    to: candidate?.role.arn ?? place,
    technique: technique.id,
    path,
    status: 'latent',
    gain: candidate?.gain ?? 'lateral',
    assumptions: [missing, ...assumptions],
  };
}

function betterRole(
  world: World,
  actor: Actor,
  service: string,
): { role: AccountPrincipal; gain: 'administrator' | 'lateral' } | undefined {
  let best: { role: AccountPrincipal; gain: 'administrator' | 'lateral' } | undefined;
  for (const role of world.rolesTrusting(SERVICE_OF.get(service) ?? `${service}.amazonaws.com`)) {
    if (role.account !== actor.account || role.arn === actor.arn) continue;
    if (world.isAdministrator(world.actor(role.arn))) return { role, gain: 'administrator' };
    if (best === undefined && gainOf(actor, world.actor(role.arn), false).kind === 'lateral')
      best = { role, gain: 'lateral' };
  }
  return best;
}
