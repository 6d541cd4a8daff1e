import type { ExplanationFacts } from './facts.js';
import { factVocabulary } from './vocabulary.js';

/** What is left of a text that a model wrote, and how many of its sentences were dropped, with the reasons. */
export interface CheckedText {
  text: string;
  dropped: number;
  reasons: readonly string[];
}

/** Which part of an explanation a text is: what changes may not name what stays, and the other way round. */
export type ExplanationPart = 'summary' | 'whyItMatters' | 'whatChanges' | 'whatStays' | 'answer';

const MAX_SENTENCES = 4;
const MAX_SENTENCE_CHARACTERS = 320;
/** Beyond this a text is not looked at: nobody reads an explanation that long. */
const MAX_TEXT_CHARACTERS = 6_000;

/**
 * Keeps the sentences that say nothing but what the engine knows. A sentence goes when it names an action, resource,
 * account, number or date that is not in the facts; when it tells anybody what to do; when it judges (`safe`,
 * `approved`), which a model never does here; and when it carries markup, links or characters that deceive.
 * `backed` is further text of the engine that the sentences may draw on.
 */
export function checkText(
  text: string,
  part: ExplanationPart,
  facts: ExplanationFacts,
  backed = '',
): CheckedText {
  if (text.length > MAX_TEXT_CHARACTERS) return { text: '', dropped: 1, reasons: ['too long'] };
  const vocabulary = factVocabulary(facts, part, backed);
  const kept: string[] = [];
  const reasons: string[] = [];
  // Look-alikes of one letter become that letter, so that a name cannot hide behind them.
  for (const sentence of splitSentences(text.normalize('NFKC'))) {
    const objection =
      kept.length >= MAX_SENTENCES ? 'one sentence too many' : objectionTo(sentence, facts, vocabulary);
    if (objection === undefined) kept.push(sentence);
    else reasons.push(objection);
  }
  return { text: kept.join(' '), dropped: reasons.length, reasons };
}

/** Splits at full stops that end a sentence, not at those inside names, numbers and actions. */
function splitSentences(text: string): string[] {
  return text
    .split(/(?<=[.!?])\s+|[\r\n\u2028\u2029]+/u)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');
}

function objectionTo(
  sentence: string,
  facts: ExplanationFacts,
  vocabulary: ReturnType<typeof factVocabulary>,
): string | undefined {
  if (sentence.length > MAX_SENTENCE_CHARACTERS) return 'a sentence without end';
  const shape = SHAPES.find(({ pattern }) => pattern.test(sentence));
  if (shape !== undefined) return shape.objection;
  if (facts.removed.length > 0 && DENIES_CHANGE.test(sentence)) return 'it denies the change';
  return vocabulary.objectionTo(sentence);
}

const DENIES_CHANGE =
  /\b(?:nothing|no (?:actions?|permissions?|rights?|access)) (?:is|are|gets?|will be|would be)? ?(?:removed|changed?s?|lost|taken)\b/i;

/** Forms that no explanation has. The list errs to the side of dropping: the offline text stands in. */
const SHAPES: readonly { pattern: RegExp; objection: string }[] = [
  {
    pattern: /[^\p{Script=Latin}\p{N}\p{P}\p{S}\p{Zs}]/u,
    objection: 'foreign or hidden characters',
  },
  { pattern: /[<>]|\]\(|!\[|```|\{\{/, objection: 'markup' },
  {
    pattern: /\b(?:https?|ftp|javascript|data|mailto):|\bwww\.|@[a-z0-9-]+\.[a-z]/i,
    objection: 'a link or an address',
  },
  { pattern: /\b(?:you|your|yours|please|kindly|let's|dear)\b/i, objection: 'it talks to the reader' },
  {
    pattern: /\b(?:i|my|me|myself|as an ai|language model|assistant|chatbot)\b/i,
    objection: 'it talks about itself',
  },
  {
    pattern:
      /\b(?:approv(?:e[ds]?|al|als|ing)|reject(?:s|ed|ing|ion)?|sign(?:ed)? off|authori[sz]ed?|whitelist(?:ed)?|allow-?list(?:ed)?|exempt(?:ed|ion)?)\b/i,
    objection: 'it decides',
  },
  {
    pattern:
      /\b(?:safe(?:ly)?|harmless|risk-free|no risks?|without (?:any )?risks?|guarante(?:e|es|ed)|certain(?:ly)?|trust(?:ed|worthy)? (?:this|it|me)|false (?:alarm|positive)|urgent(?:ly)?|immediately|asap)\b/i,
    objection: 'it judges or presses',
  },
  {
    pattern:
      /\b(?:ignor(?:e|ing)|disregard|forget|override|overrule|bypass|system prompt|previous instructions?|instructions?|instead of the (?:policy|change)|must|should|ought|shall|needs? to|has to|have to|had better|recommend(?:s|ed|ation)?|suggest(?:s|ed|ion)?|advis(?:e[ds]?|able)|do not|don't|make sure|ensure that)\b/i,
    objection: 'it gives instructions',
  },
  {
    pattern:
      /^(?:and |then |now |first |next |also |just |simply )?(?:add|allow|apply|attach|assign|call|change|check|click|close|confirm|contact|copy|create|delete|deny|disable|download|email|enable|execute|give|go|grant|install|keep|leave|log|open|paste|put|remove|reply|restore|revert|run|send|set|skip|stop|tell|turn|update|upload|use|verify|visit|wait|write)\b/i,
    objection: 'it gives instructions',
  },
  {
    pattern: /\b(?:passwords?|passphrases?|credentials? (?:is|are|was)|secret key|api key|token is)\b/i,
    objection: 'it speaks of secrets',
  },
];
