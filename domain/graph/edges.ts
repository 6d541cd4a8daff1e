import { parsePolicy } from '../iam/parse.js';
import { type Actor, mayAct, mayActOn } from './actor.js';
import { type Answer, ask, type Question } from './ask.js';
import { compileDocument, compilePolicy } from './compiled.js';
import { actionWords, type Edge, nodeKey, type PathStep } from './edge.js';
import { type Target, targetsOf } from './targets.js';
import type { Need, Technique } from './technique.js';
import { TECHNIQUES } from './techniques.js';
import type { World } from './world.js';

/** Most targets that are reported for one principal and technique; who can reach a hundred can reach more. */
const MAX_TARGETS = 100;

interface Attempt {
  world: World;
  actor: Actor;
  /** Answers to questions that several techniques and targets share. */
  memo: Map<string, Answer>;
}

/** Every technique that takes the actor somewhere, ordered as the catalogue is; one edge for a technique and target. */
export function edgesOf(world: World, actor: Actor): Edge[] {
  const attempt: Attempt = { world, actor, memo: new Map() };
  return TECHNIQUES.flatMap((technique) => [...edgesBy(attempt, technique)]);
}

function* edgesBy(attempt: Attempt, technique: Technique): Iterable<Edge> {
  const { world, actor } = attempt;
  // A workload's or a role's own policy may allow what no identity policy does; `targetsOf` looks at those.
  const narrowed = technique.target === 'assumable-role' || technique.target === 'workload';
  if (!narrowed && actor.kind === 'external') return;
  if (!narrowed && !technique.needs.every(({ action }) => mayAct(actor, action))) return;
  const done = new Map<string, 'open' | 'latent'>();
  for (const target of targetsOf(world, actor, technique)) {
    const key = nodeKey(target.to);
    if (done.get(key) === 'open') continue;
    const edge = attemptTechnique(attempt, technique, target);
    if (edge === undefined || (edge.status === 'latent' && done.has(key))) continue;
    done.set(key, edge.status);
    yield edge;
    if (done.size >= MAX_TARGETS) return;
  }
}

function attemptTechnique(attempt: Attempt, technique: Technique, target: Target): Edge | undefined {
  const { world, actor } = attempt;
  if (!couldAct(actor, technique, target)) return undefined;
  const credential = credentialOf(world, technique, target);
  if (credential === 'impossible') return undefined;
  const assumptions = new Set([
    ...actor.unknowns,
    ...standingAssumptions(world, technique, target),
    ...credential,
  ]);
  const steps: PathStep[] = [];
  // An unknown boundary may forbid everything.
  let status: Edge['status'] = actor.principal?.boundary?.document === null ? 'latent' : 'open';
  for (const need of technique.needs) {
    for (const on of need.on) {
      const answer = answerTo(attempt, technique, target, need, on);
      if (answer.standing === 'no') return undefined;
      if (answer.standing === 'gated') status = 'latent';
      for (const assumption of answer.assumptions) assumptions.add(assumption);
      if (on === need.on[0]) {
        steps.push({
          step: stepText(target, need),
          permission: need.action,
          resource: answer.resource,
          by: actor.arn,
        });
      }
    }
  }
  if (technique.assume === 'rewritten') {
    const answer = assumeRewritten(actor, target);
    if (answer.standing === 'no') return undefined;
    if (answer.standing === 'gated') status = 'latent';
    for (const assumption of answer.assumptions) assumptions.add(assumption);
  }
  const id =
    technique.id === 'sts-001' && !mayActOn(actor, 'sts:AssumeRole', target.to.arn)
      ? 'assume-role'
      : technique.id;
  return { to: target.to, technique: id, steps, status, assumptions: [...assumptions] };
}

/** A cheap no before any request is decided. Workloads and roles are narrowed down by their own policies too. */
function couldAct(actor: Actor, technique: Technique, target: Target): boolean {
  if (technique.target === 'assumable-role' || technique.target === 'workload') return true;
  return technique.needs.every((need) => {
    if (need.action === 'sts:AssumeRole') return true;
    return need.on.every((on) => {
      const resource = substitute(on, actor, target);
      return /[*?]/.test(resource) ? mayAct(actor, need.action) : mayActOn(actor, need.action, resource);
    });
  });
}

function stepText({ service }: Target, { action }: Need): string {
  if (action === 'iam:PassRole') return `Pass the role to ${service ?? 'a service'}`;
  return action === 'sts:AssumeRole' ? 'Assume the role' : actionWords(action);
}

function substitute(on: string, actor: Actor, target: Target): string {
  const partition = actor.arn.split(':')[1] ?? 'aws';
  const account = target.workload?.account ?? actor.account;
  return on
    .replace(/^arn:aws:/, `arn:${partition}:`)
    .replace('{account}', account)
    .replace(/^\{(\w+)\}$/, (placeholder, name: string) => target.bound.get(name) ?? placeholder);
}

function answerTo(attempt: Attempt, technique: Technique, target: Target, need: Need, on: string): Answer {
  const { actor, memo } = attempt;
  const question = questionOf(attempt, technique, target, need, on);
  const contexts = contextsFor(attempt.world, technique, target, need, actor);
  const key = `${need.action} ${question.on} ${JSON.stringify(contexts)}`;
  const known = memo.get(key);
  if (known !== undefined) return known;
  let best: Answer = { standing: 'no', resource: '', assumptions: [] };
  for (const context of contexts) {
    const answer = ask(actor, { ...question, context });
    if (answer.standing === 'open' || best.standing === 'no') best = answer;
    if (best.standing === 'open') break;
  }
  memo.set(key, best);
  return best;
}

