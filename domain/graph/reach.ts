import { parsePolicy } from '../iam/parse.js';
import type { AccountResource } from './account.js';
import type { Actor } from './actor.js';
import { type Answer, ask } from './ask.js';
import { type CompiledDocument, type CompiledStatement, compilePolicy } from './compiled.js';
import { DATA_ACCESS, type DataAction } from './data-access.js';
import type { PathStep } from './edge.js';
import type { World } from './world.js';

/** What a principal can do with a store's data. */
export type Access = 'read' | 'write' | 'read-write';

/** A sensitive resource that an actor gets at itself. */
export interface Reached {
  resource: string;
  access: Access;
  step: PathStep;
  assumptions: readonly string[];
}

/** Sensitive resources by the actor's own permissions, in the order of the inventory. */
export function reachedBy(world: World, actor: Actor): Reached[] {
  return world.sensitive().flatMap((resource) => reachOne(world, actor, resource) ?? []);
}

function reachOne(world: World, actor: Actor, resource: AccountResource): Reached | undefined {
  const access = DATA_ACCESS.get(resource.arn.split(':')[2] ?? '');
  if (access === undefined) return undefined;
  if (resource.account !== actor.account && resource.policy === undefined && !resource.public)
    return undefined;
  const named = world.speaksAbout(resource, actor);
  const read = firstAllowed(world, actor, resource, access.read, named);
  const readable =
    read !== undefined && canDecrypt(world, actor, resource) ? read : publicRead(resource, access.read);
  const write = firstAllowed(world, actor, resource, access.write, named);
  const first = readable ?? write;
  if (first === undefined) return undefined;
  const kind = readable === undefined ? 'write' : write === undefined ? 'read' : 'read-write';
  const step = {
    step: kind === 'write' ? 'Change the store' : 'Read the store',
    permission: first.action,
    resource: first.answer.resource,
    by: actor.arn,
  };
  return { resource: resource.arn, access: kind, step, assumptions: first.answer.assumptions };
}

interface Allowed {
  action: string;
  answer: Answer;
}

function firstAllowed(
  world: World,
  actor: Actor,
  resource: AccountResource,
  actions: readonly DataAction[],
  named: boolean,
): Allowed | undefined {
  for (const { action, suffix } of actions) {
    const on = `${resource.arn}${suffix}`;
    if (!named && !mayTouch(actor, action, on)) continue;
    const policy = world.policyOf(resource);
    const rcps = world.rcpsOf(resource.account);
    const answer = ask(actor, {
      action,
      on,
      owner: resource.account,
      tags: resource.tags,
      ...(policy === undefined ? {} : { policy }),
      ...(rcps === undefined ? {} : { rcps }),
    });
    if (answer.standing === 'open') return { action, answer };
  }
  return undefined;
}

function publicRead(resource: AccountResource, actions: readonly DataAction[]): Allowed | undefined {
  const [first] = actions;
  // A database that is public has a public address; who may read it is another matter.
  if (!resource.public || !resource.arn.includes(':s3:') || first === undefined) return undefined;
  const answer: Answer = {
    standing: 'open',
    resource: `${resource.arn}${first.suffix}`,
    assumptions: ['the inventory says that the store is public'],
  };
  return { action: first.action, answer };
}

function mayTouch(actor: Actor, action: string, on: string): boolean {
  return actor.identity.some((document) =>
    document.statementsOn(action).some((statement) => touches(statement, on)),
  );
}

// Two patterns can only meet when what stands before their first wildcards does.
function touches({ statement }: CompiledStatement, on: string): boolean {
  if (statement.effect !== 'Allow') return false;
  const { resource } = statement;
  if (resource === undefined || resource.negated) return true;
  const head = literalHead(on);
  return resource.patterns.some((pattern) => {
    const own = literalHead(pattern);
    return own.startsWith(head) || head.startsWith(own);
  });
}

function literalHead(pattern: string): string {
  const end = pattern.search(/[*?$]/);
  return end < 0 ? pattern : pattern.slice(0, end);
}

/** Services that decrypt with the caller's permission; others (RDS, EBS, logs) decrypt with a grant of their own. */
const DECRYPTS_FOR_CALLER = new Set(['s3', 'dynamodb', 'secretsmanager', 'ssm', 'sqs', 'kinesis']);

function canDecrypt(world: World, actor: Actor, resource: AccountResource): boolean {
  const { kmsKey } = resource;
  if (!DECRYPTS_FOR_CALLER.has(resource.arn.split(':')[2] ?? '')) return true;
  if (kmsKey === undefined || !kmsKey.startsWith('arn:') || kmsKey.includes(':alias/aws/')) return true;
  const key = world.account.resources.get(kmsKey);
  const owner = kmsKey.split(':')[4] ?? resource.account;
  const policy = (key === undefined ? undefined : world.policyOf(key)) ?? delegating(kmsKey, owner);
  const answer = ask(actor, {
    action: 'kms:Decrypt',
    on: kmsKey,
    owner,
    policy,
    ...(key === undefined ? {} : { tags: key.tags }),
  });
  return answer.standing === 'open';
}

/** The key policy that keys get by default: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html */
function delegating(key: string, owner: string): CompiledDocument {
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: `arn:${key.split(':')[1]}:iam::${owner}:root` },
    Action: 'kms:*',
    Resource: '*',
  };
  return compilePolicy(parsePolicy({ Version: '2012-10-17', Statement: [statement] }, 'resource'));
}
