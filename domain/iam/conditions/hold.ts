import type { RequestContext } from '../context.js';
import type { ConditionOperator, ConditionTest } from '../document.js';
import { type PatternPart, resolveParts, splitPattern, type TextMatcher } from '../pattern.js';
import { arnFamily } from './arn.js';
import { boolFamily, readBool } from './bool.js';
import { dateFamily } from './date.js';
import type { ConditionFamily } from './family.js';
import { ipFamily } from './ip.js';
import { numberFamily } from './number.js';
import { textFamily } from './text.js';

/** Operators that hold when their positive twin does not match. */
const NEGATED: ReadonlySet<ConditionOperator> = new Set([
  'StringNotEquals',
  'StringNotEqualsIgnoreCase',
  'StringNotLike',
  'NumericNotEquals',
  'DateNotEquals',
  'NotIpAddress',
  'ArnNotEquals',
  'ArnNotLike',
]);

/** Whether an operator is a negated one (`…Not…`): true on a missing key, NOR over its values. */
export function isNegated(operator: ConditionOperator): boolean {
  return NEGATED.has(operator);
}

function familyOf(operator: ConditionOperator): ConditionFamily {
  if (operator.startsWith('Numeric')) return numberFamily;
  if (operator.startsWith('Date')) return dateFamily;
  if (operator.startsWith('Arn')) return arnFamily;
  if (operator === 'Bool') return boolFamily;
  if (operator === 'IpAddress' || operator === 'NotIpAddress') return ipFamily;
  return textFamily;
}

/** Policy variables count in string and ARN comparisons only. */
function takesVariables(operator: ConditionOperator): boolean {
  return operator.startsWith('String') || operator.startsWith('Arn');
}

/** A condition made ready: true, false, or undefined when a policy variable in it has no value. */
export type ReadyCondition = (context: RequestContext) => boolean | undefined;

/**
 * Whether one condition holds in a context; undefined when a policy variable in it has no value, which makes the
 * whole statement not apply. `variables` says whether the document's version is 2012-10-17.
 */
export function conditionHolds(
  test: ConditionTest,
  context: RequestContext,
  variables: boolean,
): boolean | undefined {
  return compileCondition(test, variables)(context);
}

/**
 * Makes a condition ready for many requests.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
export function compileCondition(test: ConditionTest, variables: boolean): ReadyCondition {
  const key = test.key.toLowerCase();
  if (test.operator === 'Null') return compileNull(key, test.values);
  const matchersFor = compileValues(test, variables);
  const negated = isNegated(test.operator);
  const { set, ifExists } = test;
  return (context) => {
    const asked = context.values(key);
    if (asked === undefined && ifExists) return true;
    const matchers = matchersFor(context);
    if (matchers === undefined) return undefined;
    if (asked === undefined) return set === 'ForAllValues' || (set === undefined && negated);
    const matches = (value: string): boolean => matchers.some((matcher) => matcher(value));
    if (set === 'ForAllValues') return asked.every((value) => matches(value) !== negated);
    if (set === 'ForAnyValue') return asked.some((value) => matches(value) !== negated);
    return asked.some(matches) !== negated;
  };
}

/** `Null: true` holds when the key is missing, `Null: false` when it is there. */
function compileNull(key: string, values: readonly string[]): ReadyCondition {
  const wanted = new Set(values.map(readBool));
  return (context) => wanted.has(context.values(key) === undefined);
}

type Matchers = (context: RequestContext) => readonly TextMatcher[] | undefined;

function compileValues(test: ConditionTest, variables: boolean): Matchers {
  const family = familyOf(test.operator);
  const templates = test.values.map((value) =>
    splitPattern(value, variables && takesVariables(test.operator)),
  );
  const make = (parts: readonly PatternPart[], written: string): TextMatcher =>
    family(test.operator, { text: takesVariables(test.operator) ? plainText(parts) : written, parts });
  if (!templates.some((parts) => parts.some((part) => part.kind === 'variable'))) {
    const ready = templates.map((parts, i) => make(parts, test.values[i] ?? ''));
    return () => ready;
  }
  return (context) => {
    const matchers: TextMatcher[] = [];
    for (const parts of templates) {
      const resolved = resolveParts(parts, (key) => context.single(key));
      if (resolved === undefined) return undefined;
      matchers.push(make(resolved, ''));
    }
    return matchers;
  };
}

/** The text of a pattern whose wildcards stand for themselves. */
function plainText(parts: readonly PatternPart[]): string {
  return parts
    .map((part) =>
      part.kind === 'text' ? part.text : part.kind === 'star' ? '*' : part.kind === 'one' ? '?' : '',
    )
    .join('');
}
