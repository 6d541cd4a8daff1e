/** A small seeded generator (mulberry32), so that the same seed writes the same organisation on every machine. */
export interface Random {
  /** 0 ≤ x < 1. */
  next(): number;
  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** Lower-case hexadecimal digits. */
  hex(digits: number): string;
  /** The text form of a UUID of version 4. */
  uuid(): string;
}

/** Numbers that look random and are the same for the same seed. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => between(0, 15).toString(16)).join('');
  const uuid = (): string =>
    `${hex(8)}-${hex(4)}-4${hex(3)}-${'89ab'.charAt(between(0, 3))}${hex(3)}-${hex(12)}`;
  return { next, between, hex, uuid };
}
