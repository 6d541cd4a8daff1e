import { type Finding, type FindingKind, isDataFinding, SEVERITIES } from '../finding/finding.js';
import type { Treatment } from '../finding/treatment.js';
import type { Outcome, Stage } from '../lifecycle/stage.js';
import type { RiskScore } from '../proof/proof.js';

/** A finding as the digest needs it; a row of the ledger is one. */
export interface DigestFinding {
  key: string;
  finding: Finding;
  sourceState: 'open' | 'resolved';
  firstSeenMs: number;
  lastSeenMs: number;
  updatedMs: number;
  stage: Stage;
  outcome?: Outcome;
  environment?: string;
  owner?: string;
  risk?: RiskScore;
  requestId?: string;
  waitingFor?: string;
  /** Why it was taken up, or why not. */
  treatment?: Treatment;
  /** What it shares with others: they are one line. */
  clusterId?: string;
}

/** One line of the digest: what it is, how bad, where it stands, and why it is listed here. */
export interface DigestItem {
  key: string;
  title: string;
  kind: FindingKind;
  severity: Finding['severity'];
  /** 0..100; undefined while it was not scored. */
  risk?: number;
  environment: string;
  owner?: string;
  stage: Stage;
  outcome?: Outcome;
  requestId?: string;
  /** One sentence: what puts it at this place. */
  because: string;
  /** What it is about, as people call it. */
  subject: string;
  /** How many findings share its cause; 1 when it stands alone. */
  findings: number;
}

/** A week in one value; every view (page, mail, chat) shows the same. */
export interface Digest {
  fromMs: number;
  toMs: number;
  numbers: {
    new: number;
    fixed: number;
    awaitingDecision: number;
    /** Parked, stopped or rolled back: a person must look. */
    needAttention: number;
    expired: number;
    openIdentity: number;
    openData: number;
    belowFloor: number;
  };
  /** The worst open identity findings, worst first. */
  identityRisks: readonly DigestItem[];
  /** Open data findings in the order in which to take them. */
  dataFindings: readonly DigestItem[];
  /** Nothing new, nothing open, nothing fixed. */
  quiet: boolean;
}

/** A week, in milliseconds. */
export const WEEK_MS = 7 * 86_400_000;
/** Longest lists of a digest: what does not fit is not read. */
export const DIGEST_TOP = 10;

/** Outcomes after which a finding is no longer a risk to list. */
const SETTLED: readonly Outcome[] = [
  'verified',
  'auto-remediated',
  'no-change',
  'resolved-at-source',
  'rejected',
  'cancelled',
];
const FIXED: readonly Outcome[] = ['verified', 'auto-remediated'];

/** The digest of the week that ends at `toMs`. Pure: the same rows give the same digest. */
export function weeklyDigest(rows: readonly DigestFinding[], toMs: number): Digest {
  const fromMs = toMs - WEEK_MS;
  const open = rows.filter(isOpenRisk);
  const inWeek = (ms: number): boolean => ms > fromMs && ms <= toMs;
  const ended = (outcomes: readonly Outcome[]): number =>
    rows.filter((row) => row.outcome !== undefined && outcomes.includes(row.outcome) && inWeek(row.updatedMs))
      .length;
  const numbers = {
    new: rows.filter((row) => inWeek(row.firstSeenMs)).length,
    fixed: ended(FIXED),
    awaitingDecision: rows.filter((row) => row.stage === 'awaiting-decision').length,
    needAttention:
      rows.filter((row) => row.stage === 'parked' || row.stage === 'stopped').length + ended(['rolled-back']),
    expired: ended(['expired']),
    openIdentity: open.filter((row) => !isDataFinding(row.finding)).length,
    openData: open.filter((row) => isDataFinding(row.finding)).length,
    belowFloor: open.filter((row) => row.outcome === 'below-floor').length,
  };
  return {
    fromMs,
    toMs,
    numbers,
    identityRisks: top(
      open.filter((row) => !isDataFinding(row.finding)),
      riskOf,
      identityReason,
    ),
    dataFindings: top(
      open.filter((row) => isDataFinding(row.finding)),
      dataUrgency,
      dataReason,
    ),
    quiet: open.length === 0 && numbers.new === 0 && numbers.fixed === 0,
  };
}

function isOpenRisk(row: DigestFinding): boolean {
  if (row.sourceState === 'resolved') return false;
  return row.outcome === undefined || !SETTLED.includes(row.outcome);
}

