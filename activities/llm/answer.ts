import { z } from 'zod';
import { offlineAnswer } from '../../domain/explanation/answer.js';
import { checkText } from '../../domain/explanation/check.js';
import { type ExplanationInput, factsOf } from '../../domain/explanation/facts.js';
import type { ModelCallRow } from '../ledger/port.js';
import { askRedacted, factsForModel, knownNames, type ModelQuestion } from './ask-checked.js';

/** A person's question about a draft, and the facts that an answer may use. */
export type AnswerInput = ExplanationInput & ModelQuestion & { question: string };

/** An answer to a person's question about a draft. */
export interface Answered {
  answer: string;
  /** `offline`, or the model's name. */
  by: string;
  /** Set when a model worded it; then it is shown with the mark. */
  llmSessionId?: string;
  call?: ModelCallRow;
  note?: string;
}

const Answer = z.strictObject({ answer: z.string().max(4_000) });
const MAX_QUESTION_CHARACTERS = 2_000;

/**
 * Answers why something was removed or kept, and what is known about risk, log and proof. The answer comes from the
 * engine; a model may reword it under the same checks as an explanation.
 */
export async function answerQuestion(input: AnswerInput): Promise<Answered> {
  const own = offlineAnswer(input.question, input);
  if (input.model.kind === 'offline') return { answer: own, by: 'offline' };
  const facts = factsOf(input);
  const values = {
    question: input.question.slice(0, MAX_QUESTION_CHARACTERS),
    answer: own,
    facts: factsForModel(facts, {}),
  };
  const asked = await askRedacted(input, 'answer-question', values, Answer, knownNames(facts));
  if (!asked.ok) return { answer: own, by: 'offline', call: asked.call, note: `offline text: ${asked.why}` };
  const { text } = checkText(asked.restore(asked.value.answer), 'answer', facts, own);
  if (text === '')
    return {
      answer: own,
      by: 'offline',
      call: asked.call,
      note: 'offline text: nothing of the answer was backed by the facts',
    };
  return {
    answer: text,
    by: asked.call.model,
    llmSessionId: asked.call.llmSessionId,
    call: { ...asked.call, outcome: 'used' },
  };
}
