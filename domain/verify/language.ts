/**
 * Languages of texts, written apart from the engine: a union of patterns is walked as one automaton, and the product
 * of several is built as it goes. `isEmpty` is true only when every reachable state of the product was seen.
 *
 * A token is a UTF-16 unit; FOLD + a lower-case letter for either case; or, negative, a wildcard or a policy variable
 * with the units that it excludes (1: colon, 2: slash).
 */
export type Pattern = readonly number[];
export type Union = readonly Pattern[];

/** What is added to a lower-case unit that stands for either case. */
export const FOLD = 0x10000;
const KELVIN = 0x212a;
/** Any text without the excluded units. */
export const star = (mask = 0): number => -1 - mask;
/** One unit other than the excluded ones. */
export const one = (mask = 0): number => -5 - mask;
/** The value of a policy variable without the excluded units. */
export const variable = (index: number, mask = 0): number => -9 - 4 * index - mask;
/** Whether a token is any text. */
export const isStar = (token: number): boolean => token < 0 && token > -5;
/** Whether a token is a policy variable. */
export const isVariable = (token: number): boolean => token <= -9;
/** The pattern with some variables, by their number, replaced. */
export const substitute = (pattern: Pattern, values: ReadonlyMap<number, Pattern>): Pattern =>
  pattern.flatMap((token) => (isVariable(token) ? (values.get((-9 - token) >> 2) ?? [token]) : [token]));
/** The units that a wildcard or variable excludes. */
export const maskOf = (token: number): number => (-1 - token) % 4;
/** A text as its UTF-16 units. */
export const units = (text: string): number[] =>
  Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
/** A text in which the case of ASCII letters does not count. */
export const folded = (text: string): Pattern =>
  units(text.toLowerCase()).map((u) => (u > 96 && u < 123 ? u + FOLD : u));
/** `*` is any text and `+` any text without a colon. */
export const sketch = (text: string): Pattern =>
  units(text).map((u) => (u === 42 ? star() : u === 43 ? star(1) : u));
/** Every text. */
export const ANY: Pattern = [star()];

const MAX_STATES = 400_000;
const STRIDE = 1 << 13;
type State = readonly number[];

/** Whether no text is in all of `within` and in none of `outside`; false as well when that is too much to see. */
export function isEmpty(within: readonly Union[], outside: readonly Union[]): boolean {
  const withVariables = within.flatMap((union, i) => (union.some((p) => p.some(isVariable)) ? [i] : []));
  return [...withVariables, -1].some((symbolic) => isEmptyAs(symbolic, within, outside));
}

/** One union (`symbolic`) may read variables as symbols; in the other required ones a variable may be any text. */
function isEmptyAs(symbolic: number, within: readonly Union[], outside: readonly Union[]): boolean {
  // To be in none of several unions is to be in none of their patterns.
  const unions = [...within.map((union, i) => (i === symbolic ? union : union.map(widen))), outside.flat()];
  if (unions.some((union) => union.some((pattern) => pattern.length >= STRIDE))) return false;
  const seen = new Set<string>();
  const open: State[][] = [];
  const offer = (states: State[]): void => {
    if (states.some((state, i) => (i < within.length ? state.length === 0 : isSink(unions[i] ?? [], state))))
      return;
    const name = states.join(';');
    if (!seen.has(name)) open.push(states);
    seen.add(name);
  };
  offer(
    unions.map((union) =>
      close(
        union,
        union.map((_, p) => p * STRIDE),
      ),
    ),
  );
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const states = at;
    if (seen.size > MAX_STATES) return false;
    if (unions.every((union, i) => accepts(union, states[i] ?? []) === i < within.length)) return false;
    for (const symbol of symbolsOf(unions, states, symbolic)) {
      offer(
        unions.map((union, i) => step(union, states[i] ?? [], symbol, i < within.length && i !== symbolic)),
      );
    }
  }
  return true;
}

/** Whether a text is in the union, whatever its variables stand for. */
export const matches = (union: Union, text: string): boolean => isEmpty([[units(text)]], [union]);

function widen(pattern: Pattern): Pattern {
  return pattern.map((token) => (isVariable(token) ? star(maskOf(token)) : token));
}

/** Adds what is reached by leaving stars out; places before a star that takes everything add nothing to it. */
function close(union: Union, places: State): State {
  const found = new Set<number>();
  const latest = new Map<number, number>();
  for (const start of places) {
    const p = Math.floor(start / STRIDE);
    for (let place = start; ; place += 1) {
      const token = union[p]?.[place % STRIDE];
      found.add(place);
      if (token === star()) latest.set(p, Math.max(latest.get(p) ?? 0, place));
      if (token === undefined || !isStar(token)) break;
    }
  }
  return [...found]
    .filter((place) => place >= (latest.get(Math.floor(place / STRIDE)) ?? 0))
    .sort((a, b) => a - b);
}

/** A symbol is a unit, or a variable: where that may be any text, it leads anywhere ahead. */
function step(union: Union, state: State, symbol: number, vague: boolean): State {
  const next: number[] = [];
  for (const place of state) {
    const pattern = union[Math.floor(place / STRIDE)] ?? [];
    const at = place % STRIDE;
    if (vague && symbol < 0) for (let to = at; to <= pattern.length; to += 1) next.push(place - at + to);
    else if (reads(pattern[at], symbol)) next.push(isStar(pattern[at] ?? 0) ? place : place + 1);
  }
  return close(union, next);
}

function reads(token: number | undefined, symbol: number): boolean {
  if (token === undefined) return false;
  if (token >= FOLD)
    return (
      symbol === token - FOLD || symbol === token - FOLD - 32 || (token === FOLD + 107 && symbol === KELVIN)
    );
  if (token >= 0 || isVariable(token)) return token === symbol;
  if (symbol < 0) return isStar(token) && (maskOf(token) & ~maskOf(symbol)) === 0;
  return !((maskOf(token) & 1) !== 0 && symbol === 58) && !((maskOf(token) & 2) !== 0 && symbol === 47);
}

function accepts(union: Union, state: State): boolean {
  return state.some((place) => place % STRIDE === union[Math.floor(place / STRIDE)]?.length);
}

/** Whether the union takes whatever follows. */
function isSink(union: Union, state: State): boolean {
  return state.some((place) => {
    const pattern = union[Math.floor(place / STRIDE)] ?? [];
    return place % STRIDE === pattern.length - 1 && pattern.at(-1) === star();
  });
}

/** What the tokens name, what their wildcards exclude, and one unit that nothing names. */
function symbolsOf(
  unions: readonly Union[],
  states: readonly State[],
  symbolic: number,
): ReadonlySet<number> {
  const named = new Set<number>();
  for (const [i, state] of states.entries()) {
    for (const place of state) {
      const token = unions[i]?.[Math.floor(place / STRIDE)]?.[place % STRIDE];
      if (token === undefined || (isVariable(token) && i !== symbolic)) continue;
      if (token >= FOLD) for (const unit of [token - FOLD, token - FOLD - 32, KELVIN]) named.add(unit);
      else if (token >= 0 || isVariable(token)) named.add(token);
      else if (maskOf(token) > 0) for (const unit of [58, 47]) named.add(unit);
    }
  }
  let other = 1;
  while (named.has(other)) other += 1;
  return named.add(other);
}
