import type { Escalation, PathAnswer } from '../graph/paths.js';
import type { ReportPath } from './model.js';

/**
 * The paths of the identities that were asked about. Those of one identity that differ in nothing but where they end
 * are one entry: somebody who may pass any role to a function has as many paths as there are roles.
 */
export function groupPaths(before: PathAnswer, after: PathAnswer, asked: ReadonlySet<string>): ReportPath[] {
  const left = new Set(after.escalations.map(keyOf));
  const groups = new Map<string, ReportPath & { also: string[] }>();
  for (const path of before.escalations) {
    if (!asked.has(path.from)) continue;
    const { from, to, technique, gain, status, assumptions } = path;
    const closed = !left.has(keyOf(path));
    const key = `${from} ${technique} ${gain} ${status} ${path.path.length} ${closed}`;
    const known = groups.get(key);
    if (known === undefined)
      groups.set(key, { from, to, also: [], technique, gain, status, steps: path.path, assumptions, closed });
    else known.also.push(to);
  }
  return [...groups.values()].sort(byWeight);
}

function keyOf({ from, to, technique, status }: Escalation): string {
  return `${from} ${to} ${technique} ${status}`;
}

// What a reader has to see first: what is open, stays open, and ends with an administrator.
function byWeight(a: ReportPath, b: ReportPath): number {
  return weightOf(b) - weightOf(a) || a.steps.length - b.steps.length;
}

function weightOf({ status, gain, closed }: ReportPath): number {
  return (status === 'open' ? 4 : 0) + (gain === 'administrator' ? 2 : 0) + (closed ? 0 : 1);
}
