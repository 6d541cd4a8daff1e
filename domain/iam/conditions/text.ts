import { compileParts } from '../pattern.js';
import type { ConditionFamily } from './family.js';

/** `String*` and `BinaryEquals` (base-64 text, compared as it is). */
export const textFamily: ConditionFamily = (operator, { text, parts }) => {
  if (operator === 'StringLike' || operator === 'StringNotLike') return compileParts(parts, false);
  if (operator === 'StringEqualsIgnoreCase' || operator === 'StringNotEqualsIgnoreCase') {
    const lower = text.toLowerCase();
    return (asked) => asked.toLowerCase() === lower;
  }
  return (asked) => asked === text;
};
