import type { RequestContext } from './context.js';
import { requestContext } from './context.js';
import type { DecidingStatement, PolicyDocument, PolicyType, Request, Statement } from './document.js';
import { type AskedResource, askedResource, type ReadyStatement, readyDocument } from './match.js';
import { type PrincipalMatch, principalMatches } from './principals.js';

/** A request taken apart once, and what about its policies decides how statements are read. */
export interface Asked {
  readonly context: RequestContext;
  /** In lower case. */
  readonly action: string;
  readonly resource: AskedResource;
  /** Whether the principal has a permissions boundary: a `NotPrincipal` with Deny then always denies it. */
  readonly hasBoundary: boolean;
}

/** Takes a request apart. @throws PolicyError when its principal is none. */
export function ask(request: Request, hasBoundary = false): Asked {
  return {
    context: requestContext(request),
    action: request.action.toLowerCase(),
    resource: askedResource(request.resource),
    hasBoundary,
  };
}

/** A statement that applies to a request, and how its principal element covers the caller. */
export interface Applying {
  readonly statement: Statement;
  /** Position of its document in the list. */
  readonly policy: number;
  /** Undefined in policies that name no principal. */
  readonly by: PrincipalMatch | undefined;
}

/** Policy types whose statements name a principal; one without never applies. */
const NAMES_PRINCIPAL: ReadonlySet<PolicyType> = new Set(['resource', 'trust', 'endpoint', 'rcp']);

/** The statements of the documents that apply to the request. */
export function applying(
  documents: readonly PolicyDocument[],
  policyType: PolicyType,
  asked: Asked,
): readonly Applying[] {
  const found: Applying[] = [];
  for (const [policy, document] of documents.entries()) {
    const ready = readyDocument(document);
    for (const i of ready.covering(asked.action)) {
      const candidate = ready.statements[i];
      if (candidate === undefined) continue;
      const by = coveredBy(candidate.statement, policyType, asked);
      if (by === 'nobody' || !holds(candidate, asked)) continue;
      found.push({ statement: candidate.statement, policy, by });
    }
  }
  return found;
}

function coveredBy(
  statement: Statement,
  policyType: PolicyType,
  asked: Asked,
): PrincipalMatch | undefined | 'nobody' {
  if (!NAMES_PRINCIPAL.has(policyType)) return undefined;
  const { principal: element, effect } = statement;
  if (element === undefined) return 'nobody';
  const { context } = asked;
  if (element.negated && effect === 'Deny' && asked.hasBoundary && context.principal.inAccount)
    return 'excepted-from';
  const aids = { userId: context.single('aws:userid'), principalArn: context.single('aws:principalarn') };
  return principalMatches(element, context.principal, aids) ?? 'nobody';
}

/** Resource and conditions; a variable without a value makes the statement not apply, a Deny too. */
function holds({ resource, conditions }: ReadyStatement, { resource: text, context }: Asked): boolean {
  if (resource(text, context) !== true) return false;
  return conditions.every((condition) => condition(context) === true);
}

/**
 * Whether one statement of a document applies to a request: principal (where the type names one), action, resource,
 * conditions.
 * @throws PolicyError when the request's principal is none.
 */
export function statementApplies(
  document: PolicyDocument,
  statement: Statement,
  request: Request,
  policyType: PolicyType,
): boolean {
  const found = applying([document], policyType, ask(request));
  return found.some((candidate) => candidate.statement === statement);
}

/** Names a statement in an answer. */
export function deciding(
  policyType: PolicyType,
  { statement, policy }: Applying,
  level?: number,
): DecidingStatement {
  return {
    policyType,
    ...(level !== undefined && { level }),
    policy,
    statement: statement.index,
    ...(statement.sid !== undefined && { sid: statement.sid }),
    effect: statement.effect,
  };
}
