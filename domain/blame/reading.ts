import { type Account, type AccountResource, resolvePrincipal } from '../graph/account.js';
import { compilePolicy } from '../graph/compiled.js';
import { World } from '../graph/world.js';
import { actionInfo } from '../iam/catalogue.js';
import type { ConditionTest, PolicyDocument, PolicySet, Request, Statement } from '../iam/document.js';
import { evaluate, isTrustRequest } from '../iam/evaluate.js';
import { canonicalJson, type Json } from '../json.js';
import type { Denial } from './denial.js';

/**
 * What the policies say about a request whose context nobody knows in full: `depends` names what it hangs on.
 * `statements` are those that may speak about it, so that two readings can be compared.
 */
export interface Reading {
  decision: 'allowed' | 'denied' | 'depends';
  explicit: boolean;
  dependsOn: readonly string[];
  statements: string;
}

/**
 * Reads a denied request under an account's policies. What the message does not say (conditions, and sometimes the
 * resource) is taken once in the request's favour and once against it: where both come to the same, that is certain.
 */
export function readAccess(account: Account, denial: Denial): Reading {
  const world = new World(account);
  const policies = policiesFor(world, denial);
  const request = requestFor(account, denial);
  const open = openOf(account, denial);
  const best = evaluate(request, taken(policies, open, true));
  const worst = evaluate(request, taken(policies, open, false));
  const relevant = documentsOf(policies).flatMap((document) => speaking(document, denial));
  const decision =
    worst.decision === 'Allowed' ? 'allowed' : best.decision === 'Allowed' ? 'depends' : 'denied';
  return {
    decision,
    explicit: best.decision === 'ExplicitlyDenied',
    dependsOn: decision === 'depends' ? [...new Set(relevant.flatMap(open.of))].sort() : [],
    statements: canonicalJson(relevant.map(({ index: _place, ...said }) => said) as unknown as Json),
  };
}

/** The resource of the inventory that the denied one is, or lies in. */
export function resourceOf(account: Account, arn: string | undefined): AccountResource | undefined {
  if (arn === undefined) return undefined;
  const bucket = /^(arn:aws[a-z-]*:s3:::[^/]+)\//.exec(arn)?.[1];
  return account.resources.get(arn) ?? (bucket === undefined ? undefined : account.resources.get(bucket));
}

function policiesFor(world: World, { principal, action, resource }: Denial): PolicySet {
  const { account } = world;
  const held = world.actor(principal).policies;
  const role = isTrustRequest({ action, resource: resource ?? '*' })
    ? resolvePrincipal(account, resource ?? '')
    : undefined;
  const store = resourceOf(account, resource);
  const own = role === undefined ? store && world.policyOf(store) : world.trustOf(role);
  const rcps = store === undefined ? undefined : world.rcpsOf(store.account);
  return {
    ...held,
    ...(own !== undefined && { resource: own.policy }),
    ...(rcps !== undefined && { rcps: rcps.map((level) => level.map(({ policy }) => policy)) }),
  };
}

/** Programs of today speak TLS; all else that a message does not say stays open. */
function requestFor(account: Account, { principal, action, resource }: Denial): Request {
  const owner = resourceOf(account, resource)?.account;
  return {
    principal,
    action,
    resource: resource ?? '*',
    ...(owner !== undefined && { resourceAccount: owner }),
    context: { 'aws:SecureTransport': 'true' },
  };
}

/** What of a statement is not known. */
interface Open {
  test: (test: ConditionTest) => boolean;
  /** The message names no resource and the action has some. */
  resource: boolean;
  /** AWS said that nothing allowed it, so no Deny matched, whatever it hangs on. */
  noDeny: boolean;
  of: (statement: Statement) => readonly string[];
}

const KNOWN = new Set([
  'aws:principalarn',
  'aws:principalaccount',
  'aws:principaltype',
  'aws:principalisawsservice',
  'aws:username',
  'aws:securetransport',
]);

function openOf(account: Account, denial: Denial): Open {
  const known = new Set(KNOWN);
  if (resourceOf(account, denial.resource) !== undefined)
    known.add('aws:resourceaccount').add('s3:resourceaccount');
  const isOpenKey = (key: string) => !known.has(key.toLowerCase());
  const test = (each: ConditionTest) =>
    isOpenKey(each.key) || each.values.some((value) => value.includes('${'));
  const resource = denial.resource === undefined && takesResource(denial.action);
  return {
    test,
    resource,
    noDeny: denial.how === 'implicit',
    of: (statement) => [
      ...statement.conditions.filter(test).map(({ key }) => key),
      ...(hasVariable(statement) ? ['a policy variable in a resource'] : []),
      ...(resource && !isEverything(statement) ? ['the resource'] : []),
    ],
  };
}

function takesResource(action: string): boolean {
  const info = actionInfo(action);
  return info?.isWildcardOnly !== true;
}

function isEverything({ resource }: Statement): boolean {
  return resource === undefined || (!resource.negated && resource.patterns.includes('*'));
}

function hasVariable({ resource }: Statement): boolean {
  return resource?.patterns.some((pattern) => /\$\{(?![*?$]\})/.test(pattern)) === true;
}

/** The policies with everything unknown taken for (`inFavour`) or against the request. */
function taken(policies: PolicySet, open: Open, inFavour: boolean): PolicySet {
  const all = (documents: readonly PolicyDocument[]) =>
    documents.map((document) => ({
      ...document,
      statements: document.statements.flatMap((statement) => takenStatement(statement, open, inFavour)),
    }));
  const [resource] = policies.resource === undefined ? [] : all([policies.resource]);
  return {
    identity: all(policies.identity),
    ...(resource !== undefined && { resource }),
    ...(policies.boundaries !== undefined && { boundaries: all(policies.boundaries) }),
    ...(policies.scps !== undefined && { scps: policies.scps.map(all) }),
    ...(policies.rcps !== undefined && { rcps: policies.rcps.map(all) }),
  };
}

function takenStatement(statement: Statement, open: Open, inFavour: boolean): readonly Statement[] {
  if (open.of(statement).length === 0) return [statement];
  if (statement.effect === 'Deny' && open.noDeny) return [];
  // An Allow that may hold helps; a Deny that may hold harms.
  if ((statement.effect === 'Allow') !== inFavour) return [];
  const { resource, ...rest } = statement;
  const conditions = statement.conditions.filter((test) => !open.test(test));
  const anything = open.resource || (hasVariable(statement) && resource?.negated === true);
  if (resource === undefined || anything) return [{ ...rest, conditions }];
  const patterns = resource.patterns.map((pattern) => pattern.replace(/\$\{[^}]*\}/g, '*'));
  return [{ ...rest, conditions, resource: { ...resource, patterns } }];
}

function documentsOf(policies: PolicySet): readonly PolicyDocument[] {
  const { identity, resource, boundaries = [], scps = [], rcps = [] } = policies;
  return [
    ...identity,
    ...boundaries,
    ...scps.flat(),
    ...rcps.flat(),
    ...(resource === undefined ? [] : [resource]),
  ];
}

function speaking(document: PolicyDocument, { action, resource }: Denial): readonly Statement[] {
  return compilePolicy(document)
    .statementsOn(action)
    .filter((each) => resource === undefined || each.covers(resource))
    .map(({ statement }) => statement);
}
