import type { Draft } from '../proof/proof.js';
import { type ExplanationFacts, type ExplanationInput, factsOf } from './facts.js';
import { offlineTexts } from './offline.js';
import { counted, listed, sentences } from './words.js';

const MAX_QUESTION_CHARACTERS = 2_000;
const MAX_ACTIONS = 3;

/** What a question can be about, besides single actions. */
const TOPICS: readonly {
  pattern: RegExp;
  answer: (facts: ExplanationFacts, draft: Draft | undefined) => string;
}[] = [
  { pattern: /\b(?:risk|score|severity|danger)/i, answer: riskAnswer },
  { pattern: /\b(?:confiden|sure|trust|certain)/i, answer: confidenceAnswer },
  {
    pattern: /\b(?:prove|proof|proved|verif|guarante|break|deny|denied)/i,
    answer: (facts, draft) => sentences(offlineTexts(facts).whatStays, guardrailAnswer(draft)),
  },
  { pattern: /\b(?:log|blind|window|usage|used|days)\b/i, answer: windowAnswer },
  { pattern: /\b(?:keep|kept|stay|remain|still)/i, answer: (facts) => offlineTexts(facts).whatStays },
  {
    pattern: /\b(?:remov|chang|lose|lost|drop|delet|fix)/i,
    answer: (facts) => offlineTexts(facts).whatChanges,
  },
  {
    pattern: /\b(?:matter|important|attack|escalat|path|reach|why)\b/i,
    answer: (facts) => offlineTexts(facts).whyItMatters,
  },
];

/** Answers a question about a draft from its reasons and its proof: why an action goes or stays, risk, confidence, proof. */
export function offlineAnswer(question: string, input: ExplanationInput): string {
  const asked = question.slice(0, MAX_QUESTION_CHARACTERS);
  const facts = factsOf(input);
  const about = mentioned(asked, facts).slice(0, MAX_ACTIONS);
  if (about.length > 0) return about.map((action) => actionAnswer(action, facts, input.draft)).join(' ');
  const named = asked.match(/(?<![\w:/-])[a-z][a-z0-9-]{1,40}:[A-Za-z*]{1,80}/)?.[0];
  if (named !== undefined)
    return `The draft neither removes nor keeps ${named}: the policies it changes do not allow it.`;
  const topic = TOPICS.find(({ pattern }) => pattern.test(asked));
  return topic?.answer(facts, input.draft) ?? fallback(facts);
}

/** Actions that the question names, with their service or without it. */
function mentioned(question: string, facts: ExplanationFacts): string[] {
  const words = new Set(question.toLowerCase().match(/[a-z0-9][a-z0-9:*-]*/g) ?? []);
  const all = [...facts.removed, ...facts.kept].map(({ action }) => action);
  const exact = all.filter((action) => words.has(action.toLowerCase()));
  if (exact.length > 0) return [...new Set(exact)];
  return [...new Set(all.filter((action) => words.has(action.toLowerCase().split(':')[1] ?? '')))];
}

function actionAnswer(action: string, facts: ExplanationFacts, draft: Draft | undefined): string {
  const same = (other: { action: string }): boolean => other.action.toLowerCase() === action.toLowerCase();
  const removed = facts.removed.find(same);
  const kept = facts.kept.find(same);
  const danger = facts.dangers.find(same);
  const why = draft?.justification.find(same)?.why;
  return sentences(
    removed !== undefined && `${removed.action} is removed. ${removed.reason}`,
    removed !== undefined && danger !== undefined && `Its holder can ${danger.words}.`,
    kept !== undefined && `${kept.action} stays. ${kept.reason}`,
    kept !== undefined && why !== undefined && why !== kept.reason && why,
  );
}

function riskAnswer({ risk }: ExplanationFacts, draft: Draft | undefined): string {
  if (risk === undefined || draft === undefined)
    return 'There is no draft, so no change of the risk score is known.';
  const parts = draft.riskBefore.parts.slice(0, 3).map(({ why }) => why);
  return sentences(`The risk score goes from ${risk.before} to ${risk.after}.`, ...parts);
}

function confidenceAnswer({ confidence }: ExplanationFacts, draft: Draft | undefined): string {
  if (confidence === undefined || draft === undefined)
    return 'There is no draft, so there is no confidence in one.';
  return sentences(
    `The confidence is ${Math.round(confidence * 100)}%.`,
    ...draft.confidence.parts.slice(0, 4).map(({ why }) => why),
  );
}

function guardrailAnswer(draft: Draft | undefined): string {
  const guardrails = draft?.proof.guardrails;
  if (guardrails === undefined || guardrails === null) return '';
  return guardrails.allow
    ? `The policies of the set ${guardrails.policySet} allow it.`
    : `The policies refuse it: ${listed(guardrails.reasons, 3)}.`;
}

function windowAnswer({ window, requests, blindSpots }: ExplanationFacts): string {
  if (window === undefined || requests === undefined)
    return 'No log of use was available, so nothing is concluded from it.';
  return sentences(
    `The log covers ${counted(window.days, 'day')}, from ${window.fromIso.slice(0, 10)} to ${window.toIso.slice(0, 10)}, with ${counted(requests.total, 'request')}.`,
    ...blindSpots.slice(0, 3),
  );
}

function fallback(facts: ExplanationFacts): string {
  const examples = [...facts.removed, ...facts.kept].slice(0, 2).map(({ action }) => action);
  const hint =
    examples.length === 0
      ? ''
      : `Questions about single actions, such as ${listed(examples, 2)}, about the risk, the log and the proof can be answered.`;
  return sentences(offlineTexts(facts).summary, hint);
}
