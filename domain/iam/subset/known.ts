import { requestContext } from '../context.js';
import type { PolicyDocument, Principal } from '../document.js';
import { compileAction } from './compile-text.js';
import { EXCLUDES, literalPattern, patternOf, star, unitsOf } from './pattern-language.js';
import type { Known } from './question.js';

/** An observed request: what is not given may be anything. */
export interface PartialRequest {
  principal?: Principal;
  action: string;
  resource?: string;
  context?: Readonly<Record<string, string | readonly string[]>>;
}

/** Keys that follow from the caller alone. */
const CALLER_KEYS = ['aws:principalaccount', 'aws:principaltype', 'aws:principalarn', 'aws:username'];

/** What an observed request settles about the fields that the policies ask. */
export function knownOfRequest(
  request: PartialRequest,
  documents: readonly PolicyDocument[],
): readonly Known[] {
  const known: Known[] = [{ kind: 'value', field: 'action', patterns: [compileAction(request.action)] }];
  if (request.resource !== undefined) {
    known.push({ kind: 'value', field: 'resource', patterns: [literalPattern(request.resource)] });
  }
  const given = new Map(
    Object.entries(request.context ?? {}).map(([key, value]) => [key.toLowerCase(), value]),
  );
  for (const [field, value] of given) {
    const values = typeof value === 'string' ? [value] : value;
    if (values.length > 0) known.push({ kind: 'values', field, values });
  }
  if (request.principal !== undefined) known.push(...knownOfCaller(request.principal, documents, given));
  return known;
}

function knownOfCaller(
  principal: Principal,
  documents: readonly PolicyDocument[],
  given: ReadonlyMap<string, unknown>,
): readonly Known[] {
  const asked = keysIn(documents);
  const context = requestContext({ principal, action: 'none:None', resource: '*', context: {} });
  return CALLER_KEYS.flatMap((field): readonly Known[] => {
    if (given.has(field) || !asked.has(field)) return [];
    const value = context.single(field);
    if (value === undefined) return [];
    if (field !== 'aws:principalarn' || context.principal.kind !== 'session') {
      return [{ kind: 'value', field, patterns: [literalPattern(value)] }];
    }
    // A session's ARN leaves the path of its role out, so the role's ARN may have any.
    const { partition = '', account = '', roleName = '' } = context.principal;
    const roles = `arn:${partition}:iam::${account}:role/`;
    const withPath = patternOf([...unitsOf(roles), star(EXCLUDES.nothing), ...unitsOf(`/${roleName}`)]);
    return [{ kind: 'value', field, patterns: [literalPattern(`${roles}${roleName}`), withPath] }];
  });
}

function keysIn(documents: readonly PolicyDocument[]): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const { statements } of documents) {
    for (const { conditions, resource } of statements) {
      for (const { key, values } of conditions)
        for (const text of [`\${${key}}`, ...values]) collect(text, keys);
      for (const text of resource?.patterns ?? []) collect(text, keys);
    }
  }
  return keys;
}

function collect(text: string, keys: Set<string>): void {
  for (const [, key = ''] of text.matchAll(/\$\{([^,}]+)/g)) keys.add(key.trim().toLowerCase());
}
