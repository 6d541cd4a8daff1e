import type { ConditionOperator } from '../document.js';
import type { PatternPart, TextMatcher } from '../pattern.js';

/**
 * A family of condition operators: makes the test for one policy value. Negated operators get the test of their
 * positive twin; `hold.ts` turns the answer round.
 */
export type ConditionFamily = (operator: ConditionOperator, value: ConditionValue) => TextMatcher;

/** One value of a condition, its policy variables replaced. */
export interface ConditionValue {
  /** As plain text: `*` and `?` stand for themselves. */
  text: string;
  /** As a pattern. */
  parts: readonly PatternPart[];
}

/** A test that nothing passes: for values that are not what the operator compares. */
export function never(): boolean {
  return false;
}
