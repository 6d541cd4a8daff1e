import type { Finding } from '../../domain/finding/finding.js';
import type { Disposition } from './port.js';

/** What the ledger knows of a finding when it is reported again. */
export interface KnownFinding {
  fingerprint: string;
  generation: number;
  sourceState: 'open' | 'resolved';
  stage: string;
  outcome: string | null;
  lastScanId: string;
  lastDisposition: string;
}

/** Ends that say "it is gone". Seeing it again is a return, whatever ended it otherwise stays as it ended. */
const GONE = new Set<string | null>(['verified', 'auto-remediated', 'resolved-at-source']);

/** Whether the source still reports it as something to fix. */
export function sourceStateOf(status: Finding['status']): 'open' | 'resolved' {
  return status === 'resolved' || status === 'ignored' ? 'resolved' : 'open';
}

/**
 * What a report means for a finding, and which generation it is in then.
 *
 * A report of a resolved finding starts nothing, so it is `unchanged`. The same report of the same scan gives the same answer
 * again while nothing has taken the finding up: an intake that died before it started a workflow must be told once more.
 */
export function dispositionOf(
  known: KnownFinding | undefined,
  report: { scanId: string; fingerprint: string; sourceState: 'open' | 'resolved' },
): { disposition: Disposition; generation: number } {
  if (known === undefined) {
    return { disposition: report.sourceState === 'open' ? 'new' : 'unchanged', generation: 1 };
  }
  const { generation } = known;
  if (report.sourceState === 'resolved') return { disposition: 'unchanged', generation };
  if (isRepetition(known, report)) return { disposition: known.lastDisposition as Disposition, generation };
  const closed = known.stage === 'closed';
  const ended = closed || known.stage === 'stopped';
  // A life that still runs goes on: its generation is the workflow's, and a second one must not begin beside it.
  if (ended && (known.sourceState === 'resolved' || GONE.has(known.outcome))) {
    return { disposition: 'reopened', generation: generation + 1 };
  }
  if (known.fingerprint === report.fingerprint) return { disposition: 'unchanged', generation };
  return { disposition: 'changed', generation: closed ? generation + 1 : generation };
}

function isRepetition(known: KnownFinding, report: { scanId: string; fingerprint: string }): boolean {
  if (known.lastScanId !== report.scanId || known.fingerprint !== report.fingerprint) return false;
  if (known.sourceState === 'resolved') return false;
  return known.stage === 'new' || (known.lastDisposition !== 'new' && known.stage !== 'closed');
}
