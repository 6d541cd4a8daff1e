import { type Finding, SEVERITIES, type Severity } from './finding.js';

/** What is taken up at once; what is below is kept, scored and listed, and can be picked up later. */
export interface TriageFloor {
  severity: Severity;
  /** 0..100 */
  score: number;
}

/** The floor under which less falls, part by part. */
export function lowerFloor(a: TriageFloor, b: TriageFloor): TriageFloor {
  const severity = SEVERITIES.indexOf(a.severity) >= SEVERITIES.indexOf(b.severity) ? a.severity : b.severity;
  return { severity, score: Math.min(a.score, b.score) };
}

/** The floor that counts for a finding: its platform's own, else the general one. */
export function floorOf(
  settings: { floor: TriageFloor; floors: ReadonlyMap<string, TriageFloor> },
  finding: Pick<Finding, 'source'>,
): TriageFloor {
  return settings.floors.get(finding.source) ?? settings.floor;
}

const BASE: Readonly<Record<Severity, number>> = { critical: 90, high: 70, medium: 45, low: 20, info: 5 };
const WEIGHTY_LABELS = ['PHI', 'PCI', 'PII', 'credentials'];

/** Labels of a finding whose loss must be reported, or opens other doors. */
export function graveLabels(finding: Pick<Finding, 'labels'>): readonly string[] {
  return finding.labels.filter((label) =>
    WEIGHTY_LABELS.some((known) => label === known || label.startsWith(`${known}.`)),
  );
}

/** A first score before anything is known about the company: the source's severity, and the data it names. 0..100. */
export function triageScore(finding: Pick<Finding, 'severity' | 'labels'>): number {
  return Math.min(100, BASE[finding.severity] + (graveLabels(finding).length > 0 ? 5 : 0));
}

/**
 * Why a finding stays below the floor, or undefined when it is taken up. Data whose loss must be reported counts one
 * severity higher than the platform says.
 */
export function belowFloor(
  finding: Pick<Finding, 'severity' | 'labels'>,
  floor: TriageFloor,
): string | undefined {
  const lifted = graveLabels(finding).length > 0 ? 1 : 0;
  if (SEVERITIES.indexOf(finding.severity) - lifted > SEVERITIES.indexOf(floor.severity)) {
    return `severity ${finding.severity} is below the floor ${floor.severity}`;
  }
  const score = triageScore(finding);
  return score < floor.score ? `score ${score} is below the floor ${floor.score}` : undefined;
}
