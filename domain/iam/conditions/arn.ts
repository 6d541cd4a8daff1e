import { splitArn } from '../arn.js';
import { compileParts, type PatternPart, type TextMatcher } from '../pattern.js';
import { type ConditionFamily, never } from './family.js';

/**
 * `ArnEquals` and `ArnLike`, which behave alike: the six fields are matched apart, wildcards in each.
 * `*` alone matches every ARN. What is no ARN matches nothing.
 */
export const arnFamily: ConditionFamily = (_operator, { text, parts }) => {
  if (/^\*+$/.test(text)) return (asked) => splitArn(asked) !== undefined;
  return compileArn(splitParts(parts)) ?? never;
};

function compileArn(fields: readonly (readonly PatternPart[])[]): TextMatcher | undefined {
  if (fields.length !== 6) return undefined;
  const tests = fields.map((field) => compileParts(field, false));
  return (asked) => {
    const arn = splitArn(asked);
    return arn !== undefined && tests.every((test, i) => test(arn[i] ?? ''));
  };
}

/**
 * Splits a pattern at the first five colons. Colons that the policy wrote come first, so that a tag's value with a
 * colon in it cannot shift the fields; only where they do not make an ARN, those within a variable's value count.
 */
function splitParts(parts: readonly PatternPart[]): readonly (readonly PatternPart[])[] {
  const written = splitAtColons(parts, false);
  return written.length === 6 ? written : splitAtColons(parts, true);
}

function splitAtColons(
  parts: readonly PatternPart[],
  withinVariables: boolean,
): readonly (readonly PatternPart[])[] {
  const fields: PatternPart[][] = [[]];
  for (const part of parts) {
    if (part.kind !== 'text' || (part.fromVariable === true && !withinVariables)) {
      fields.at(-1)?.push(part);
      continue;
    }
    for (const [i, piece] of part.text.split(':').entries()) {
      if (i > 0 && fields.length < 6) fields.push([]);
      else if (i > 0) fields.at(-1)?.push({ kind: 'text', text: ':' });
      if (piece !== '') fields.at(-1)?.push({ kind: 'text', text: piece });
    }
  }
  return fields;
}
