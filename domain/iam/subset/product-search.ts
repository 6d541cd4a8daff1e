import type { Budget } from './budget.js';
import {
  EXCLUDES,
  excludesOf,
  isFolded,
  isOne,
  isStar,
  isUnit,
  KELVIN_SIGN,
  sameLetter,
  type TextPattern,
  type Token,
  takes,
  unitOf,
} from './pattern-language.js';

/** Texts that match all of `all` and none of `none`; patterns without variables. */
export interface ProductProblem {
  all: readonly TextPattern[];
  none: readonly TextPattern[];
}
/** A text that all languages share, that there is none, or unknown within the budget. */
export type ProductAnswer = { kind: 'empty' } | { kind: 'text'; text: string } | { kind: 'unknown' };

/** Most states of one product that are looked at before the answer is `unknown`. */
const MAX_STATES = 30_000;
/** Most characters by which those states are remembered. */
const MAX_CHARS = 16_000_000;

/** Where each pattern may stand, each list sorted. */
type State = readonly (readonly number[])[];
interface Frontier {
  state: State;
  rank: number;
  before: Frontier | undefined;
  unit: number;
}

/**
 * Looks for a text by walking the product of the patterns' position automata, built as it goes, nearest to
 * acceptance first. `empty` is a proof: every reachable state was seen.
 */
export function searchProduct(problem: ProductProblem, budget: Budget): ProductAnswer {
  const patterns = [...problem.all, ...problem.none].map((pattern) => pattern.tokens);
  const required = problem.all.length;
  const tails = patterns.map(lengthsToGo);
  const first: State = patterns.map((tokens) => settle(tokens, [0]));
  const heap: Frontier[] = [];
  const seen = new Set<string>();
  let chars = 0;
  const offer = (state: State, before: Frontier | undefined, unit: number): void => {
    const rank = rankOf(state, tails, required);
    if (rank === undefined || isLost(state, patterns, required)) return;
    const name = nameOf(state);
    if (seen.has(name)) return;
    seen.add(name);
    chars += name.length;
    push(heap, { state, rank, before, unit });
  };
  offer(first, undefined, 0);
  for (let node = pop(heap); node !== undefined; node = pop(heap)) {
    budget.step(1 + (placesIn(node.state) >> 3));
    if (accepts(node.state, patterns, required)) return { kind: 'text', text: spell(node) };
    if (seen.size > MAX_STATES || chars > MAX_CHARS) return { kind: 'unknown' };
    for (const unit of unitsToTry(node.state, patterns)) {
      const next = node.state.map((places, i) => advance(patterns[i] ?? [], places, unit));
      offer(next, node, unit);
    }
  }
  return { kind: 'empty' };
}

function placesIn(state: State): number {
  return state.reduce((sum, places) => sum + places.length, 0);
}

function nameOf(state: State): string {
  let name = '';
  for (const places of state) name += `${places.join(',')};`;
  return name;
}

/** For each position, the fewest units that still have to be read. */
function lengthsToGo(tokens: readonly Token[]): readonly number[] {
  const lengths = new Array<number>(tokens.length + 1).fill(0);
  for (let i = tokens.length - 1; i >= 0; i -= 1) {
    const token = tokens[i];
    lengths[i] = (lengths[i + 1] ?? 0) + (token !== undefined && isStar(token) ? 0 : 1);
  }
  return lengths;
}

/** How far the required patterns are from their ends; undefined when one can no longer match. */
function rankOf(state: State, tails: readonly (readonly number[])[], required: number): number | undefined {
  let rank = 0;
  for (let i = 0; i < required; i += 1) {
    let least = Number.POSITIVE_INFINITY;
    for (const place of state[i] ?? []) least = Math.min(least, tails[i]?.[place] ?? 0);
    if (least === Number.POSITIVE_INFINITY) return undefined;
    rank += least;
  }
  return rank;
}

/** Whether a forbidden pattern will match whatever follows. */
function isLost(state: State, patterns: readonly (readonly Token[])[], required: number): boolean {
  for (let i = required; i < state.length; i += 1) {
    const tokens = patterns[i] ?? [];
    const last = tokens.at(-1);
    if (last === undefined || !isStar(last) || excludesOf(last) !== EXCLUDES.nothing) continue;
    if (state[i]?.includes(tokens.length - 1) === true) return true;
  }
  return false;
}

