import { splitArnPattern } from '../arn.js';
import { type PatternPart, splitPattern } from '../pattern.js';
import {
  ANYTHING,
  EXCLUDES,
  type Excludes,
  foldedUnit,
  literalPattern,
  one,
  patternOf,
  star,
  type TextPattern,
  type Token,
  unitsOf,
  variable,
} from './pattern-language.js';

const { nothing, colon } = EXCLUDES;

/** Numbers the policy variables of one question; a default makes another variable of the same key. */
export class VariableTable {
  readonly names: string[] = [];
  readonly #indexes = new Map<string, number>();

  index(part: { key: string; fallback?: string }): number {
    const name =
      part.fallback === undefined ? part.key.toLowerCase() : `${part.key.toLowerCase()},${part.fallback}`;
    const known = this.#indexes.get(name);
    if (known !== undefined) return known;
    this.names.push(name);
    this.#indexes.set(name, this.names.length - 1);
    return this.names.length - 1;
  }
}

/** An action pattern: without case, no variables. */
export function compileAction(pattern: string): TextPattern {
  const lower = pattern.toLowerCase();
  if (!/[*?]/.test(lower)) return literalPattern(lower);
  return compileParts(splitPattern(lower, false), nothing, undefined);
}

/** How a text pattern becomes a language: case and variables. */
export interface TextOptions {
  /** Variables count (version 2012-10-17). */
  variables: VariableTable | undefined;
}

/** A resource pattern, field by field (`typed`) or as plain text. */
export function compileResource(
  pattern: string,
  arns: 'typed' | 'string',
  { variables }: TextOptions,
): TextPattern {
  if (/^\*+$/.test(pattern)) return ANYTHING;
  if (arns === 'string')
    return compileParts(splitPattern(pattern, variables !== undefined), nothing, variables);
  const arn = pattern.startsWith('execute-api:/') ? `arn:*:execute-api:*:*:*${pattern.slice(12)}` : pattern;
  const fields = splitArnPattern(arn, { variables: variables !== undefined, complete: true }) ?? [];
  return joinFields(
    fields.map((field) => splitPattern(field, variables !== undefined)),
    variables,
  );
}

function joinFields(
  fields: readonly (readonly PatternPart[])[],
  variables: VariableTable | undefined,
): TextPattern {
  const tokens: Token[] = [];
  for (const [i, parts] of fields.entries()) {
    if (i > 0) tokens.push(COLON);
    tokens.push(...tokensOf(parts, i < 5 ? colon : nothing, variables));
  }
  return patternOf(tokens);
}

const COLON = ':'.charCodeAt(0);

/** Any ARN: six fields, the first of them `arn`. */
export const ANY_ARN: TextPattern = patternOf([
  ...unitsOf('arn:'),
  ...[0, 1, 2, 3].flatMap(() => [star(colon), COLON]),
  star(nothing),
]);

/** A value of a string operator: `StringEquals` has no wildcards, `StringLike` has. */
export function compileString(
  value: string,
  mode: 'equals' | 'fold' | 'like',
  options: TextOptions,
): TextPattern {
  const parts = splitPattern(value, options.variables !== undefined);
  if (mode === 'like') return compileParts(parts, nothing, options.variables);
  const plain = parts.map((part): PatternPart => {
    if (part.kind === 'star') return { kind: 'text', text: '*' };
    return part.kind === 'one' ? { kind: 'text', text: '?' } : part;
  });
  if (mode === 'equals') return compileParts(plain, nothing, options.variables);
  return foldParts(plain, value);
}

/** Letters outside ASCII fold in ways that differ between Unicode versions, so such values stay opaque. */
function foldParts(parts: readonly PatternPart[], written: string): TextPattern {
  const text = parts.map((part) => (part.kind === 'text' ? part.text : '\u0000')).join('');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL stands for a variable
  if (/[^\x01-\x7f]/.test(text)) return opaquePattern(`fold ${written}`);
  return patternOf(unitsOf(text).map(foldedUnit));
}

/** A pattern that we do not model: equal ones are equal, nothing else is known of it. */
export function opaquePattern(written: string): TextPattern {
  return { ...patternOf(unitsOf(written), true), literal: undefined };
}

/** A value of an ARN operator; undefined when it is no ARN and so matches nothing. */
export function compileArnValue(value: string, { variables }: TextOptions): TextPattern | undefined {
  if (/^\*+$/.test(value)) return ANY_ARN;
  const fields = splitArnPattern(value, { variables: variables !== undefined, complete: false });
  const parts = fields?.map((field) => splitPattern(field, variables !== undefined));
  const before = splitPattern(value, variables !== undefined);
  const hasVariable = before.some((part) => part.kind === 'variable');
  // A value with a colon would move the fields behind it, so only a variable in the last field is modelled.
  if (hasVariable && (parts?.slice(0, 5).some((field) => field.some(isVariablePart)) ?? true)) {
    return opaquePattern(`arn ${value}`);
  }
  return parts === undefined ? undefined : joinArnValue(parts, variables);
}

function isVariablePart(part: PatternPart): boolean {
  return part.kind === 'variable';
}

/** The asked value must be an ARN, so a wildcard in the first field still only takes `arn`. */
function joinArnValue(
  fields: readonly (readonly PatternPart[])[],
  variables: VariableTable | undefined,
): TextPattern | undefined {
  const [first, ...others] = fields;
  if (first === undefined || !fieldTakes(first, 'arn')) return undefined;
  return joinFields([[{ kind: 'text', text: 'arn' }], ...others], variables);
}

function fieldTakes(parts: readonly PatternPart[], text: string): boolean {
  let states = new Set([text]);
  for (const part of parts) {
    const next = new Set<string>();
    for (const left of states) {
      if (part.kind === 'text' && left.startsWith(part.text)) next.add(left.slice(part.text.length));
      if (part.kind === 'one' && left !== '') next.add(left.slice(1));
      if (part.kind === 'star') for (let i = 0; i <= left.length; i += 1) next.add(left.slice(i));
    }
    states = next;
  }
  return states.has('');
}

function compileParts(
  parts: readonly PatternPart[],
  excludes: Excludes,
  variables: VariableTable | undefined,
): TextPattern {
  const [only] = parts;
  if (parts.length === 1 && only?.kind === 'text') return literalPattern(only.text);
  return patternOf(tokensOf(parts, excludes, variables));
}

function tokensOf(
  parts: readonly PatternPart[],
  excludes: Excludes,
  variables: VariableTable | undefined,
): readonly Token[] {
  return parts.flatMap((part): readonly Token[] => {
    if (part.kind === 'star') return [star(excludes)];
    if (part.kind === 'one') return [one(excludes)];
    if (part.kind === 'text') return unitsOf(part.text);
    if (variables === undefined) return unitsOf(`\${${part.key}}`);
    return [variable(variables.index(part), excludes)];
  });
}