function top(
  rows: readonly DigestFinding[],
  weight: (row: DigestFinding) => number,
  because: (row: DigestFinding) => string,
): readonly DigestItem[] {
  const ranked = rows.map((row) => ({ row, weight: weight(row) }));
  // Equal weights fall back to the key, so that two runs list the same things.
  ranked.sort((a, b) => b.weight - a.weight || (a.row.key < b.row.key ? -1 : 1));
  const groups = new Map<string, DigestFinding[]>();
  for (const { row } of ranked) groups.set(causeOf(row), [...(groups.get(causeOf(row)) ?? []), row]);
  return [...groups.values()].slice(0, DIGEST_TOP).flatMap((group) => {
    const [worst] = group;
    return worst === undefined ? [] : [toItem(worst, because(worst), group.length)];
  });
}

/** Findings with one cause are one line, and one decision. */
function causeOf(row: DigestFinding): string {
  return row.clusterId ?? row.key;
}

function toItem(row: DigestFinding, because: string, findings: number): DigestItem {
  return {
    subject: row.finding.subject.name,
    findings,
    key: row.key,
    title: row.finding.title,
    kind: row.finding.kind,
    severity: row.finding.severity,
    environment: row.environment ?? 'unknown',
    stage: row.stage,
    because,
    ...(row.risk !== undefined && { risk: Math.round(row.risk.value) }),
    ...(row.owner !== undefined && { owner: row.owner }),
    ...(row.outcome !== undefined && { outcome: row.outcome }),
    ...(row.requestId !== undefined && { requestId: row.requestId }),
  };
}

/** Our score, or a rank from the source's severity while there is none. */
function riskOf(row: DigestFinding): number {
  return row.risk?.value ?? (SEVERITIES.length - 1 - SEVERITIES.indexOf(row.finding.severity)) * 20;
}

function identityReason(row: DigestFinding): string {
  const main = row.risk?.parts.toSorted((a, b) => b.factor - a.factor)[0];
  if (main !== undefined) return main.why;
  const why = row.treatment?.reason ?? 'not scored yet';
  return `Severity ${row.finding.severity} by ${row.finding.source}; ${why}.`;
}

/** How soon a kind of data finding hurts: exposure first, hygiene last. */
const DATA_URGENCY: Readonly<Partial<Record<FindingKind, { weight: number; why: string }>>> = {
  'public-data': { weight: 130, why: 'Anyone on the internet can read it' },
  'over-shared-data': { weight: 60, why: 'More people can read it than need to' },
  'misplaced-data': { weight: 40, why: 'Sensitive data lies where its protection does not reach' },
  'unencrypted-data': { weight: 30, why: 'It is not encrypted at rest' },
  'unlogged-data': { weight: 20, why: 'Nobody would see who read it' },
  'unclassified-data': { weight: 15, why: 'Nobody knows yet what is in it' },
  'stale-data': { weight: 5, why: 'It is kept although nobody uses it' },
};
/** Labels whose loss must be reported, or opens other doors. */
const GRAVE_LABELS = ['PII', 'PHI', 'PCI', 'credentials'];

function graveLabels(row: DigestFinding): readonly string[] {
  return row.finding.labels.filter((label) => GRAVE_LABELS.includes(label.split('.')[0] ?? ''));
}

function dataUrgency(row: DigestFinding): number {
  const kind = DATA_URGENCY[row.finding.kind]?.weight ?? 10;
  const labels = graveLabels(row).length > 0 ? 30 : 0;
  const production = row.environment === 'production' ? 15 : 0;
  return kind + labels + production + riskOf(row) / 4;
}

function dataReason(row: DigestFinding): string {
  const labels = graveLabels(row);
  const parts = [
    DATA_URGENCY[row.finding.kind]?.why ?? 'It holds data',
    ...(labels.length > 0 ? [`it holds ${labels.slice(0, 3).join(', ')}`] : []),
    ...(row.environment === 'production' ? ['it is in production'] : []),
    ...(row.outcome === 'below-floor' && row.treatment !== undefined ? [row.treatment.reason] : []),
  ];
  return `${parts.join('; ')}.`;
}

/** What an item is about, in words: one thing, or one cause of several findings. */
export function subjectWords(item: Pick<DigestItem, 'subject' | 'findings'>): string {
  return item.findings === 1 ? item.subject : `${item.subject} and ${item.findings - 1} more, one cause`;
}
