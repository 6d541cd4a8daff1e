import type { PatternPart } from './pattern.js';

/** Most states that one search visits. */
const MAX_STATES = 5_000;

/** Longest pattern that is searched. */
const MAX_SYMBOLS = 2_048;

/** What stands for "any character" where no pattern asks for a certain one. */
const FILLER = 'x';

/**
 * A short text that all patterns match, or undefined when there is none (or none within the bound). Patterns are
 * without variables. Searches the product of their positions breadth-first, so that the first text found is a shortest.
 */
export function textMatchingAll(patterns: readonly (readonly PatternPart[])[]): string | undefined {
  const symbols = patterns.map(toSymbols);
  if (symbols.some(({ length }) => length > MAX_SYMBOLS)) return undefined;
  const start = symbols.map(() => 0);
  const queue: { at: readonly number[]; text: string }[] = [{ at: start, text: '' }];
  const seen = new Set([start.join(',')]);
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { at, text } = next;
    if (at.every((position, i) => isEnd(symbols[i] ?? [], position))) return text;
    for (const unit of candidates(symbols, at)) {
      for (const following of steps(symbols, at, unit)) {
        const key = following.join(',');
        if (seen.has(key)) continue;
        if (seen.size > MAX_STATES) return undefined;
        seen.add(key);
        queue.push({ at: following, text: text + unit });
      }
    }
  }
  return undefined;
}

/** A character, `undefined` for `?`, or `'**'` for a star. */
type Symbol = string | undefined;
const STAR = '**';

function toSymbols(parts: readonly PatternPart[]): readonly Symbol[] {
  const symbols: Symbol[] = [];
  for (const part of parts) {
    if (part.kind === 'text') symbols.push(...part.text.split(''));
    if (part.kind === 'one') symbols.push(undefined);
    if (part.kind === 'star' && symbols.at(-1) !== STAR) symbols.push(STAR);
  }
  return symbols;
}

function isEnd(symbols: readonly Symbol[], at: number): boolean {
  return symbols.slice(at).every((symbol) => symbol === STAR);
}

function candidates(symbols: readonly (readonly Symbol[])[], at: readonly number[]): ReadonlySet<string> {
  const units = new Set<string>();
  for (const [i, position] of at.entries()) {
    for (let p = position; p < (symbols[i]?.length ?? 0); p += 1) {
      const symbol = symbols[i]?.[p];
      if (symbol === STAR) continue;
      if (symbol !== undefined) units.add(symbol);
      break;
    }
  }
  return units.add(FILLER);
}

/** Where the patterns can stand after one character: each pattern by itself, then every combination. */
function steps(
  symbols: readonly (readonly Symbol[])[],
  at: readonly number[],
  unit: string,
): readonly (readonly number[])[] {
  let found: readonly (readonly number[])[] = [[]];
  for (const [i, position] of at.entries()) {
    const own = stepsOf(symbols[i] ?? [], position, unit);
    found = found.flatMap((before) => own.map((after) => [...before, after]));
  }
  return found;
}

function stepsOf(symbols: readonly Symbol[], from: number, unit: string): readonly number[] {
  const found: number[] = [];
  for (let at = from; at < symbols.length; at += 1) {
    const symbol = symbols[at];
    if (symbol === STAR) {
      found.push(at);
      continue;
    }
    if (symbol === undefined || symbol === unit) found.push(at + 1);
    break;
  }
  return found;
}