function questionOf(
  { world, actor }: Attempt,
  technique: Technique,
  target: Target,
  need: Need,
  on: string,
): Question {
  const { principal, workload } = target;
  const isTarget = on.startsWith('{') && on !== '{policy}';
  const owner = isTarget ? (workload?.account ?? principal?.account ?? actor.account) : actor.account;
  const trust =
    need.action === 'sts:AssumeRole' && principal !== undefined ? world.trustOf(principal) : undefined;
  const policy =
    trust ?? (workload !== undefined && on === '{workload}' ? world.policyOf(workload) : undefined);
  const tags = isTarget && technique.target !== 'own-group' ? (workload?.tags ?? principal?.tags) : undefined;
  const rcps = world.rcpsOf(owner);
  return {
    action: need.action,
    on: substitute(on, actor, target),
    owner,
    ...(policy === undefined ? {} : { policy }),
    ...(tags === undefined ? {} : { tags }),
    ...(rcps === undefined ? {} : { rcps }),
  };
}

const WRITES_POLICY = /^iam:(Put|Attach)(User|Role)Policy$/;
const ATTACHES = /^iam:Attach(User|Role|Group)Policy$/;

/** Contexts that the technique itself fixes, in order of preference. */
function contextsFor(
  world: World,
  technique: Technique,
  target: Target,
  need: Need,
  actor: Actor,
): Record<string, string | null>[] {
  if (need.action === 'iam:PassRole')
    return [{ 'iam:PassedToService': target.service ?? technique.services?.[0] ?? null }];
  const boundary = WRITES_POLICY.test(need.action)
    ? { 'iam:PermissionsBoundary': target.principal?.boundary?.arn ?? null }
    : {};
  if (!ATTACHES.test(need.action)) return [boundary];
  return administratorPolicies(world, actor).map((arn) => ({ ...boundary, 'iam:PolicyARN': arn }));
}

const ADMINISTRATOR_POLICIES = new WeakMap<World, readonly string[]>();

/** Policies that make an administrator of whom they are attached to: AWS's own and the account's. */
function administratorPolicies(world: World, actor: Actor): string[] {
  const partition = actor.arn.split(':')[1] ?? 'aws';
  const known = ADMINISTRATOR_POLICIES.get(world) ?? findAdministratorPolicies(world);
  ADMINISTRATOR_POLICIES.set(world, known);
  const owned = known.filter((arn) => arn.split(':')[4] === actor.account).slice(0, 4);
  return [
    `arn:${partition}:iam::aws:policy/AdministratorAccess`,
    `arn:${partition}:iam::aws:policy/IAMFullAccess`,
    ...owned,
  ];
}

function findAdministratorPolicies(world: World): string[] {
  return [...world.account.policies.values()]
    .filter((policy) => {
      const compiled = compileDocument(policy.document, 'identity', policy.arn);
      const on = (action: string): boolean =>
        compiled.statementsOn(action).some((each) => each.statement.effect === 'Allow' && each.covers('*'));
      return on('iam:AttachRolePolicy') && on('iam:PutUserPolicy');
    })
    .map(({ arn }) => arn);
}

function assumeRewritten(actor: Actor, target: Target): Answer {
  const { principal } = target;
  if (principal === undefined) return { standing: 'no', resource: '', assumptions: [] };
  const statement = { Effect: 'Allow', Principal: { AWS: actor.arn }, Action: 'sts:AssumeRole' };
  const policy = compilePolicy(parsePolicy({ Version: '2012-10-17', Statement: [statement] }, 'trust'));
  return ask(actor, { action: 'sts:AssumeRole', on: principal.arn, owner: principal.account, policy });
}

function standingAssumptions(world: World, technique: Technique, target: Target): string[] {
  const assumptions: string[] = [];
  if (technique.assumption !== undefined) assumptions.push(technique.assumption);
  if (technique.besides !== undefined && !world.workloadsExist(technique.besides)) {
    assumptions.push(`the account has ${technique.besides.noun}: the inventory lists none`);
  }
  if (target.service === 'ec2.amazonaws.com' && !world.hasInstanceProfile(target.to.arn)) {
    assumptions.push('the role is in an instance profile: the input lists none');
  }
  return assumptions;
}

const CREDENTIAL_ASSUMPTIONS = {
  'free-key-slot': 'the user has fewer than two access keys',
  'no-free-key-slot': 'the user has two access keys',
  'no-password': 'the user has no console password',
  password: 'the user has a console password',
} as const;

// Keys and passwords are not in the authorization details: without the credential report they are assumed.
function credentialOf(
  world: World,
  { credential }: Technique,
  { principal }: Target,
): 'impossible' | string[] {
  if (credential === undefined || principal === undefined) return [];
  const known = world.account.credentials.get(principal.arn);
  if (known === undefined) return [`${CREDENTIAL_ASSUMPTIONS[credential]}: no credential report says so`];
  const holds = {
    'free-key-slot': known.accessKeys < 2,
    'no-free-key-slot': known.accessKeys >= 2,
    'no-password': !known.password,
    password: known.password,
  } as const;
  return holds[credential] ? [] : 'impossible';
}
