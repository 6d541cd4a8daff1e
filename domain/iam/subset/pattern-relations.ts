import {
  EXCLUDES,
  excludesOf,
  isFolded,
  isOne,
  isStar,
  isUnit,
  isVariable,
  sameLetter,
  type TextPattern,
  type Token,
  takes,
  unitOf,
  unitsOf,
  widened,
} from './pattern-language.js';

/**
 * Whether every text of `inner` is a text of `outer`, whatever the variables stand for. A yes is certain; a no may
 * be wrong where only a product of automata can tell (`a*` within a union).
 */
export function covers(outer: TextPattern, inner: TextPattern): boolean {
  if (outer.opaque || inner.opaque) return outer.key === inner.key;
  if (outer.key === inner.key) return true;
  if (outer.literal !== undefined) return outer.literal === inner.literal;
  return !isTooLong(outer, inner) && covered(outer.tokens, inner.tokens);
}

/** Two patterns with more pairs of places than this are not compared; the product of automata may still tell. */
const MAX_PAIRS_OF_PLACES = 1_000_000;

function isTooLong(a: TextPattern, b: TextPattern): boolean {
  return a.tokens.length * b.tokens.length > MAX_PAIRS_OF_PLACES;
}

/** Whether a concrete text matches; patterns with variables and opaque ones match nothing here. */
export function matchesText(pattern: TextPattern, text: string): boolean {
  if (pattern.literal !== undefined) return pattern.literal === text;
  if (pattern.opaque || pattern.hasVariables) return false;
  return covered(pattern.tokens, unitsOf(text));
}

/** Reads `inner` as a word in which a star can only be taken by a star. */
function covered(outer: readonly Token[], inner: readonly Token[]): boolean {
  let from = 0;
  // The common case is two different names: compare what comes before the first wildcard at once.
  for (; from < outer.length && from < inner.length; from += 1) {
    const token = outer[from];
    const other = inner[from];
    if (token === undefined || other === undefined || !isUnit(token)) break;
    if (!stepsOver(token, other)) return false;
  }
  let states = new Uint8Array(outer.length + 1);
  open(outer, states, from);
  for (let i = from; i < inner.length; i += 1) {
    const read = inner[i];
    if (read === undefined) break;
    const next = new Uint8Array(outer.length + 1);
    let alive = false;
    for (let j = 0; j < outer.length; j += 1) {
      const token = outer[j];
      if (states[j] === 0 || token === undefined) continue;
      if (isStar(token) && absorbs(token, read)) {
        open(outer, next, j);
        alive = true;
      }
      if (stepsOver(token, read)) {
        open(outer, next, j + 1);
        alive = true;
      }
    }
    if (!alive) return false;
    states = next;
  }
  return states[outer.length] === 1;
}

/** Marks a position and those that are reached from it by leaving stars out. */
function open(outer: readonly Token[], states: Uint8Array, at: number): void {
  for (let j = at; ; j += 1) {
    if (states[j] === 1) return;
    states[j] = 1;
    const token = outer[j];
    if (token === undefined || !isStar(token)) return;
  }
}

/** Whether a wildcard takes all that `read` may stand for. */
function absorbs(wildcard: Token, read: Token): boolean {
  const excludes = excludesOf(wildcard);
  if (isUnit(read)) return takes(excludes, unitOf(read));
  return (excludes & ~excludesOf(read)) === 0;
}

function stepsOver(token: Token, read: Token): boolean {
  if (isUnit(token)) return isUnit(read) && unitCovers(token, read);
  if (isOne(token)) return (isUnit(read) || isOne(read)) && absorbs(token, read);
  return isVariable(token) && token === read;
}

function unitCovers(token: Token, read: Token): boolean {
  if (token === read) return true;
  return isFolded(token) && !isFolded(read) && sameLetter(unitOf(token), unitOf(read));
}

/**
 * Whether some text matches both, variables standing for anything. A no is certain; a yes may be wrong for patterns
 * with variables and for very long ones.
 */
export function intersects(a: TextPattern, b: TextPattern): boolean {
  if (a.literal !== undefined && b.literal !== undefined) return a.literal === b.literal;
  const left = widened(a);
  const right = widened(b);
  if (left.literal !== undefined) return matchesText(right, left.literal);
  if (right.literal !== undefined) return matchesText(left, right.literal);
  return isTooLong(left, right) || meet(left.tokens, right.tokens);
}

function meet(left: readonly Token[], right: readonly Token[]): boolean {
  const width = right.length + 1;
  let seen: Uint8Array | undefined;
  const stack: number[] = [];
  const visit = (i: number, j: number): void => {
    seen ??= new Uint8Array((left.length + 1) * width);
    const at = i * width + j;
    if (seen[at] === 1) return;
    seen[at] = 1;
    stack.push(at);
  };
  let start = 0;
  for (; start < left.length && start < right.length; start += 1) {
    const a = left[start];
    const b = right[start];
    if (a === undefined || b === undefined || !isUnit(a) || !isUnit(b)) break;
    if (!unitsMeet(a, b)) return false;
  }
  visit(start, start);
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const i = Math.floor(at / width);
    const j = at % width;
    const a = left[i];
    const b = right[j];
    if (a === undefined && b === undefined) return true;
    if (a !== undefined && isStar(a)) visit(i + 1, j);
    if (b !== undefined && isStar(b)) visit(i, j + 1);
    if (a === undefined || b === undefined || !share(a, b)) continue;
    visit(isStar(a) ? i : i + 1, isStar(b) ? j : j + 1);
  }
  return false;
}

/** Whether two tokens have a unit in common. Wildcards always do: they exclude two units of all. */
function share(a: Token, b: Token): boolean {
  if (isUnit(a) && isUnit(b)) return unitsMeet(a, b);
  if (isUnit(a)) return unitMeetsWildcard(a, b);
  if (isUnit(b)) return unitMeetsWildcard(b, a);
  return true;
}

function unitMeetsWildcard(unit: Token, wildcard: Token): boolean {
  return excludesOf(wildcard) === EXCLUDES.nothing || takes(excludesOf(wildcard), unitOf(unit));
}

function unitsMeet(a: Token, b: Token): boolean {
  if (a === b) return true;
  if (isFolded(a)) return sameLetter(unitOf(a), unitOf(b)) && !isFolded(b);
  return isFolded(b) && sameLetter(unitOf(b), unitOf(a));
}
