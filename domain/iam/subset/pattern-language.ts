/**
 * Wildcard patterns as token lists, the alphabet being UTF-16 code units. ARNs need no theory of their own: their
 * first five fields are wildcards that exclude `:`, so that typed ARNs and plain strings are one kind of language.
 *
 * A token is one integer: a code unit (with FOLD: either case of an ASCII letter), ONE and STAR with the units that
 * they exclude, or a policy variable, which stands for one unknown text that is the same throughout a request.
 */
export type Token = number;

const FOLD = 1 << 16;
const ONE_BASE = -1;
const STAR_BASE = -5;
const VARIABLE_BASE = -16;

/** Which units a wildcard excludes, as bits. */
export const EXCLUDES = { nothing: 0, colon: 1, slash: 2 } as const;
export type Excludes = 0 | 1 | 2 | 3;

/** The token for one character, other than the excluded ones. */
export const one = (excludes: Excludes): Token => ONE_BASE - excludes;
/** The token for any number of characters, other than the excluded ones. */
export const star = (excludes: Excludes): Token => STAR_BASE - excludes;
/** The token for a policy variable's value. */
export const variable = (index: number, excludes: Excludes): Token => VARIABLE_BASE - 4 * index - excludes;
/** Whether a token is one literal code unit. */
export const isUnit = (token: Token): boolean => token >= 0;
/** Whether a token stands for one character. */
export const isOne = (token: Token): boolean => token <= ONE_BASE && token > STAR_BASE;
/** Whether a token stands for any number of characters. */
export const isStar = (token: Token): boolean => token <= STAR_BASE && token > VARIABLE_BASE;
/** Whether a token stands for a policy variable. */
export const isVariable = (token: Token): boolean => token <= VARIABLE_BASE;
/** A literal token's code unit. */
export const unitOf = (token: Token): number => token & 0xffff;
/** Whether a literal token is compared without regard to case. */
export const isFolded = (token: Token): boolean => token >= FOLD;

/** Which variable a token stands for. */
export const variableIndexOf = (token: Token): number => Math.floor((VARIABLE_BASE - token) / 4);

/** The units that a wildcard or a variable excludes. */
export function excludesOf(token: Token): Excludes {
  const excludes = isOne(token)
    ? ONE_BASE - token
    : isStar(token)
      ? STAR_BASE - token
      : (VARIABLE_BASE - token) % 4;
  return excludes as Excludes;
}

const COLON = 58;
const SLASH = 47;

/** Whether a wildcard with these exclusions takes the unit. */
export function takes(excludes: Excludes, unit: number): boolean {
  if ((excludes & EXCLUDES.colon) !== 0 && unit === COLON) return false;
  return !((excludes & EXCLUDES.slash) !== 0 && unit === SLASH);
}

/** A unit that matches in either case when it is an ASCII letter. */
export function foldedUnit(unit: number): Token {
  const lower = unit >= 65 && unit <= 90 ? unit + 32 : unit;
  return lower >= 97 && lower <= 122 ? lower + FOLD : lower;
}

const LETTER_K = 107;
/** Lower-cases to `k`; no other unit outside ASCII lower-cases to a single ASCII letter. */
export const KELVIN_SIGN = 0x212a;

/** Whether a unit is the given lower-case unit in either case. */
export function sameLetter(lower: number, unit: number): boolean {
  if (unit === lower || (unit >= 65 && unit <= 90 && unit + 32 === lower)) return true;
  return lower === LETTER_K && unit === KELVIN_SIGN;
}

/** One compiled pattern. */
export interface TextPattern {
  /** Two patterns with the same key have the same language. */
  readonly key: string;
  readonly tokens: readonly Token[];
  /** The only text that matches, when the pattern has no wildcard, variable or folded letter. */
  readonly literal: string | undefined;
  readonly hasVariables: boolean;
  /** The pattern is one whose meaning we do not model: it may match anything or nothing. */
  readonly opaque: boolean;
}

/** Makes a pattern of tokens; runs of stars and of `*?` are brought into one order. */
export function patternOf(written: readonly Token[], opaque = false): TextPattern {
  const tokens = normalise(written);
  const exact = !opaque && tokens.every((token) => isUnit(token) && !isFolded(token));
  return {
    key: `${opaque ? '!' : ''}${tokens.join(',')}`,
    tokens,
    literal: exact ? textOf(tokens) : undefined,
    hasVariables: tokens.some(isVariable),
    opaque,
  };
}

/** A pattern that matches one text only. */
export function literalPattern(text: string): TextPattern {
  return { key: `=${text}`, tokens: unitsOf(text), literal: text, hasVariables: false, opaque: false };
}

/** The code units of a text, as tokens. */
export function unitsOf(text: string): Token[] {
  const units: Token[] = [];
  for (let i = 0; i < text.length; i += 1) units.push(text.charCodeAt(i));
  return units;
}

function textOf(tokens: readonly Token[]): string {
  let text = '';
  for (const token of tokens) text += String.fromCharCode(unitOf(token));
  return text;
}

/** `?` before `*` in a run of the same exclusions, and one `*` a run: so equal languages mostly get equal keys. */
function normalise(tokens: readonly Token[]): readonly Token[] {
  const out: Token[] = [];
  for (const token of tokens) {
    const last = out.at(-1);
    if (last !== undefined && isStar(last)) {
      if (token === last) continue;
      if (isOne(token) && excludesOf(token) === excludesOf(last)) {
        out.splice(out.length - 1, 0, token);
        continue;
      }
    }
    out.push(token);
  }
  return out;
}

/** The pattern with each variable widened to any text that it may stand for; the pattern itself without variables. */
export function widened(pattern: TextPattern): TextPattern {
  if (pattern.opaque) return ANYTHING;
  if (!pattern.hasVariables) return pattern;
  return patternOf(pattern.tokens.map((token) => (isVariable(token) ? star(excludesOf(token)) : token)));
}

/** Matches every text. */
export const ANYTHING: TextPattern = patternOf([star(EXCLUDES.nothing)]);
