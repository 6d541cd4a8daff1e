/**
 * Patterns of the policy language: `*` is any text, `?` one UTF-16 code unit, `${key}` a policy variable.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */

/** A piece of a pattern. */
export type PatternPart =
  | {
      kind: 'text';
      text: string;
      /** The text came from a variable's value, not from the policy. */
      fromVariable?: true;
    }
  | { kind: 'star' }
  | { kind: 'one' }
  | { kind: 'variable'; key: string; fallback?: string };

/** How a pattern is read: case, and whether `${…}` is a variable. */
export interface PatternOptions {
  ignoreCase?: boolean;
  /**
   * The value of a policy variable, or undefined when its key is missing (then its default counts, and without one
   * nothing matches). Leave it out for version 2008-10-17, where `${…}` is literal text.
   */
  variable?: (key: string) => string | undefined;
}

/**
 * Whether the whole of `text` matches `pattern`. Takes O(pattern × text) steps at worst and never backtracks
 * exponentially, so that a hostile pattern costs no more than its length.
 */
export function matchesPattern(pattern: string, text: string, options: PatternOptions = {}): boolean {
  const parts = resolveParts(splitPattern(pattern, options.variable !== undefined), options.variable);
  return parts !== undefined && matchesParts(parts, text, options.ignoreCase === true);
}

/** Longest text between the braces of a variable; what is longer is text, so that no pattern is read quadratically. */
const MAX_VARIABLE = 512;

/** Where the `${` at `at` is closed, or -1 when it is no variable. */
export function variableEnd(pattern: string, at: number): number {
  if (pattern.charCodeAt(at) !== 0x24 || pattern.charCodeAt(at + 1) !== 0x7b) return -1;
  const length = pattern.slice(at + 2, at + 3 + MAX_VARIABLE).indexOf('}');
  return length < 0 ? -1 : at + 2 + length;
}

/**
 * Splits a pattern into its parts. With `variables` (version 2012-10-17), `${*}`, `${?}` and `${$}` are these
 * characters themselves and `${key}`, `${key, 'default'}` are variables; what is not closed or not well-formed is text.
 */
export function splitPattern(pattern: string, variables: boolean): readonly PatternPart[] {
  const parts: PatternPart[] = [];
  let text = '';
  const flush = (): void => {
    if (text !== '') parts.push({ kind: 'text', text });
    text = '';
  };
  for (let at = 0; at < pattern.length; at += 1) {
    const unit = pattern.charAt(at);
    if (unit === '*' || unit === '?') {
      flush();
      parts.push({ kind: unit === '*' ? 'star' : 'one' });
      continue;
    }
    const end = variables ? variableEnd(pattern, at) : -1;
    const variable = end < 0 ? undefined : readVariable(pattern.slice(at + 2, end));
    if (variable === undefined) {
      text += unit;
      continue;
    }
    at = end;
    if (typeof variable === 'string') {
      text += variable;
      continue;
    }
    flush();
    parts.push(variable);
  }
  flush();
  return parts;
}

/** A literal character, a variable, or undefined for what is neither. */
function readVariable(inside: string): string | PatternPart | undefined {
  if (inside === '*' || inside === '?' || inside === '$') return inside;
  const comma = inside.indexOf(',');
  const key = (comma < 0 ? inside : inside.slice(0, comma)).trim();
  if (key === '') return undefined;
  if (comma < 0) return { kind: 'variable', key };
  const quoted = /^'([^']*)'$/.exec(inside.slice(comma + 1).trim());
  return quoted?.[1] === undefined ? undefined : { kind: 'variable', key, fallback: quoted[1] };
}

/**
 * Puts values in the place of variables, as text: a `*` within a value is no wildcard.
 * Undefined when a variable has neither value nor default.
 */
