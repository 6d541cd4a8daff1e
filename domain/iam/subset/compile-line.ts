import { readDate } from '../conditions/date.js';
import { readRange } from '../conditions/ip.js';
import { readNumber } from '../conditions/number.js';
import type { ConditionOperator } from '../document.js';
import { type LineUnion, type Range, V6_BASE } from './line-theory.js';

/** Beyond this, or with more digits, doubles no longer tell neighbours apart. */
const EXACT_LIMIT = 1e15;
const MOST_DIGITS = 15;

/** Values of a `Numeric…` or `Date…` operator; the negated operator gets the ranges of its positive twin. */
export function compileRanges(
  operator: ConditionOperator,
  theory: 'number' | 'date',
  values: readonly string[],
): LineUnion<number> {
  const read = theory === 'number' ? readNumber : readDate;
  const ranges: Range<number>[] = [];
  const keys: string[] = [];
  let approximate = false;
  for (const value of values) {
    const limit = read(value);
    if (limit === undefined) continue;
    if (!isExact(value, limit, theory)) {
      approximate = true;
      keys.push(`!${value}`);
      continue;
    }
    const range = rangeOf(operator, limit);
    ranges.push(range);
    keys.push(`${range.lowOpen ? '(' : '['}${range.low};${range.high}${range.highOpen ? ')' : ']'}`);
  }
  return { key: keys.sort().join(' '), ranges, approximate };
}

function isExact(value: string, limit: number, theory: 'number' | 'date'): boolean {
  if (Math.abs(limit) > EXACT_LIMIT) return false;
  if (theory === 'date') return Number.isInteger(limit);
  return value.replace(/[eE].*$/, '').replaceAll(/\D/g, '').length <= MOST_DIGITS && !/[eE]/.test(value);
}

function rangeOf(operator: ConditionOperator, limit: number): Range<number> {
  const [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (operator.endsWith('LessThan')) return { low, high: limit, lowOpen: true, highOpen: true };
  if (operator.endsWith('LessThanEquals')) return { low, high: limit, lowOpen: true, highOpen: false };
  if (operator.endsWith('GreaterThan')) return { low: limit, high, lowOpen: true, highOpen: true };
  if (operator.endsWith('GreaterThanEquals')) return { low: limit, high, lowOpen: false, highOpen: true };
  return { low: limit, high: limit, lowOpen: false, highOpen: false };
}

/** Values of `IpAddress`: neighbouring and overlapping ranges are joined, so that looking a value up is cheap. */
export function compileAddresses(values: readonly string[]): LineUnion<bigint> {
  const ranges: { low: bigint; high: bigint }[] = [];
  for (const value of values) {
    const range = readRange(value);
    if (range === undefined) continue;
    const width = BigInt(range.address.length * 16);
    const address = range.address.reduce((sum, group) => (sum << 16n) + BigInt(group), 0n);
    const size = 1n << (width - BigInt(range.bits));
    const low = (address / size) * size + (range.address.length === 2 ? 0n : V6_BASE);
    ranges.push({ low, high: low + size - 1n });
  }
  const joined = join(ranges.map((range) => ({ ...range })));
  return {
    key: [...new Set(ranges.map(({ low, high }) => `${low}-${high}`))].sort().join(' '),
    ranges: joined.map((range) => ({ ...range, lowOpen: false, highOpen: false })),
    approximate: false,
  };
}

function join(ranges: readonly { low: bigint; high: bigint }[]): { low: bigint; high: bigint }[] {
  const sorted = [...ranges].sort((a, b) => (a.low < b.low ? -1 : 1));
  const joined: { low: bigint; high: bigint }[] = [];
  for (const { low, high } of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && low <= last.high + 1n) {
      if (high > last.high) last.high = high;
      continue;
    }
    joined.push({ low, high });
  }
  return joined;
}