function accepts(state: State, patterns: readonly (readonly Token[])[], required: number): boolean {
  return state.every((places, i) => places.includes(patterns[i]?.length ?? 0) === i < required);
}

/**
 * Adds what is reached by leaving stars out, and drops what stands before a star that takes everything: what can
 * be read from there can be read from the star too.
 */
function settle(tokens: readonly Token[], places: readonly number[]): readonly number[] {
  const open = new Set<number>();
  let dominating = -1;
  for (const start of places) {
    for (let at = start; ; at += 1) {
      open.add(at);
      const token = tokens[at];
      if (token === undefined || !isStar(token)) break;
      if (excludesOf(token) === EXCLUDES.nothing) dominating = Math.max(dominating, at);
    }
  }
  return [...open].filter((place) => place >= dominating).sort((a, b) => a - b);
}

function advance(tokens: readonly Token[], places: readonly number[], unit: number): readonly number[] {
  const next: number[] = [];
  for (const place of places) {
    const token = tokens[place];
    if (token === undefined) continue;
    if (isUnit(token)) {
      if (reads(token, unit)) next.push(place + 1);
      continue;
    }
    if (!takes(excludesOf(token), unit)) continue;
    next.push(isOne(token) ? place + 1 : place);
  }
  return next.length === 0 ? next : settle(tokens, next);
}

function reads(token: Token, unit: number): boolean {
  return isFolded(token) ? sameLetter(unitOf(token), unit) : unitOf(token) === unit;
}

const COLON = 58;
const SLASH = 47;
/** Units that stand for "any other", pleasant ones first. */
const OTHERS = [...'x0abcdefghijklmnopqrstuvwyz123456789-_.ABCDEFGHIJKLMNOPQRSTUVWXYZ'].map((c) =>
  c.charCodeAt(0),
);

/** One unit for each way in which the state can go on: those that are named, the excluded ones, and one other. */
function unitsToTry(state: State, patterns: readonly (readonly Token[])[]): readonly number[] {
  const named = new Set<number>();
  for (const [i, places] of state.entries()) {
    for (const place of places) {
      const token = patterns[i]?.[place];
      if (token === undefined) continue;
      if (!isUnit(token)) {
        const excludes = excludesOf(token);
        if ((excludes & EXCLUDES.colon) !== 0) named.add(COLON);
        if ((excludes & EXCLUDES.slash) !== 0) named.add(SLASH);
        continue;
      }
      const unit = unitOf(token);
      named.add(unit);
      if (isFolded(token)) named.add(unit - 32);
      if (isFolded(token) && sameLetter(unit, KELVIN_SIGN)) named.add(KELVIN_SIGN);
    }
  }
  return [otherThan(named), ...named];
}

function otherThan(named: ReadonlySet<number>): number {
  for (const unit of OTHERS) if (!named.has(unit)) return unit;
  let unit = 0x100;
  while (named.has(unit) || unit === KELVIN_SIGN) unit += 1;
  return unit;
}

function spell(node: Frontier): string {
  const units: number[] = [];
  for (let at: Frontier | undefined = node; at?.before !== undefined; at = at.before) units.push(at.unit);
  return units
    .reverse()
    .map((unit) => String.fromCharCode(unit))
    .join('');
}

/** A binary heap by rank, smallest first. */
function push(heap: Frontier[], item: Frontier): void {
  heap.push(item);
  let at = heap.length - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || parent.rank <= item.rank) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = item;
}

function pop(heap: Frontier[]): Frontier | undefined {
  const top = heap[0];
  const item = heap.pop();
  if (top === undefined || item === undefined || heap.length === 0) return top;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    const l = heap[left];
    const r = heap[left + 1];
    if (l === undefined) break;
    const child = r !== undefined && r.rank < l.rank ? left + 1 : left;
    const least = heap[child];
    if (least === undefined || least.rank >= item.rank) break;
    heap[at] = least;
    at = child;
  }
  heap[at] = item;
  return top;
}