export function resolveParts(
  parts: readonly PatternPart[],
  variable: ((key: string) => string | undefined) | undefined,
): readonly PatternPart[] | undefined {
  if (!parts.some((part) => part.kind === 'variable')) return parts;
  const resolved: PatternPart[] = [];
  for (const part of parts) {
    if (part.kind !== 'variable') {
      resolved.push(part);
      continue;
    }
    const value = variable?.(part.key) ?? part.fallback;
    if (value === undefined) return undefined;
    resolved.push({ kind: 'text', text: value, fromVariable: true });
  }
  return resolved;
}

/** Whether the whole of `text` matches parts without variables (one that is left matches nothing). */
export function matchesParts(parts: readonly PatternPart[], text: string, ignoreCase: boolean): boolean {
  return compileParts(parts, ignoreCase)(text);
}

/** A test on text, made once for a pattern that is asked often. */
export type TextMatcher = (text: string) => boolean;

/** Makes the matcher of parts without variables; the frequent shapes (exact, any, prefix, suffix) get short ones. */
export function compileParts(parts: readonly PatternPart[], ignoreCase: boolean): TextMatcher {
  if (parts.some((part) => part.kind === 'variable')) return () => false;
  const match = compileChunks(toChunks(parts, ignoreCase));
  return ignoreCase ? (text) => match(text.toLowerCase()) : match;
}

/** Text between two stars: code units, or -1 for `?`. `plain` is its text when it has no `?`. */
interface Chunk {
  units: readonly number[];
  plain: string | undefined;
}

function toChunks(parts: readonly PatternPart[], ignoreCase: boolean): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let units: number[] = [];
  let plain: string | undefined = '';
  for (const part of parts) {
    if (part.kind === 'star') {
      chunks.push({ units, plain });
      units = [];
      plain = '';
    }
    if (part.kind === 'one') {
      units.push(-1);
      plain = undefined;
    }
    if (part.kind === 'text') {
      const text = ignoreCase ? part.text.toLowerCase() : part.text;
      for (let i = 0; i < text.length; i += 1) units.push(text.charCodeAt(i));
      if (plain !== undefined) plain += text;
    }
  }
  chunks.push({ units, plain });
  return chunks;
}

function compileChunks(chunks: readonly Chunk[]): TextMatcher {
  const first = chunks[0] ?? { units: [], plain: '' };
  if (chunks.length === 1) {
    const whole = first.plain;
    if (whole !== undefined) return (text) => text === whole;
    return (text) => text.length === first.units.length && fits(first, text, 0);
  }
  const last = chunks[chunks.length - 1] ?? first;
  const middle = chunks.slice(1, -1).filter((chunk) => chunk.units.length > 0);
  const shortest = first.units.length + last.units.length;
  if (middle.length === 0) {
    if (shortest === 0) return () => true;
    if (first.plain !== undefined && last.units.length === 0) {
      const prefix = first.plain;
      return (text) => text.startsWith(prefix);
    }
    return (text) =>
      text.length >= shortest && fits(first, text, 0) && fits(last, text, text.length - last.units.length);
  }
  return (text) => {
    if (text.length < shortest || !fits(first, text, 0)) return false;
    const end = text.length - last.units.length;
    if (!fits(last, text, end)) return false;
    let at = first.units.length;
    for (const chunk of middle) {
      at = leftmost(chunk, text, at, end);
      if (at < 0) return false;
      at += chunk.units.length;
    }
    return true;
  };
}

function fits(chunk: Chunk, text: string, at: number): boolean {
  if (chunk.plain !== undefined) return text.startsWith(chunk.plain, at);
  for (let i = 0; i < chunk.units.length; i += 1) {
    const unit = chunk.units[i];
    if (unit !== -1 && unit !== text.charCodeAt(at + i)) return false;
  }
  return true;
}

/** Where the chunk first stands within [from, end), or -1. Taking the leftmost leaves most for what follows. */
function leftmost(chunk: Chunk, text: string, from: number, end: number): number {
  if (chunk.plain !== undefined) {
    const at = text.indexOf(chunk.plain, from);
    return at >= 0 && at + chunk.units.length <= end ? at : -1;
  }
  for (let at = from; at + chunk.units.length <= end; at += 1) {
    if (fits(chunk, text, at)) return at;
  }
  return -1;
}
