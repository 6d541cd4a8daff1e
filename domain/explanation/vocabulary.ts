import type { ExplanationPart } from './check.js';
import type { ExplanationFacts } from './facts.js';
import { offlineTexts } from './offline.js';
import { dayOf } from './words.js';

/** Everything that a sentence may name. */
export interface Vocabulary {
  /** What the sentence names that the facts do not; undefined when there is nothing. */
  objectionTo(sentence: string): string | undefined;
}

const ACTION = /(?<![\w:/-])[a-z][a-z0-9-]{1,40}:(?:[A-Z*][A-Za-z0-9*]{0,80}|\*)/g;
const ARN = /\barn:[^\s,;]+/gi;
const NUMBER = /(?<![\p{L}\p{N}_:/.-])\d[\d,]*(?:\.\d+)?/gu;
/** `PassRole`, `DeleteBucket`, `ProdLambdaRole`: words that only names have. */
const CAMEL = /(?<![\p{L}\p{N}_:/-])(?:[A-Z][a-z0-9]+){2,}(?![\p{L}\p{N}_])/gu;
/** Words joined by hyphens, underscores, dots, slashes or colons, or with digits in them. */
const COMPOUND = /[\p{L}\p{N}_]+(?:[-_./:][\p{L}\p{N}_*]+)+|\p{L}+\p{N}[\p{L}\p{N}]*/gu;
const QUOTED = /["“'‘`]([^"”'’`]{2,100})["”'’`]/g;
/** Two capitalised words in a row inside a sentence: the name of somebody or something. */
const PROPER = /(?<=[\p{Ll}\p{N},;] )\p{Lu}[\p{L}'’-]+(?: \p{Lu}[\p{L}'’-]+)+/gu;
const ISO_DATE = /\d{4}-\d{2}-\d{2}(?:T[\d:.]{5,16}Z?)?/g;
const WRITTEN_DATE =
  /\b\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December) \d{4}\b/gi;
const PSEUDONYM = /\b[A-Z][A-Z_]{1,20}_\d+\b/;

const NUMBER_WORDS: readonly string[] = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];

/** English of the field that looks like a name and is none. */
const FIELD_WORDS = new Set(
  (
    'least-privilege read-only write-only high-risk low-risk right-sized right-sizing cross-account third-party long-lived short-lived ' +
    'over-privileged over-permissive over-permissioned under-used un-used day-to-day so-called well-known wide-open built-in long-term ' +
    'publicly-accessible server-side client-side in-transit at-rest high-privilege low-privilege data-plane control-plane fine-grained ' +
    'and/or read/write e.g i.e s3 ec2 ipv4 ipv6 access-key sign-in log-in follow-up re-use worst-case internet-facing business-critical ' +
    'self-service non-production pre-production service-linked'
  ).split(' '),
);

/** Products and terms that two capitalised words may be. */
const FIELD_NAMES = new Set(
  (
    'Amazon S3|AWS Lambda|AWS Identity|Amazon Web Services|Amazon EC2|Amazon DynamoDB|AWS IAM|AWS KMS|Secrets Manager|AWS Secrets Manager|' +
    'Systems Manager|Access Key|Public Access|Block Public Access|Key Management Service|Identity Center|Curtail'
  ).split('|'),
);

/** The vocabulary of a finding: what its facts name, and in which part of the explanation. */
export function factVocabulary(facts: ExplanationFacts, part: ExplanationPart, backed: string): Vocabulary {
  const text = `${factText(facts)} ${backed}`;
  const folded = text.toLowerCase();
  const words = new Set(
    folded.match(/[\p{L}\p{N}_][\p{L}\p{N}_.:/*-]*/gu)?.map((word) => word.replace(/[.:]+$/, '')) ?? [],
  );
  const pieces = new Set([...words].flatMap((word) => word.split(/[:/]/)));
  const actions = actionsOf(facts, part);
  const numbers = numbersOf(text, facts);
  const days = daysOf(text);
  const isKnown = (name: string): boolean => {
    const lower = name.toLowerCase().replace(/[.:]+$/, '');
    return words.has(lower) || pieces.has(lower) || FIELD_WORDS.has(lower);
  };
  function objectionTo(whole: string): string | undefined {
    const dates = [
      ...(whole.match(ISO_DATE) ?? []).map((date) => date.slice(0, 10)),
      ...(whole.match(WRITTEN_DATE) ?? []),
    ];
    if (dates.some((date) => !days.has(date.toLowerCase()))) return 'it names a day that is not in the facts';
    const sentence = whole.replaceAll(ISO_DATE, 'then').replaceAll(WRITTEN_DATE, 'then');
    if (PSEUDONYM.test(sentence) && !PSEUDONYM.test(text))
      return 'it names a pseudonym that stands for nothing';
    const action = sentence.match(ACTION)?.find((each) => !actions.has(each.toLowerCase()));
    if (action !== undefined) return `it names ${action}, which does not belong here`;
    if (sentence.match(ARN)?.some((arn) => !folded.includes(trimmed(arn))) === true)
      return 'it names a resource that is not in the facts';
    if (sentence.match(NUMBER)?.some((number) => !numbers.has(plain(number))) === true)
      return 'it names a number that is not in the facts';
    if (numberWords(sentence).some((number) => !numbers.has(number)))
      return 'it names a number that is not in the facts';
    if (sentence.match(CAMEL)?.some((name) => !isKnown(name)) === true)
      return 'it names something that is not in the facts';
    if (sentence.match(COMPOUND)?.some((name) => !isKnown(name) && !isNumberLike(name, numbers)) === true)
      return 'it names something that is not in the facts';
    if ([...sentence.matchAll(QUOTED)].some(([, quote = '']) => !folded.includes(quote.toLowerCase())))
      return 'it quotes what is not in the facts';
    if (
      sentence
        .match(PROPER)
        ?.some((name) => !FIELD_NAMES.has(name) && !folded.includes(name.toLowerCase())) === true
    )
      return 'it names somebody who is not in the facts';
    return undefined;
  }
  return { objectionTo };
}

/** Everything of the facts as text: the offline explanation and every name and number that stands behind it. */
function factText(facts: ExplanationFacts): string {
  return `${Object.values(offlineTexts(facts)).join(' ')} ${JSON.stringify(facts)}`;
}

/** Actions that a part may name: what changes names no action that stays, what stays names none that goes. */
function actionsOf(facts: ExplanationFacts, part: ExplanationPart): ReadonlySet<string> {
  const removed = facts.removed.map(({ action }) => action.toLowerCase());
  const kept = [...facts.kept, ...facts.usedHighRisk].map(({ action }) => action.toLowerCase());
  if (part === 'whatChanges') return new Set(removed);
  if (part === 'whatStays') return new Set(kept);
  return new Set([...removed, ...kept]);
}

/** Numbers that stand by themselves; those of dates count only as dates. */
function numbersOf(text: string, { removed, kept, confidence }: ExplanationFacts): ReadonlySet<string> {
  const undated = text.replaceAll(ISO_DATE, ' ').replaceAll(WRITTEN_DATE, ' ');
  const numbers = new Set((undated.match(/(?<![\p{L}\p{N}_.])\d[\d,]*(?:\.\d+)?/gu) ?? []).map(plain));
  for (const count of [removed.length, kept.length, removed.length + kept.length, 1])
    numbers.add(String(count));
  if (confidence !== undefined) numbers.add(String(Math.round(confidence * 100)));
  return numbers;
}

/** Days of the facts, in both ways of writing them. */
function daysOf(text: string): ReadonlySet<string> {
  const iso = text.match(ISO_DATE) ?? [];
  const days = iso.map((date) => date.slice(0, 10));
  return new Set(
    [...days, ...days.map(dayOf), ...(text.match(WRITTEN_DATE) ?? [])].map((day) => day.toLowerCase()),
  );
}

function numberWords(sentence: string): string[] {
  return (sentence.toLowerCase().match(/\p{L}+/gu) ?? []).flatMap((word) => {
    if (
      /^(?:dozens?|hundreds?|thousands?|millions?|billions?|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|half|thirds?|quarters?)$/.test(
        word,
      )
    )
      return [word];
    const value = NUMBER_WORDS.indexOf(word);
    return value > 1 ? [String(value)] : [];
  });
}

/** Plain numbers with separators are looked up part by part. */
function isNumberLike(name: string, numbers: ReadonlySet<string>): boolean {
  return (
    /^[\d.,/:-]+$/.test(name) &&
    (name.match(/\d+/g) ?? []).every((part) => numbers.has(part) || numbers.has(String(Number(part))))
  );
}

function plain(number: string): string {
  return number.replaceAll(',', '').replace(/\.$/, '');
}

function trimmed(arn: string): string {
  return arn.toLowerCase().replace(/[.:!?)]+$/, '');
}
