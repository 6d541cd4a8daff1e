import type { ConditionTest, Decision, PolicySet, Request, Statement } from '../iam/document.js';
import { evaluate } from '../iam/evaluate.js';
import type { Actor } from './actor.js';
import type { CompiledDocument, CompiledStatement } from './compiled.js';
import {
  type Assignment,
  assumptionsOf,
  type Context,
  needsSetting,
  openKeys,
  search,
} from './completions.js';
import { isPrincipalTag } from './context-keys.js';
import { commonInstance, DEFAULT_REGION } from './instance.js';

/** What is asked about an actor. */
export interface Question {
  action: string;
  /** A concrete ARN, a template with wildcards of the caller's choice, or `*`. */
  on: string;
  /** Account that owns the resource. */
  owner: string;
  context?: Context;
  /** The resource's own policy, or a role's trust policy. */
  policy?: CompiledDocument;
  rcps?: readonly (readonly CompiledDocument[])[];
  /** Tags of an existing target. */
  tags?: ReadonlyMap<string, string>;
}

/**
 * `open`: yes, with values that the caller chooses. `gated`: only with values that the caller does not control,
 * each of which is an assumption. `no`: not by any completion that was tried.
 */
export interface Answer {
  standing: 'open' | 'gated' | 'no';
  resource: string;
  assumptions: readonly string[];
}

/** Most concrete resources that are tried for a template. */
const MAX_INSTANCES = 16;
const NO: Answer = { standing: 'no', resource: '', assumptions: [] };

/** Whether the actor can do something, decided by the evaluator over plausible completions of the request. */
export function ask(actor: Actor, question: Question): Answer {
  let best = NO;
  for (const resource of resourcesFor(actor, question)) {
    const answer = askConcrete(actor, question, resource);
    if (answer.standing === 'open') return answer;
    if (answer.standing === 'gated' && best.standing === 'no') best = answer;
  }
  return best;
}

function resourcesFor(actor: Actor, question: Question): Iterable<string> {
  if (question.on === '*' || !/[*?]/.test(question.on)) return [question.on];
  const choice = { account: question.owner, variable: (key: string) => variableOf(actor, key) };
  const found = new Set<string>();
  const documents = question.policy === undefined ? actor.identity : [...actor.identity, question.policy];
  for (const document of documents) {
    for (const { statement, covers } of document.statementsOn(question.action)) {
      if (statement.effect !== 'Allow' || found.size >= MAX_INSTANCES) continue;
      const { resource } = statement;
      const patterns = resource === undefined || resource.negated ? ['*'] : resource.patterns;
      for (const pattern of patterns) {
        const instance = commonInstance(pattern, question.on, choice);
        if (instance !== undefined && covers(instance)) found.add(instance);
      }
    }
  }
  return found;
}

function variableOf(actor: Actor, key: string): string | undefined {
  const name = key.toLowerCase();
  if (name === 'aws:username') return actor.kind === 'user' ? actor.name : undefined;
  if (name === 'aws:principalaccount') return actor.account;
  if (name.startsWith('aws:principaltag/')) return actor.tags.get(key.slice('aws:PrincipalTag/'.length));
  return undefined;
}

function askConcrete(actor: Actor, question: Question, resource: string): Answer {
  const policies = policiesFor(actor, question);
  const base = baseContext(actor, question, resource);
  const decide = (extra: Assignment): Decision =>
    evaluate(requestFor(actor, question, resource, { ...base, ...Object.fromEntries(extra) }), policies);
  const plain = decide(new Map());
  const statements = relevantStatements(actor, question, resource);
  if (plain.decision === 'Allowed') {
    return { standing: 'open', resource, assumptions: tagAssumptions(actor, statements) };
  }
  const tests = statements.flatMap(({ statement }) => statement.conditions);
  if (tests.length === 0 || isHopeless(actor, question, resource, plain)) return NO;
  const together = statements.map(({ statement }) => statement.conditions).filter((list) => list.length > 0);
  const fixed = new Set(Object.keys(question.context ?? {}).map((key) => key.toLowerCase()));
  let tried = 0;
  for (const protectedToo of [false, true]) {
    const keys = openKeys(tests, { fixed, protectedToo, tagsKnown: question.tags !== undefined });
    if (keys.length === tried) continue;
    tried = keys.length;
    const holds = (assignment: Assignment): boolean => decide(assignment).decision === 'Allowed';
    const found = search(keys, [together.flat(), ...together], holds);
    if (found === undefined) continue;
    const assumptions = [...assumptionsOf(found), ...tagAssumptions(actor, statements)];
    return { standing: needsSetting(found) ? 'gated' : 'open', resource, assumptions };
  }
  return NO;
}

