/** Calls of one identity in one period. */
export interface PeriodCount {
  calls: number;
  denied: number;
  /** Distinct actions that were refused. */
  deniedActions: Set<string>;
}

/** How far a period's number of calls stands out from the identity's other periods; undefined when it does not. */
export interface VolumeJump {
  calls: number;
  usual: number;
  /** 0..1 */
  strength: number;
}

/** Fewer other periods than this are no baseline. */
const LEAST_PERIODS = 4;
/** Doublings beyond the busiest usual period that count as the most unusual. */
const FULL_DOUBLINGS = 4;

/**
 * The jump of a period over the median of the others: beyond five deviations (the median's absolute deviation, or the
 * counting error where that is larger) and beyond the busiest of them.
 */
export function volumeJump(counts: ReadonlyMap<number, PeriodCount>, period: number): VolumeJump | undefined {
  const calls = counts.get(period)?.calls ?? 0;
  const others = [...counts]
    .filter(([each]) => each !== period)
    .map(([, count]) => count.calls)
    .sort((a, b) => a - b);
  if (others.length < LEAST_PERIODS) return undefined;
  const usual = middle(others);
  const deviations = others.map((each) => Math.abs(each - usual)).sort((a, b) => a - b);
  const spread = Math.max(1.4826 * middle(deviations), Math.sqrt(usual), 1);
  const busiest = others.at(-1) ?? 0;
  if (calls < usual + 5 * spread || calls <= busiest) return undefined;
  const doublings = Math.log2(calls / Math.max(usual + 2 * spread, 1));
  return { calls, usual, strength: Math.min(1, doublings / FULL_DOUBLINGS) };
}

function middle(sorted: readonly number[]): number {
  const half = Math.floor(sorted.length / 2);
  if (sorted.length % 2 === 1) return sorted[half] ?? 0;
  return ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
}

/** More refusals than the identity usually gets; `actions` that were refused tell probing from one broken call. */
export interface DeniedBurst {
  denied: number;
  actions: number;
  /** 0..1 */
  strength: number;
}

const LEAST_DENIED = 3;

/** The refusals of a period against the identity's rate in its other periods; undefined when they are nothing special. */
export function deniedBurst(
  counts: ReadonlyMap<number, PeriodCount>,
  period: number,
): DeniedBurst | undefined {
  const here = counts.get(period);
  if (here === undefined || here.denied < LEAST_DENIED) return undefined;
  let calls = 0;
  let denied = 0;
  for (const [each, count] of counts) {
    if (each === period) continue;
    calls += count.calls;
    denied += count.denied;
  }
  const expected = Math.max(0.25, ((denied + 0.5) / (calls + 10)) * here.calls);
  if (here.denied < 3 * expected) return undefined;
  const breadth = Math.min(1, 0.5 + here.deniedActions.size / 8);
  return {
    denied: here.denied,
    actions: here.deniedActions.size,
    strength: Math.min(1, Math.log2(here.denied / expected) / 5) * breadth,
  };
}
