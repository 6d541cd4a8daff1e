import { z } from 'zod';
import { type CheckedText, checkText } from '../../domain/explanation/check.js';
import { type ExplanationFacts, type ExplanationInput, factsOf } from '../../domain/explanation/facts.js';
import { type ExplanationTexts, offlineTexts } from '../../domain/explanation/offline.js';
import type { Explanation } from '../../domain/lifecycle/context.js';
import type { ModelCallRow } from '../ledger/port.js';
import { askRedacted, factsForModel, knownNames, type ModelQuestion } from './ask-checked.js';

/** The facts that an explanation may use, and for whom it is asked. */
export type ExplainInput = ExplanationInput & ModelQuestion;

/** An explanation, the row of the model call if there was one, and why the model's text was not used if it was not. */
export interface Explained {
  explanation: Explanation;
  call?: ModelCallRow;
  note?: string;
}

const Text = z.string().max(4_000);
const Answer = z.strictObject({ summary: Text, whyItMatters: Text, whatChanges: Text, whatStays: Text });
const PARTS = [
  'summary',
  'whyItMatters',
  'whatChanges',
  'whatStays',
] as const satisfies readonly (keyof ExplanationTexts)[];

/**
 * Explains a finding and its draft in plain words. The engine's own text is always made; a model may reword it, and
 * every sentence of its own that says more than the facts is dropped. Whatever goes wrong with the model, the
 * engine's text stands and `by` says `offline`.
 */
export async function explainDraft(input: ExplainInput): Promise<Explained> {
  const facts = factsOf(input);
  const texts = offlineTexts(facts);
  const own: Explanation = { ...texts, by: 'offline', dropped: 0 };
  if (input.model.kind === 'offline') return { explanation: own };
  const asked = await askRedacted(
    input,
    'explain-finding',
    { facts: factsForModel(facts, { ...texts }) },
    Answer,
    knownNames(facts),
  );
  if (!asked.ok) return { explanation: own, call: asked.call, note: `offline text: ${asked.why}` };
  const checked = checkParts(asked.value, asked.restore, facts);
  const dropped = PARTS.reduce((sum, part) => sum + checked[part].dropped, 0);
  if (PARTS.every((part) => checked[part].text === '')) {
    return {
      explanation: { ...own, dropped },
      call: asked.call,
      note: 'offline text: nothing of the answer was backed by the facts',
    };
  }
  const explanation: Explanation = {
    summary: checked.summary.text || texts.summary,
    whyItMatters: checked.whyItMatters.text || texts.whyItMatters,
    whatChanges: checked.whatChanges.text || texts.whatChanges,
    whatStays: checked.whatStays.text || texts.whatStays,
    llmSessionId: asked.call.llmSessionId,
    by: asked.call.model,
    promptRef: asked.promptRef,
    dropped,
  };
  return { explanation, call: { ...asked.call, outcome: 'used' } };
}

function checkParts(
  answer: z.output<typeof Answer>,
  restore: (text: string) => string,
  facts: ExplanationFacts,
): Record<(typeof PARTS)[number], CheckedText> {
  const check = (part: (typeof PARTS)[number]): CheckedText => checkText(restore(answer[part]), part, facts);
  return {
    summary: check('summary'),
    whyItMatters: check('whyItMatters'),
    whatChanges: check('whatChanges'),
    whatStays: check('whatStays'),
  };
}
