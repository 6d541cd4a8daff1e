import { type ConditionFamily, never } from './family.js';

/** `true` or `false` in any case, or undefined. */
export function readBool(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  return lower === 'true' ? true : lower === 'false' ? false : undefined;
}

/** `Bool`. What is neither true nor false matches nothing. */
export const boolFamily: ConditionFamily = (_operator, { text }) => {
  const wanted = readBool(text);
  return wanted === undefined ? never : (asked) => readBool(asked) === wanted;
};
