import type { Budget } from './budget.js';
import { ANYTHING, type TextPattern, widened } from './pattern-language.js';
import { covers, intersects, matchesText } from './pattern-relations.js';
import { searchProduct } from './product-search.js';
import { type TextUnion, unionCovers, unionMeets, united } from './text-union.js';

/** A text that is in each union of `within` and in none of `outside`. */
export interface TextProblem {
  within: readonly TextUnion[];
  /** What any value of the field is within; looked at last, as it hardly ever narrows anything. */
  domain?: TextUnion | undefined;
  outside: readonly TextUnion[];
}
/** `none` is certain. A `value` found through variables only shows that no contradiction is known. */
export type TextAnswer = { kind: 'none' } | { kind: 'value'; value: string } | { kind: 'unknown' };

/**
 * Decides a conjunction of unions and negated unions: one pattern is chosen from each union in turn, dropping
 * what is covered or disjoint pairwise; only what is left goes through a product of automata.
 *
 * Variables are widened where they must match and ignored where they must not, so `none` holds for every value.
 */
export function solveText(problem: TextProblem, budget: Budget): TextAnswer {
  const within = [...problem.within].sort((a, b) => a.patterns.length - b.patterns.length);
  const { domain } = problem;
  const outside = problem.outside.length > MANY_UNIONS ? [united(problem.outside)] : problem.outside;
  return choose([], domain === undefined ? within : [...within, domain], outside, budget);
}

/** More unions than this are looked through as one. */
const MANY_UNIONS = 4;

function choose(
  chosen: readonly TextPattern[],
  left: readonly TextUnion[],
  outside: readonly TextUnion[],
  budget: Budget,
): TextAnswer {
  const open = left.filter((union) => !chosen.some((pattern) => unionCovers(union, pattern)));
  const next = open[0];
  if (next === undefined) return conclude(chosen, outside, budget);
  const rest = open.slice(1);
  let unknown = false;
  for (const pattern of candidates(next, chosen)) {
    budget.step();
    if (outside.some((union) => unionCovers(union, pattern))) continue;
    const answer = choose([...chosen, pattern], rest, outside, budget);
    if (answer.kind === 'value') return answer;
    if (answer.kind === 'unknown') unknown = true;
  }
  return unknown ? { kind: 'unknown' } : { kind: 'none' };
}

function candidates(union: TextUnion, chosen: readonly TextPattern[]): readonly TextPattern[] {
  const [first, ...others] = chosen;
  if (first === undefined) return union.patterns;
  const met = unionMeets(union, first);
  return others.length === 0 ? met : met.filter((p) => others.every((other) => intersects(p, other)));
}

function conclude(chosen: readonly TextPattern[], outside: readonly TextUnion[], budget: Budget): TextAnswer {
  const all = irredundant(chosen.length === 0 ? [ANYTHING] : chosen.map(widened));
  const literal = all.find((pattern) => pattern.literal !== undefined)?.literal;
  const none = forbidden(all, outside);
  if (literal !== undefined) {
    const fits =
      all.every((pattern) => matchesText(pattern, literal)) && !none.some((p) => matchesText(p, literal));
    return fits ? { kind: 'value', value: literal } : { kind: 'none' };
  }
  if (none.some((pattern) => all.some((wanted) => covers(pattern, wanted)))) return { kind: 'none' };
  const found = searchProduct({ all, none }, budget);
  if (found.kind === 'empty') return { kind: 'none' };
  return found.kind === 'text' ? { kind: 'value', value: found.text } : { kind: 'unknown' };
}

/** Drops a pattern that takes all of another one. */
function irredundant(patterns: readonly TextPattern[]): readonly TextPattern[] {
  const kept: TextPattern[] = [];
  for (const [i, pattern] of patterns.entries()) {
    const redundant = patterns.some(
      (other, j) => i !== j && covers(pattern, other) && (j < i || !covers(other, pattern)),
    );
    if (!redundant) kept.push(pattern);
  }
  return kept;
}

/** The forbidden patterns that matter here: exact ones (a variable may stand for nothing that matches). */
function forbidden(all: readonly TextPattern[], outside: readonly TextUnion[]): readonly TextPattern[] {
  const [first, ...others] = all;
  if (first === undefined) return [];
  const kept: TextPattern[] = [];
  for (const union of outside) {
    for (const pattern of unionMeets(union, first)) {
      if (pattern.hasVariables || pattern.opaque) continue;
      if (others.every((other) => intersects(pattern, other))) kept.push(pattern);
    }
  }
  return largest(kept);
}

const MANY = 64;

/** Drops forbidden patterns within others, while the list is short enough for that to pay. */
function largest(patterns: readonly TextPattern[]): readonly TextPattern[] {
  const unique = [...new Map(patterns.map((pattern) => [pattern.key, pattern])).values()];
  return unique.length > MANY
    ? unique
    : unique.filter(
        (p, i) => !unique.some((other, j) => i !== j && covers(other, p) && (j < i || !covers(p, other))),
      );
}
