import type { ConditionOperator } from '../document.js';
import { type ConditionFamily, never } from './family.js';

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** A decimal number as a policy writes it, or undefined. */
export function readNumber(text: string): number | undefined {
  if (!NUMBER.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** `Numeric*`: compares decimals as doubles. What is no number matches nothing. */
export const numberFamily: ConditionFamily = (operator, { text }) => {
  const limit = readNumber(text);
  if (limit === undefined) return never;
  return (asked) => {
    const value = readNumber(asked);
    return value !== undefined && compares(operator, value, limit);
  };
};

/** The comparison that an operator's ending names; `NotEquals` is judged as its positive twin. */
export function compares(operator: ConditionOperator, value: number, limit: number): boolean {
  if (operator.endsWith('LessThan')) return value < limit;
  if (operator.endsWith('LessThanEquals')) return value <= limit;
  if (operator.endsWith('GreaterThan')) return value > limit;
  if (operator.endsWith('GreaterThanEquals')) return value >= limit;
  return value === limit;
}
