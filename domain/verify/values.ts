/** An input that the verifier does not take. */
export class Refusal extends Error {}

/** A range on a line of numbers, instants (in milliseconds) or addresses (version 4 from 0, version 6 from 2^40). */
export interface Range {
  low: number | bigint;
  high: number | bigint;
  lowOpen: boolean;
  highOpen: boolean;
}
type Ranges = readonly Range[];

/** Whether no point is in a range of each of `within` and in none of `outside`. */
export function isEmptyLine(within: readonly Ranges[], outside: readonly Ranges[]): boolean {
  const ends = [...within, ...outside].flat().flatMap(({ low, high }) => [low, high]);
  const line = [...new Set(ends)].sort((a, b) => (a < b ? -1 : 1));
  const rank = new Map(line.map((end, i) => [end, 2 * i]));
  // Even cells are the ends themselves, odd ones what lies between two of them.
  const holds = (ranges: Ranges, cell: number): boolean =>
    ranges.some(
      ({ low, high, lowOpen, highOpen }) =>
        (rank.get(low) ?? 0) + Number(lowOpen) <= cell && cell <= (rank.get(high) ?? 0) - Number(highOpen),
    );
  for (let cell = -1; cell < 2 * line.length; cell += 1) {
    if (within.every((list) => holds(list, cell)) && !outside.some((list) => holds(list, cell))) return false;
  }
  return true;
}

const V6 = 1n << 40n;
const block = (low: bigint, size: bigint): Range => ({
  low,
  high: low + size,
  lowOpen: false,
  highOpen: true,
});
/** All addresses there are. */
export const ADDRESSES: Ranges = [block(0n, 1n << 32n), block(V6, 1n << 128n)];

/** The addresses of an `IpAddress` value. @throws Refusal for what is no plain prefix. */
export function readPrefix(text: string): Range {
  const [address = '', bits, more] = text.split('/');
  const isV6 = address.includes(':');
  const halves = address.split('::').map((half) => (half === '' ? [] : half.split(isV6 ? ':' : '.')));
  const [count, width, most] = [halves.flat().length, isV6 ? 16 : 8, isV6 ? 8 : 4];
  const zeros = Array.from({ length: halves.length === 2 ? most - count : 0 }, () => '0');
  const groups = [...(halves[0] ?? []), ...zeros, ...(halves[1] ?? [])];
  const form = isV6 ? /^[0-9a-f]{1,4}$/i : /^\d{1,3}$/;
  const prefix = Number(bits ?? most * width);
  const strange = more !== undefined || !/^\d{0,3}$/.test(bits ?? '') || bits === '' || prefix > most * width;
  if (strange || halves.length > 2 || groups.length !== most || !groups.every((group) => form.test(group))) {
    throw new Refusal(`${text.slice(0, 60)} is no address that the verifier reads`);
  }
  const numbers = groups.map((group) => BigInt(isV6 ? `0x${group}` : group));
  if (numbers.some((group) => group >> BigInt(width) > 0n))
    throw new Refusal(`${text.slice(0, 60)} is no address`);
  const value = numbers.reduce((sum, group) => (sum << BigInt(width)) + group, 0n);
  const size = 1n << BigInt(most * width - prefix);
  return block(value - (value % size) + (isV6 ? V6 : 0n), size);
}

/** The range of a numeric or date value (`operator` in lower case); undefined for a value that is not plain. */
export function readRange(operator: string, text: string): Range | undefined {
  const isDate = operator.startsWith('date');
  const plain = isDate
    ? /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,3})?Z)?$/
    : /^-?(?=[\d.]{1,15}$)\d+(\.\d+)?$/;
  const value = isDate ? Date.parse(text) : Number(text);
  if (!plain.test(text) || !Number.isFinite(value)) return undefined;
  // A day that its month does not have is no date.
  if (isDate && new Date(value).toISOString().slice(0, 10) !== text.slice(0, 10)) return undefined;
  const [, direction, equals] = /(less|greater)than(equals)?$/.exec(operator) ?? [];
  const open = equals === undefined;
  if (direction === 'less')
    return { low: Number.NEGATIVE_INFINITY, high: value, lowOpen: true, highOpen: open };
  if (direction === 'greater')
    return { low: value, high: Number.POSITIVE_INFINITY, lowOpen: open, highOpen: true };
  return { low: value, high: value, lowOpen: false, highOpen: false };
}
