/** How unusual a value is at a time, in bits: against what came before, and against everything at other times. */
export interface Novelty {
  /** Never seen before this time: the surprise of something new. 0 when it was seen before, or nothing was. */
  before: number;
  /** Seldom or never seen at other times, earlier or later. */
  elsewhere: number;
  /** Periods before this one with any value. */
  periods: number;
  /** Distinct values before. */
  known: number;
}

const NOTHING: Novelty = { before: 0, elsewhere: 0, periods: 0, known: 0 };

interface Period {
  values: Set<string>;
  /** Sums over all earlier periods. */
  tokensBefore: number;
  singlesBefore: number;
  periodsBefore: number;
  knownBefore: number;
}

/**
 * Which values occurred in which period (a day, an hour), for one identity or for all.
 *
 * The chance that the next value is a new one is Good and Turing's estimate: values seen in one period only ÷ all
 * (period, value) pairs. So an identity that does five things every day surprises with a sixth, and one that does
 * something else every day does not. I. J. Good, The population frequencies of species, Biometrika 40 (1953).
 */
export class History {
  readonly #periods = new Map<number, Period>();
  readonly #seen = new Map<string, number[]>();
  #tokens = 0;
  #singles = 0;
  #closed = false;

  /** `value` occurred in the period. */
  add(value: string, period: number): void {
    const known = this.#periods.get(period);
    if (known?.values.has(value) === true) return;
    const open = known ?? {
      values: new Set<string>(),
      tokensBefore: 0,
      singlesBefore: 0,
      periodsBefore: 0,
      knownBefore: 0,
    };
    open.values.add(value);
    this.#periods.set(period, open);
    const times = this.#seen.get(value);
    if (times === undefined) this.#seen.set(value, [period]);
    else times.push(period);
    this.#closed = false;
  }

  /** How unusual it is that the value occurs in the period. */
  novelty(value: string, period: number): Novelty {
    if (!this.#closed) this.#close();
    const at = this.#periods.get(period);
    const times = this.#seen.get(value);
    if (at === undefined || times === undefined) return NOTHING;
    const first = times[0] === period;
    return {
      before: first ? surprise(at.singlesBefore, at.tokensBefore) : 0,
      elsewhere: this.#elsewhere(times, at, period),
      periods: at.periodsBefore,
      known: at.knownBefore,
    };
  }

  #elsewhere(times: readonly number[], at: Period, period: number): number {
    const others = this.#periods.size - 1;
    if (others === 0) return 0;
    if (times.length > 1) return Math.log2(others / (times.length - 1));
    let singles = this.#singles;
    for (const value of at.values) {
      const count = this.#seen.get(value)?.length ?? 0;
      if (count === 1) singles -= 1;
      if (count === 2) singles += 1;
    }
    return surprise(singles, this.#tokens - (this.#periods.get(period)?.values.size ?? 0));
  }

  #close(): void {
    const first = new Map<number, number>();
    const second = new Map<number, number>();
    this.#singles = 0;
    for (const times of this.#seen.values()) {
      times.sort((a, b) => a - b);
      const [one, two] = times;
      if (one !== undefined) first.set(one, (first.get(one) ?? 0) + 1);
      if (two !== undefined) second.set(two, (second.get(two) ?? 0) + 1);
      if (times.length === 1) this.#singles += 1;
    }
    let tokens = 0;
    let singles = 0;
    let known = 0;
    let count = 0;
    for (const [time, period] of [...this.#periods].sort(([a], [b]) => a - b)) {
      period.tokensBefore = tokens;
      period.singlesBefore = singles;
      period.knownBefore = known;
      period.periodsBefore = count;
      tokens += period.values.size;
      singles += (first.get(time) ?? 0) - (second.get(time) ?? 0);
      known += first.get(time) ?? 0;
      count += 1;
    }
    this.#tokens = tokens;
    this.#closed = true;
  }
}

/** Bits of surprise that a value is new, when `singles` of `tokens` were. */
function surprise(singles: number, tokens: number): number {
  return tokens === 0 ? 0 : Math.max(0, -Math.log2((singles + 0.5) / (tokens + 1)));
}
