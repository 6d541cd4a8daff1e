import { type Finding, isDataFinding } from './finding.js';
import { belowFloor, graveLabels, type TriageFloor, triageScore } from './triage.js';

/** What is done about a finding: a whole life, a label that is asked for, or a line in the digest. */
export type TreatmentKind = 'deep-analysis' | 'label-suggestion' | 'digest-line';

/** What is done about a finding, and the sentence that says why. */
export interface Treatment {
  kind: TreatmentKind;
  /** For people: why it was taken up, or why not. */
  reason: string;
}

/** The treatment by severity and by the data that is affected. Pure: the same finding and floor give the same. */
export function treatmentOf(
  finding: Pick<Finding, 'severity' | 'labels' | 'kind' | 'subject' | 'tags'>,
  floor: TriageFloor,
): Treatment {
  const below = belowFloor(finding, floor);
  if (below === undefined) return { kind: 'deep-analysis', reason: `taken up: ${whyAbove(finding, floor)}` };
  if (isUnlabelledStore(finding))
    return { kind: 'label-suggestion', reason: `not taken up: ${below}; the store has no label yet` };
  return { kind: 'digest-line', reason: `not taken up: ${below}` };
}

function whyAbove(finding: Pick<Finding, 'severity' | 'labels'>, floor: TriageFloor): string {
  const labels = graveLabels(finding);
  const data = labels.length === 0 ? '' : `, and it is about ${labels.slice(0, 3).join(', ')}`;
  return `severity ${finding.severity}, score ${triageScore(finding)} of 100; the floor is ${floor.severity}, ${floor.score}${data}`;
}

/** Tags by which customers say what a store holds. */
const CLASSIFICATION_TAGS = /^(data[_-]?classification|classification|data[_-]?domain|sensitivity)$/i;

/** Whether nobody has said yet what is in a store: neither the platform by a label nor a person by a tag. */
export function isUnlabelledStore(finding: Pick<Finding, 'labels' | 'kind' | 'subject' | 'tags'>): boolean {
  if (finding.subject.type !== 'store' && !isDataFinding(finding)) return false;
  return (
    finding.labels.length === 0 && !Object.keys(finding.tags).some((tag) => CLASSIFICATION_TAGS.test(tag))
  );
}
