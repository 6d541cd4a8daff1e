/**
 * Unions of ranges on a line: numbers, instants and IP addresses. A union that is not exact (a value with a
 * variable, a number that would lose digits) bounds the language from both sides.
 */
export interface Range<T> {
  low: T;
  high: T;
  lowOpen: boolean;
  highOpen: boolean;
}
/** A union of intervals on an ordered line. */
export interface LineUnion<T> {
  readonly key: string;
  readonly ranges: readonly Range<T>[];
  /** Some value is not modelled: the union may hold more than its ranges. */
  readonly approximate: boolean;
}
/** What a value on the line must and must not lie in. */
export interface LineProblem<T> {
  within: readonly LineUnion<T>[];
  outside: readonly LineUnion<T>[];
}

/** How a line orders its points and what lies between two of them. */
export interface Line<T> {
  below(a: T, b: T): boolean;
  /** Points such that each set made of these ranges' ends holds one of them, if it holds any. */
  probes(ends: readonly T[]): readonly T[];
}

/** A point within each of `within` and outside all of `outside`; undefined is a proof that there is none. */
export function solveLine<T>(line: Line<T>, problem: LineProblem<T>): { point: T } | undefined {
  const exact = problem.within.filter((union) => !union.approximate);
  const ends = [...exact, ...problem.outside].flatMap(({ ranges }) => ranges.flatMap((r) => [r.low, r.high]));
  for (const point of line.probes(ends)) {
    if (!exact.every((union) => holds(line, union, point))) continue;
    if (!problem.outside.some((union) => holds(line, union, point))) return { point };
  }
  return undefined;
}

/** Whether a point is in one of the union's ranges. */
export function holds<T>(line: Line<T>, union: LineUnion<T>, point: T): boolean {
  return union.ranges.some(({ low, high, lowOpen, highOpen }) => {
    if (line.below(point, low) || line.below(high, point)) return false;
    if (lowOpen && !line.below(low, point)) return false;
    return !(highOpen && !line.below(point, high));
  });
}

/** Real numbers: each end, a point between neighbours, and one beyond either side. */
export const REALS: Line<number> = {
  below: (a, b) => a < b,
  probes(ends) {
    const finite = [...new Set(ends.filter(Number.isFinite))].sort((a, b) => a - b);
    const first = finite[0];
    const last = finite.at(-1);
    if (first === undefined || last === undefined) return [1];
    const between = finite.slice(1).map((end, i) => between2(finite[i] ?? first, end));
    return [...finite, ...between, last + 1 + Math.abs(last), first - 1 - Math.abs(first)];
  },
};

function between2(low: number, high: number): number {
  const whole = Math.floor(low) + 1;
  return whole < high ? whole : low + (high - low) / 2;
}

/** IP addresses: version 4 below 2^32, version 6 from `V6_BASE` up, so that the two never meet. */
export const V6_BASE = 1n << 40n;
const V4_END = 1n << 32n;
const V6_END = V6_BASE + (1n << 128n);

const PLEASANT = [(203n << 24n) + (113n << 8n) + 7n, (198n << 24n) + (51n << 16n) + (100n << 8n) + 7n];

/** IPv4 and IPv6 addresses on one line of 128-bit numbers. */
export const ADDRESSES: Line<bigint> = {
  below: (a, b) => a < b,
  probes(ends) {
    const points = [...PLEASANT, 0n, V6_BASE, ...ends, ...ends.map((end) => end + 1n)];
    return [...new Set(points)].filter((p) => (p >= 0n && p < V4_END) || (p >= V6_BASE && p < V6_END));
  },
};
