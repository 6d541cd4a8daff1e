import { type ArnFields, splitArn, splitArnPattern } from './arn.js';
import { compileCondition, type ReadyCondition } from './conditions/hold.js';
import type { RequestContext } from './context.js';
import type { PatternList, PolicyDocument, Statement } from './document.js';
import { compileParts, type PatternPart, resolveParts, splitPattern, type TextMatcher } from './pattern.js';

/** A document made ready for many requests. */
export interface ReadyDocument {
  readonly statements: readonly ReadyStatement[];
  /** Positions of the statements whose action element covers an action, given in lower case. */
  covering(action: string): readonly number[];
}

/** A statement with its patterns compiled, to be matched many times. */
export interface ReadyStatement {
  readonly statement: Statement;
  readonly resource: ResourceTest;
  readonly conditions: readonly ReadyCondition[];
}

/** A requested resource, its ARN taken apart once. */
export interface AskedResource {
  readonly text: string;
  readonly fields: ArnFields | undefined;
}

/** Whether a resource element covers a resource; undefined when a policy variable in it has no value. */
export type ResourceTest = (resource: AskedResource, context: RequestContext) => boolean | undefined;

const ready = new WeakMap<PolicyDocument, ReadyDocument>();

/** The document's matchers, made at its first use and kept as long as the document. */
export function readyDocument(document: PolicyDocument): ReadyDocument {
  const known = ready.get(document);
  if (known !== undefined) return known;
  const made = makeReady(document);
  ready.set(document, made);
  return made;
}

/** Most actions per document whose covering statements are remembered. */
const MAX_REMEMBERED = 4_096;

function makeReady(document: PolicyDocument): ReadyDocument {
  const variables = document.version === '2012-10-17';
  const tests = document.statements.map(({ action }) => compileActions(action));
  const remembered = new Map<string, readonly number[]>();
  return {
    statements: document.statements.map((statement) => ({
      statement,
      resource: statement.resource === undefined ? always : compileResources(statement.resource, variables),
      conditions: statement.conditions.map((test) => compileCondition(test, variables)),
    })),
    covering(action) {
      const known = remembered.get(action);
      if (known !== undefined) return known;
      const found = tests.flatMap((test, i) => (test(action) ? [i] : []));
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      remembered.set(action, found);
      return found;
    },
  };
}

function always(): boolean {
  return true;
}

/** Whether an action element covers an action, given in lower case. */
export function compileActions({ negated, patterns }: PatternList): TextMatcher {
  const exact = new Set<string>();
  const byService = new Map<string, TextMatcher[]>();
  const anywhere: TextMatcher[] = [];
  for (const pattern of patterns) {
    const lower = pattern.toLowerCase();
    if (!/[*?]/.test(lower)) {
      exact.add(lower);
      continue;
    }
    const matcher = compileParts(splitPattern(lower, false), false);
    const service = lower.slice(0, lower.indexOf(':') + 1);
    if (service === '' || /[*?]/.test(service)) {
      anywhere.push(matcher);
      continue;
    }
    const siblings = byService.get(service);
    if (siblings === undefined) byService.set(service, [matcher]);
    else siblings.push(matcher);
  }
  return (action) => {
    const listed =
      exact.has(action) ||
      anywhere.some((matcher) => matcher(action)) ||
      (byService.get(action.slice(0, action.indexOf(':') + 1))?.some((matcher) => matcher(action)) ?? false);
    return listed !== negated;
  };
}

/** Takes a requested resource apart. */
export function askedResource(text: string): AskedResource {
  return { text, fields: splitArn(text) };
}

/** Whether a resource element covers a resource, with `${…}` as variables when the version has them. */
export function compileResources({ negated, patterns }: PatternList, variables: boolean): ResourceTest {
  const tests = patterns.map((pattern) => compileResource(pattern, variables));
  return (resource, context) => {
    let listed = false;
    for (const test of tests) {
      const answer = test(resource, context);
      if (answer === undefined) return undefined;
      listed ||= answer;
    }
    return listed !== negated;
  };
}

function compileResource(pattern: string, variables: boolean): ResourceTest {
  if (/^\*+$/.test(pattern)) return always;
  const arn = pattern.startsWith('execute-api:/') ? `arn:*:execute-api:*:*:*${pattern.slice(12)}` : pattern;
  const fields = splitArnPattern(arn, { variables, complete: true });
  const templates = (fields ?? []).map((field) => splitPattern(field, variables));
  if (!templates.some((parts) => parts.some((part) => part.kind === 'variable'))) {
    const tests = templates.map((parts) => compileParts(parts, false));
    return ({ fields: asked }) => asked !== undefined && fitsArn(tests, asked);
  }
  return ({ fields: asked }, context) => {
    const tests = resolveAll(templates, context);
    if (tests === undefined) return undefined;
    return asked !== undefined && fitsArn(tests, asked);
  };
}

function resolveAll(
  templates: readonly (readonly PatternPart[])[],
  context: RequestContext,
): readonly TextMatcher[] | undefined {
  const tests: TextMatcher[] = [];
  for (const parts of templates) {
    const resolved = resolveParts(parts, (key) => context.single(key));
    if (resolved === undefined) return undefined;
    tests.push(compileParts(resolved, false));
  }
  return tests;
}

/** The six fields apart; the service first, as it decides most often. */
function fitsArn(tests: readonly TextMatcher[], asked: ArnFields): boolean {
  if (tests[2]?.(asked[2]) !== true) return false;
  for (let i = 5; i >= 0; i -= 1) {
    if (i !== 2 && tests[i]?.(asked[i] ?? '') !== true) return false;
  }
  return true;
}