/** Whether no context can help: something denies without a condition, or a limit does not speak of the action. */
function isHopeless(actor: Actor, { action, policy }: Question, resource: string, plain: Decision): boolean {
  const about = (document: CompiledDocument, effect: 'Allow' | 'Deny'): CompiledStatement[] =>
    document.statementsOn(action).filter((each) => each.statement.effect === effect && each.covers(resource));
  const levels = actor.scps ?? [];
  const limits = actor.boundary === undefined ? levels : [...levels, [actor.boundary]];
  if (plain.decision === 'ExplicitlyDenied') {
    return [...actor.identity, ...limits.flat()].some((document) =>
      about(document, 'Deny').some(({ statement }) => isUnconditional(statement)),
    );
  }
  // A resource policy may allow past a boundary, so that only the organisation's levels are sure to forbid.
  return (policy === undefined ? limits : levels).some(
    (level) => !level.some((document) => about(document, 'Allow').length > 0),
  );
}

function isUnconditional({ conditions, resource }: Statement): boolean {
  return conditions.length === 0 && resource?.patterns.some((pattern) => pattern.includes('${')) !== true;
}

/** The request as the evaluator takes it. */
function requestFor(actor: Actor, question: Question, resource: string, context: Context): Request {
  return {
    principal: actor.arn,
    action: question.action,
    resource,
    resourceAccount: question.owner,
    context,
    ...(actor.principal?.serviceLinked === true ? { principalIsServiceLinked: true } : {}),
  };
}

/** All policies that bear on the question. */
function policiesFor(actor: Actor, question: Question): PolicySet {
  if (question.policy === undefined && question.rcps === undefined) return actor.policies;
  return {
    ...actor.policies,
    ...(question.policy === undefined ? {} : { resource: question.policy.policy }),
    ...(question.rcps === undefined
      ? {}
      : { rcps: question.rcps.map((level) => level.map(({ policy }) => policy)) }),
  };
}

/**
 * What is so unless something else is known: from the internet (RFC 5737's documentation range), over TLS, without
 * MFA. A role's session carries `aws:MultiFactorAuthPresent: false`, a user's access key carries nothing.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent
 */
function baseContext(actor: Actor, question: Question, resource: string): Context {
  const region = resource.split(':')[3] ?? '';
  const context: Record<string, string | readonly string[] | null> = {
    'aws:SourceIp': '198.51.100.7',
    'aws:SecureTransport': 'true',
    'aws:ViaAWSService': 'false',
    'aws:PrincipalIsAWSService': 'false',
    'aws:RequestedRegion': region === '' ? DEFAULT_REGION : region,
  };
  if (actor.kind === 'role') context['aws:MultiFactorAuthPresent'] = 'false';
  for (const [key, value] of actor.tags) context[`aws:PrincipalTag/${key}`] = value;
  const service = question.action.slice(0, question.action.indexOf(':'));
  // An instance's tags are `ec2:ResourceTag/…` to EC2 Instance Connect and Systems Manager too.
  const services = new Set(['aws', service, resource.split(':')[2] ?? 'aws']);
  for (const [key, value] of question.tags ?? []) {
    for (const prefix of services) context[`${prefix}:ResourceTag/${key}`] = value;
  }
  return { ...context, ...question.context };
}

function relevantStatements(actor: Actor, question: Question, resource: string): CompiledStatement[] {
  const levels = [...(actor.scps ?? []), ...(question.rcps ?? [])];
  const documents = [...actor.identity, ...levels.flat()];
  if (actor.boundary !== undefined) documents.push(actor.boundary);
  if (question.policy !== undefined) documents.push(question.policy);
  return documents.flatMap((document) =>
    document
      .statementsOn(question.action)
      .filter((each) => each.covers(resource) && each.statement.conditions.length > 0),
  );
}

function tagAssumptions(actor: Actor, statements: readonly CompiledStatement[]): string[] {
  const keys = statements
    .filter(({ statement }) => statement.effect === 'Allow')
    .flatMap(({ statement }) => statement.conditions.map((test: ConditionTest) => test.key))
    .filter(isPrincipalTag);
  return [...new Set(keys)].map((key) => {
    const value = actor.tags.get(key.slice('aws:PrincipalTag/'.length));
    return `the tag behind ${key} stays ${value === undefined ? 'absent' : JSON.stringify(value)}`;
  });
}
