/** Calls of one identity in one period. */
export interface PeriodCount {
  calls: number;
  denied: number;
  /** Distinct actions that were refused. */
  deniedActions: Set<string>;
  /** Calls that failed otherwise, and their distinct actions. */
  failed: number;
  failedActions: Set<string>;
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

/** More failures than the identity usually gets; how many `actions` failed tells probing from one broken call. */
export interface FailureBurst {
  calls: number;
  actions: number;
  /** 0..1 */
  strength: number;
}

const LEAST_FAILURES = 3;

/** Which failures: refused for authorisation, or for any other reason. */
export type FailureKind = 'denied' | 'failed';

/** The failures of a period against the identity's rate in its other periods; undefined when they are nothing special. */
export function failureBurst(
  counts: ReadonlyMap<number, PeriodCount>,
  period: number,
  kind: FailureKind,
): FailureBurst | undefined {
  const here = counts.get(period);
  const failures = here?.[kind] ?? 0;
  if (here === undefined || failures < LEAST_FAILURES) return undefined;
  let calls = 0;
  let usual = 0;
  for (const [each, count] of counts) {
    if (each === period) continue;
    calls += count.calls;
    usual += count[kind];
  }
  const expected = Math.max(0.25, ((usual + 0.5) / (calls + 10)) * here.calls);
  if (failures < 3 * expected) return undefined;
  const actions = (kind === 'denied' ? here.deniedActions : here.failedActions).size;
  const breadth = Math.min(1, 0.5 + actions / 8);
  return {
    calls: failures,
    actions,
    strength: Math.min(1, Math.log2(failures / expected) / 5) * breadth,
  };
}
