import { summariseChange } from '../change/render.js';
import type { Draft } from '../proof/proof.js';
import type { DraftResult } from './model.js';

/** A draft in plain words, every sentence from the engine's own results. */
export interface DraftExplanation {
  summary: string;
  whyItMatters: string;
  whatChanges: string;
  whatStays: string;
  proof: string;
}

/** A factor of the risk score that is worth a sentence. */
const STRONG_FACTOR = 0.7;

/** Explains a draft, or why there is none. */
export function explainDraft(result: DraftResult, title: string): DraftExplanation {
  if (result.kind !== 'draft') {
    const done = result.kind === 'no-change' ? 'Nothing is to be changed' : 'Curtail does not draft this fix';
    return {
      summary: `${title}. ${done}: ${result.reason}`,
      whyItMatters: '',
      whatChanges: '',
      whatStays: '',
      proof: '',
    };
  }
  const { draft } = result;
  return {
    summary: `${title}. Risk ${draft.riskBefore.value} (${draft.riskBefore.band}) becomes ${draft.riskAfter.value} (${draft.riskAfter.band}).`,
    whyItMatters: whyWords(draft),
    whatChanges: [...draft.changes.map(summariseChange), removedWords(draft)]
      .filter((text) => text !== '')
      .join(' '),
    whatStays: keptWords(draft),
    proof: proofWords(draft),
  };
}

function whyWords(draft: Draft): string {
  const sentences = draft.removed
    .map((each) => each.reason)
    .filter((reason) => /its holder can|changes who may/.test(reason));
  const closed = draft.proof.paths?.closed ?? [];
  const paths =
    closed.length === 0
      ? []
      : [
          `${count(closed.length, 'escalation path')} would be closed, for instance ${closed[0]?.technique ?? ''} to ${closed[0]?.to ?? ''}.`,
        ];
  const factors = draft.riskBefore.parts
    .filter((part) => part.factor >= STRONG_FACTOR)
    .map((part) => part.why);
  return (
    [...paths, ...sentences.slice(0, 3), ...factors.slice(0, 3)].join(' ') ||
    'Permissions that nobody uses help only somebody who takes the identity over.'
  );
}

function removedWords({ removed }: Draft): string {
  if (removed.length === 0) return '';
  const names = removed
    .slice(0, 5)
    .map((each) => each.action)
    .join(', ');
  return `${count(removed.length, 'permission')} would go${removed[0]?.action === '*' ? '' : `: ${names}${removed.length > 5 ? ', …' : ''}`}.`;
}

function keptWords({ kept, usedHighRisk }: Draft): string {
  const used = kept.filter((each) => each.reasonCode.startsWith('used')).length;
  const other = kept.length - used;
  const parts = [
    used === 0 ? '' : `${count(used, 'permission')} that ${used === 1 ? 'was' : 'were'} used stay.`,
    other === 0
      ? ''
      : `${count(other, 'more permission')} stay because the log cannot show their use or a workload needs them.`,
    ...usedHighRisk.slice(0, 3).map((each) => each.reason),
  ];
  return parts.filter((text) => text !== '').join(' ');
}

function proofWords({ proof }: Draft): string {
  const access = proof.noNewAccess.every((each) => each.verdict === 'PASS')
    ? 'The change allows nothing that was not allowed before.'
    : 'That the change allows nothing new is not proved.';
  const usage =
    proof.usage === null
      ? ''
      : `${proof.usage.replayed} of ${proof.usage.total} recorded calls were replayed and ${proof.usage.newlyDenied.length} would newly be denied.`;
  return [access, usage, ...proof.blindSpots].filter((text) => text !== '').join(' ');
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
