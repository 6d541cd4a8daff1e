import { splitArnPattern } from '../iam/arn.js';
import {
  type PatternList,
  type PolicyDocument,
  PolicyError,
  type PolicyType,
  type Statement,
} from '../iam/document.js';
import { parsePolicy } from '../iam/parse.js';
import { compileParts, type PatternPart, splitPattern, type TextMatcher } from '../iam/pattern.js';
import type { Json } from '../json.js';

/** A statement with matchers that never say no where the evaluator would say yes: for narrowing down, not for deciding. */
export interface CompiledStatement {
  statement: Statement;
  /** Whether the statement may speak about an action. */
  actsOn(action: string): boolean;
  /** Whether the statement may speak about a resource; a policy variable counts as any text. */
  covers(resource: string): boolean;
}

/** A parsed document with an index from action to the statements that may speak about it. */
export interface CompiledDocument {
  policy: PolicyDocument;
  statements: readonly CompiledStatement[];
  statementsOn(action: string): readonly CompiledStatement[];
}

/** By the document itself, for each way of reading it: the account after a change shares all others with the one before. */
const compiledAs = new Map<PolicyType, WeakMap<object, CompiledDocument>>();

/**
 * Compiles each document once: principals share managed policies, and resources share templates' documents.
 * @throws PolicyError whose message names `owner`, when AWS could not have stored the document.
 */
export function compileDocument(document: Json, type: PolicyType, owner: string): CompiledDocument {
  if (typeof document !== 'object' || document === null) {
    throw new PolicyError('InvalidDocument', '', `reading the policy of ${owner}: it is not an object`);
  }
  const known = compiledAs.get(type) ?? new WeakMap<object, CompiledDocument>();
  compiledAs.set(type, known);
  const earlier = known.get(document);
  if (earlier !== undefined) return earlier;
  const compiled = compilePolicy(parseFor(document, type, owner));
  known.set(document, compiled);
  return compiled;
}

function parseFor(document: Json, type: PolicyType, owner: string): PolicyDocument {
  try {
    return parsePolicy(document, type);
  } catch (err) {
    if (!(err instanceof PolicyError)) throw err;
    throw new PolicyError(err.type, err.pointer, `reading the policy of ${owner}: ${err.message}`);
  }
}

/** Compiles a parsed document. */
export function compilePolicy(policy: PolicyDocument): CompiledDocument {
  const statements = policy.statements.map((statement) => compileStatement(statement, policy.version));
  const byAction = new Map<string, readonly CompiledStatement[]>();
  return {
    policy,
    statements,
    statementsOn(action) {
      const known = byAction.get(action);
      if (known !== undefined) return known;
      const found = statements.filter((statement) => statement.actsOn(action));
      byAction.set(action, found);
      return found;
    },
  };
}

function compileStatement(statement: Statement, version: PolicyDocument['version']): CompiledStatement {
  const variables = version === '2012-10-17';
  const actsOn = compileList(statement.action, (pattern) => compileParts(splitPattern(pattern, false), true));
  const { resource } = statement;
  if (resource === undefined) return { statement, actsOn, covers: () => true };
  // A negated list with a variable may exclude less than it seems: then everything may be covered.
  if (resource.negated && variables && resource.patterns.some((pattern) => pattern.includes('${'))) {
    return { statement, actsOn, covers: () => true };
  }
  return {
    statement,
    actsOn,
    covers: compileList(resource, (pattern) => compileResource(pattern, variables)),
  };
}

function compileList(list: PatternList, compile: (pattern: string) => TextMatcher): TextMatcher {
  const matchers = list.patterns.map(compile);
  const first = matchers[0];
  if (matchers.length === 1 && first !== undefined && !list.negated) return first;
  return (text) => matchers.some((matches) => matches(text)) !== list.negated;
}

function compileResource(pattern: string, variables: boolean): TextMatcher {
  const fields = pattern.startsWith('arn:')
    ? splitArnPattern(pattern, { variables, complete: true })
    : undefined;
  const parts = splitPattern(fields?.join(':') ?? pattern, variables);
  return compileParts(parts.map(openVariable), false);
}

function openVariable(part: PatternPart): PatternPart {
  return part.kind === 'variable' ? { kind: 'star' } : part;
}
