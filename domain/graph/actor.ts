import type { PolicyDocument, PolicySet } from '../iam/document.js';
import { parsePolicy } from '../iam/parse.js';
import type { Account, AccountPrincipal } from './account.js';
import { type CompiledDocument, type CompiledStatement, compileDocument, compilePolicy } from './compiled.js';

/** Somebody whose permissions are asked about: a principal as it is, or after it gained a policy. */
export interface Actor {
  arn: string;
  name: string;
  account: string;
  kind: 'user' | 'role' | 'external';
  /** Undefined for a principal outside the accounts. */
  principal?: AccountPrincipal;
  identity: readonly CompiledDocument[];
  boundary?: CompiledDocument;
  scps?: readonly (readonly CompiledDocument[])[];
  /** The policies as the evaluator takes them, without what belongs to the resource. */
  policies: PolicySet;
  tags: ReadonlyMap<string, string>;
  /** What is unknown about its permissions, as sentences. */
  unknowns: readonly string[];
}

/** Everything allowed: what a principal holds after it wrote itself a policy. */
export const ALLOW_ALL: CompiledDocument = compilePolicy(
  parsePolicy(
    { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
    'identity',
  ),
);

const NO_TAGS: ReadonlyMap<string, string> = new Map();

/** A principal of the account as it is. */
export function actorOf(account: Account, principal: AccountPrincipal): Actor {
  const identity = principal.documents.map((held) =>
    compileDocument(held.document, 'identity', `${principal.arn} (${held.name})`),
  );
  const bounds = principal.boundary?.document ?? null;
  const boundary =
    bounds === null ? undefined : compileDocument(bounds, 'boundary', `${principal.arn} (boundary)`);
  const scps = principal.serviceLinked ? undefined : scpsOf(account, principal.account);
  return withPolicies({
    arn: principal.arn,
    name: principal.name,
    account: principal.account,
    kind: principal.kind,
    principal,
    identity,
    ...(boundary === undefined ? {} : { boundary }),
    ...(scps === undefined ? {} : { scps }),
    tags: principal.tags,
    unknowns: unknownsOf(principal),
  });
}

/** The same principal with further documents, within the same boundary and service control policies. */
export function withDocuments(actor: Actor, documents: readonly CompiledDocument[]): Actor {
  return withPolicies({ ...actor, identity: [...actor.identity, ...documents] });
}

/** Somebody from elsewhere, whose own account is taken to allow everything. */
export function externalActor(arn: string): Actor {
  return withPolicies({
    arn,
    name: arn,
    account: arn.split(':')[4] ?? '',
    kind: 'external',
    identity: [ALLOW_ALL],
    tags: NO_TAGS,
    unknowns: [`${arn} is in none of the accounts: its own account is taken to allow it everything`],
  });
}

function scpsOf(account: Account, id: string): CompiledDocument[][] | undefined {
  return account.organisation
    .get(id)
    ?.scps?.map((level) => level.map((document) => compileDocument(document, 'scp', `account ${id} (SCP)`)));
}

function unknownsOf(principal: AccountPrincipal): string[] {
  const unknowns = principal.unknownPolicies.map(
    (arn) => `the document of ${arn}, attached to ${principal.arn}, is not in the input`,
  );
  if (principal.boundary?.document === null) {
    unknowns.push(`the boundary ${principal.boundary.arn} of ${principal.arn} is not in the input`);
  }
  return unknowns;
}

function withPolicies(actor: Omit<Actor, 'policies'>): Actor {
  const { boundary, scps } = actor;
  return {
    ...actor,
    policies: {
      identity: documentsOf(actor.identity),
      ...(boundary === undefined ? {} : { boundaries: [boundary.policy] }),
      ...(scps === undefined ? {} : { scps: scps.map(documentsOf) }),
    },
  };
}

function documentsOf(compiled: readonly CompiledDocument[]): PolicyDocument[] {
  return compiled.map((document) => document.policy);
}

/** Whether some Allow of its identity policies may speak about the action. */
export function mayAct(actor: Actor, action: string): boolean {
  return actor.identity.some((document) =>
    document.statementsOn(action).some(({ statement }) => statement.effect === 'Allow'),
  );
}

/** Whether some Allow of its identity policies may speak about the action on the resource. */
export function mayActOn(actor: Actor, action: string, resource: string): boolean {
  return actor.identity.some((document) =>
    document.statementsOn(action).some((each) => each.statement.effect === 'Allow' && each.covers(resource)),
  );
}

/** The Allow statements of its identity policies that may speak about the action. */
export function allowsOn(actor: Actor, action: string): CompiledStatement[] {
  return actor.identity.flatMap((document) =>
    document.statementsOn(action).filter(({ statement }) => statement.effect === 'Allow'),
  );
}
