import type { Change } from '../change/change.js';
import { matchesPattern } from '../iam/pattern.js';
import { isRecord, type Json } from '../json.js';
import { type Account, type AccountPrincipal, type HeldDocument, principalsAttachedTo } from './account.js';
import type { PathStep } from './edge.js';

/** Name of the inline policy that holds the Denies of cut paths. */
export const GUARD_POLICY = 'curtail-path-guard';

/** One way to take a step of a path away. */
export interface Cut {
  step: PathStep;
  /** `remove`: the action leaves the statements that allow it. `deny`: a Deny is added. `distrust`: a trust policy stops naming the principal. */
  kind: 'remove' | 'deny' | 'distrust';
  changes: readonly Change[];
}

/**
 * Ways to take a step away, the plainest first. Removing is offered where every statement that allows the action
 * names it in full, in a policy that only this principal holds; otherwise a Deny in an inline policy does it, without
 * touching what others hold. `everywhere`: the principal does not use the action at all; else the Deny names the
 * step's resource.
 */
export function cutsFor(account: Account, step: PathStep, everywhere: boolean): Cut[] {
  const principal = account.principals.get(step.by);
  if (principal === undefined || principal.serviceLinked || principal.arn.includes(':role/aws-reserved/'))
    return [];
  const removal = everywhere ? removalOf(account, principal, step.permission) : undefined;
  const cuts: Cut[] = removal === undefined ? [] : [{ step, kind: 'remove', changes: removal }];
  cuts.push({
    step,
    kind: 'deny',
    changes: [guard(principal, step.permission, everywhere ? '*' : step.resource)],
  });
  const distrust =
    step.permission === 'sts:AssumeRole' ? distrustOf(account, principal, step.resource) : undefined;
  if (distrust !== undefined) cuts.push({ step, kind: 'distrust', changes: [distrust] });
  return cuts;
}

function removalOf(account: Account, principal: AccountPrincipal, action: string): Change[] | undefined {
  const granting = principal.documents.filter(({ document }) =>
    statementsOf(document).some((statement) => allows(statement, action)),
  );
  if (granting.length === 0) return undefined;
  const changes: Change[] = [];
  for (const held of granting) {
    const after = without(held.document, action);
    const change = after === undefined ? undefined : replacement(account, principal, held, after);
    if (change === undefined) return undefined;
    changes.push(change);
  }
  return changes;
}

function replacement(
  account: Account,
  principal: AccountPrincipal,
  held: HeldDocument,
  after: Json | null,
): Change | undefined {
  if (held.group !== undefined || held.kind === 'aws') return undefined;
  if (held.arn === undefined) {
    return {
      kind: 'inline-policy',
      target: { principal: principal.arn, name: held.name },
      before: held.document,
      after,
    };
  }
  const holders = principalsAttachedTo(account, held.arn);
  if (holders.length !== 1) return undefined;
  if (after === null) {
    return {
      kind: 'policy-attachment',
      target: { principal: principal.arn, arn: held.arn },
      before: { attached: true },
      after: null,
    };
  }
  return { kind: 'managed-policy', target: { arn: held.arn }, before: held.document, after };
}

/** The document without the action; null when nothing is left; undefined when a wildcard or NotAction grants it. */
function without(document: Json, action: string): Json | null | undefined {
  if (!isRecord(document)) return undefined;
  const kept: Json[] = [];
  for (const statement of statementsOf(document)) {
    if (!allows(statement, action)) {
      kept.push(statement as Json);
      continue;
    }
    if (statement['Action'] === undefined) return undefined;
    const actions = listOf(statement['Action']);
    const rest = actions.filter((each) => each.toLowerCase() !== action.toLowerCase());
    if (rest.some((pattern) => matchesPattern(pattern, action, { ignoreCase: true }))) return undefined;
    if (rest.length > 0) kept.push({ ...statement, Action: rest } as Json);
  }
  return kept.length === 0 ? null : ({ ...document, Statement: kept } as Json);
}

function statementsOf(document: Json): Record<string, unknown>[] {
  const written = isRecord(document) ? document['Statement'] : undefined;
  return (Array.isArray(written) ? written : [written]).filter(isRecord);
}

function allows(statement: Record<string, unknown>, action: string): boolean {
  if (statement['Effect'] !== 'Allow') return false;
  const matches = (pattern: string): boolean => matchesPattern(pattern, action, { ignoreCase: true });
  if (statement['NotAction'] !== undefined) return !listOf(statement['NotAction']).some(matches);
  return listOf(statement['Action']).some(matches);
}

function listOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((item): item is string => typeof item === 'string');
}

function guard(principal: AccountPrincipal, action: string, resource: string): Change {
  const existing = principal.documents.find(
    ({ name, arn, group }) => name === GUARD_POLICY && arn === undefined && group === undefined,
  );
  const before = existing?.document ?? null;
  const deny: Json = { Effect: 'Deny', Action: action, Resource: resource };
  const statements = before === null ? [] : (statementsOf(before) as unknown as Json[]);
  return {
    kind: 'inline-policy',
    target: { principal: principal.arn, name: GUARD_POLICY },
    before,
    after: { Version: '2012-10-17', Statement: [...statements, deny] },
  };
}

/** The role's trust policy without the principal by name; undefined when it is not named, or nobody would be left. */
function distrustOf(account: Account, principal: AccountPrincipal, roleArn: string): Change | undefined {
  const role = account.principals.get(roleArn);
  const before = role?.trust ?? null;
  if (before === null || !isRecord(before)) return undefined;
  let named = false;
  const kept: Json[] = [];
  for (const statement of statementsOf(before)) {
    const trusted = statement['Principal'];
    const names = isRecord(trusted) ? listOf(trusted['AWS']) : [];
    if (statement['Effect'] !== 'Allow' || !names.includes(principal.arn) || !isRecord(trusted)) {
      kept.push(statement as Json);
      continue;
    }
    named = true;
    const { AWS: _, ...others } = trusted;
    const rest = names.filter((name) => name !== principal.arn);
    const left = rest.length > 0 ? { ...others, AWS: rest } : others;
    if (Object.keys(left).length > 0) kept.push({ ...statement, Principal: left } as Json);
  }
  if (!named || kept.length === 0) return undefined;
  return {
    kind: 'trust-policy',
    target: { principal: roleArn },
    before,
    after: { ...before, Statement: kept } as Json,
  };
}
