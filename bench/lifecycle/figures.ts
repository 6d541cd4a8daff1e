/** The middle of some figures and how far they lie apart. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** The middle and the ends of some figures, rounded. */
export function spreadOf(figures: readonly number[], digits = 2): Spread {
  const sorted = [...figures].sort((a, b) => a - b);
  return {
    median: rounded(quantile(sorted, 0.5), digits),
    min: rounded(sorted[0] ?? 0, digits),
    max: rounded(sorted.at(-1) ?? 0, digits),
  };
}

/** The figure that a share of them does not exceed, by linear interpolation; `sorted` ascends. */
export function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}

/** A figure as it is printed. */
export function rounded(figure: number, digits = 2): number {
  return Number(figure.toFixed(digits));
}
