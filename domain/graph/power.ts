import { matchesPattern } from '../iam/pattern.js';
import type { Actor } from './actor.js';
import { ask } from './ask.js';
import type { CompiledDocument, CompiledStatement } from './compiled.js';

/** How a reached principal compares with the start. */
export type Gain =
  | { kind: 'administrator' }
  | { kind: 'lateral'; examples: readonly string[] }
  | { kind: 'none' };

/**
 * What an administrator can do. The last one is in no catalogue: only `*` allows it.
 * An action is asked on `*`, so that a policy for one resource does not count.
 */
const PROBES = [
  'iam:CreateUser',
  'iam:CreateAccessKey',
  'iam:AttachRolePolicy',
  'iam:PutUserPolicy',
  'iam:CreatePolicyVersion',
  'iam:UpdateAssumeRolePolicy',
  'iam:PassRole',
  's3:GetObject',
  'secretsmanager:GetSecretValue',
  'lambda:CreateFunction',
  'curtail-probe:Anything',
];

/**
 * Whether the actor is an administrator: its policies and boundary allow every probe, and the organisation leaves it
 * at least half of them (organisations commonly take a few IAM actions from administrators).
 */
export function isAdministrator(actor: Actor): boolean {
  if (!actor.identity.some(({ statements }) => statements.some(allowsAnything))) return false;
  const { scps: _scps, ...unbound } = actor;
  const { scps: _policies, ...policies } = actor.policies;
  const within: Actor = { ...unbound, policies };
  const can = (who: Actor, action: string): boolean =>
    ask(who, { action, on: '*', owner: actor.account }).standing !== 'no';
  if (!PROBES.every((action) => can(within, action))) return false;
  if (actor.scps === undefined) return true;
  return PROBES.filter((action) => can(actor, action)).length * 2 >= PROBES.length;
}

function allowsAnything({ statement, covers, actsOn }: CompiledStatement): boolean {
  return statement.effect === 'Allow' && actsOn('curtail-probe:Anything') && covers('*');
}

/**
 * Permissions that give nobody anything: writing own logs and metrics, joining a network, registering with the agents,
 * and looking at names and settings. Reading data is none of them.
 */
const HARMLESS = [
  'logs:CreateLog*',
  'logs:PutLogEvents',
  'xray:Put*',
  'xray:Get*',
  'cloudwatch:PutMetricData',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2messages:*',
  'ssmmessages:*',
  'ssm:UpdateInstanceInformation',
  'sts:GetCallerIdentity',
  'iam:Get*',
  'iam:List*',
  '*:Describe*',
  '*:List*',
];
/** Listings that do give something: names of objects, which are often data themselves. */
const NOT_HARMLESS = ['s3:ListBucket*'];

interface Grant {
  actions: readonly string[];
  resources: readonly string[];
  conditions: string;
  /** NotAction or NotResource: covers and is covered only as a whole. */
  negated: string | undefined;
}

/** What the second gains over the first, `from` not being an administrator. */
export function gainOf(from: Actor, to: Actor, toIsAdministrator: boolean): Gain {
  if (toIsAdministrator) return { kind: 'administrator' };
  const own = from.kind === 'external' ? [] : grantsOf(from);
  const examples = new Set<string>();
  const limited = isLimited(from);
  for (const grant of grantsOf(to)) {
    for (const action of grant.actions) {
      if (isHarmless(action)) continue;
      for (const resource of grant.resources) {
        if (examples.size >= 3) return { kind: 'lateral', examples: [...examples] };
        const covered = own.some((mine) => coversPair(mine, grant, action, resource));
        if (covered && !limited) continue;
        if (isNew(from, to, action, resource)) examples.add(`${action} on ${resource}`);
      }
    }
  }
  return examples.size === 0 ? { kind: 'none' } : { kind: 'lateral', examples: [...examples] };
}

function isHarmless(action: string): boolean {
  if (NOT_HARMLESS.some((pattern) => matchesPattern(pattern, action, { ignoreCase: true }))) return false;
  return HARMLESS.some((pattern) => matchesPattern(pattern, action, { ignoreCase: true }));
}

// Denies, boundaries and SCPs may take away what the start's Allows seem to cover.
function isLimited(actor: Actor): boolean {
  if (actor.boundary !== undefined || actor.scps !== undefined) return true;
  return actor.identity.some(({ statements }) =>
    statements.some(({ statement }) => statement.effect === 'Deny'),
  );
}

const GRANTS = new WeakMap<CompiledDocument, readonly Grant[]>();

function grantsOf(actor: Actor): Grant[] {
  return actor.identity.flatMap((document) => {
    const known = GRANTS.get(document);
    if (known !== undefined) return known;
    const grants = document.statements.filter(({ statement }) => statement.effect === 'Allow').map(grantOf);
    GRANTS.set(document, grants);
    return grants;
  });
}

function grantOf({ statement }: CompiledStatement): Grant {
  const { action, resource } = statement;
  const negated = action.negated || resource?.negated === true;
  return {
    actions: action.negated ? ['*'] : action.patterns,
    resources: resource === undefined || resource.negated ? ['*'] : resource.patterns,
    conditions: JSON.stringify(statement.conditions),
    negated: negated ? JSON.stringify([action, resource]) : undefined,
  };
}

// A pattern covers another when it matches the other's text, its wildcards taken as characters.
function coversPair(mine: Grant, other: Grant, action: string, resource: string): boolean {
  if (mine.conditions !== '[]' && mine.conditions !== other.conditions) return false;
  if (mine.negated !== undefined) return mine.negated === other.negated;
  const acts = mine.actions.some((pattern) => matchesPattern(pattern, action, { ignoreCase: true }));
  return acts && mine.resources.some((pattern) => matchesPattern(pattern, resource));
}

/** Whether `to` can and `from` cannot, asked with concrete names out of the patterns. */
function isNew(from: Actor, to: Actor, action: string, resource: string): boolean {
  const on = /[*?$]/.test(resource) && resource !== '*' ? fill(resource) : resource;
  const owner = /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(on)?.[1] ?? to.account;
  return namesFor(to, action).some((name) => {
    const question = { action: name, on, owner };
    return ask(to, question).standing !== 'no' && ask(from, question).standing === 'no';
  });
}

function fill(pattern: string): string {
  return pattern
    .replace(/\$\{[^}]*\}/g, 'x')
    .replaceAll('*', 'x')
    .replaceAll('?', 'x');
}

// A boundary may name fewer actions than the pattern: its own names within the pattern are tried too.
function namesFor(to: Actor, action: string): string[] {
  const name = action === '*' ? 'curtail-probe:Anything' : fill(action);
  const limits = [...(to.boundary === undefined ? [] : [to.boundary]), ...(to.scps ?? []).flat()];
  const within = limits
    .flatMap(({ statements }) => statements)
    .filter(({ statement }) => statement.effect === 'Allow' && !statement.action.negated)
    .flatMap(({ statement }) => statement.action.patterns)
    .map(fill)
    .filter(
      (each) => each.includes(':') && matchesPattern(action, each, { ignoreCase: true }) && !isHarmless(each),
    );
  return [...new Set([name, ...within])].slice(0, 8);
}
