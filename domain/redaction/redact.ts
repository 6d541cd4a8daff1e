import { arnSpans } from './arn-spans.js';
import { ibanLength } from './checksums.js';
import { type Detector, ENTITY_TYPES, type Entity, type EntityType, type Span } from './entity.js';
import { IDENTIFIER_DETECTORS } from './identifier-detectors.js';
import { SECRET_DETECTORS } from './secret-detectors.js';

/** A name that is known beforehand: people of the directory, accounts and services of the configuration. */
export interface KnownName {
  value: string;
  type: 'PERSON' | 'NAME' | 'ACCOUNT' | 'HOST';
}

/** What is replaced in a text, and with which pseudonyms. */
export interface RedactionOptions {
  /** Texts that stay as they are, e.g. `admin`. */
  keep?: readonly string[];
  known?: readonly KnownName[];
}

/** A text without what identifies, what was replaced, and the way back. */
export interface Redaction {
  text: string;
  entities: readonly Entity[];
  /** Puts the originals back into a text that came from the outside, e.g. a model's answer. */
  restore(text: string): string;
}

/** Redacts several texts with the same pseudonyms. */
export interface Redactor {
  redact(text: string): Redaction;
  restore(text: string): string;
}

/** Shortest name of an ARN that is also looked for elsewhere in the text; shorter ones are words. */
const MIN_ECHO = 5;
const MIN_KNOWN = 2;
/** Something that looks like a pseudonym already, with or without its brackets. */
const NAMES = `(?:${ENTITY_TYPES.join('|')})_\\d{1,6}`;
const TOKEN = new RegExp(`\\[${NAMES}\\]|(?<![\\w[])${NAMES}(?![\\w\\]])`, 'g');
const IBAN_START = /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,40}/g;

/**
 * Replaces secrets, identifiers and personal data by stable pseudonyms such as `[EMAIL_1]`: the same value has the same
 * one, two values have two. Offsets are UTF-16 code units of the input. The longest-lived danger first: a stretch that
 * is a secret is never split by something that looks like a smaller thing.
 */
export function redact(text: string, options: RedactionOptions = {}): Redaction {
  return createRedactor(options).redact(text);
}

/** A redactor whose pseudonyms last over several texts. */
export function createRedactor(options: RedactionOptions = {}): Redactor {
  const pseudonyms = new Map<string, string>();
  const originals = new Map<string, string>();
  const counts = new Map<EntityType, number>();
  const keep = new Set(options.keep ?? []);

  function pseudonymOf(type: EntityType, value: string): string {
    const known = pseudonyms.get(value);
    if (known !== undefined) return known;
    const number = (counts.get(type) ?? 0) + 1;
    counts.set(type, number);
    const pseudonym = `[${type}_${number}]`;
    pseudonyms.set(value, pseudonym);
    originals.set(pseudonym.slice(1, -1), value);
    return pseudonym;
  }

  function restore(answer: string): string {
    return answer.replaceAll(TOKEN, (token) => originals.get(token.replaceAll(/[[\]]/g, '')) ?? token);
  }

  function redactText(text: string): Redaction {
    const spans = findSpans(text, options.known ?? []).filter(
      ({ start, end }) => !keep.has(text.slice(start, end)),
    );
    const entities = spans.map((span) => ({
      ...span,
      pseudonym: pseudonymOf(span.type, text.slice(span.start, span.end)),
    }));
    let out = '';
    let at = 0;
    for (const { start, end, pseudonym } of entities) {
      out += text.slice(at, start) + pseudonym;
      at = end;
    }
    return { text: out + text.slice(at), entities, restore };
  }

  return { redact: redactText, restore };
}

/** Replaces secrets and addresses of people only, irreversibly: for logs. */
export function scrub(text: string): string {
  const board = new Board(text);
  for (const detector of SECRET_DETECTORS) board.runDetector(detector);
  for (const detector of IDENTIFIER_DETECTORS) if (detector.type === 'EMAIL') board.runDetector(detector);
  let out = '';
  let at = 0;
  for (const { type, start, end } of board.sorted()) {
    out += `${text.slice(at, start)}[${type}]`;
    at = end;
  }
  return out + text.slice(at);
}

function findSpans(text: string, known: readonly KnownName[]): readonly Span[] {
  const board = new Board(text);
  for (const match of text.matchAll(TOKEN))
    board.place({ type: 'TEXT', start: match.index, end: match.index + match[0].length });
  for (const detector of SECRET_DETECTORS) board.runDetector(detector);
  for (const match of text.matchAll(IBAN_START)) {
    const length = ibanLength(match[0]);
    if (length > 0) board.place({ type: 'IBAN', start: match.index, end: match.index + length });
  }
  const inArns = arnSpans(text);
  for (const span of inArns) board.place(span);
  const names = new Set(
    inArns.filter(({ type }) => type === 'NAME').map(({ start, end }) => text.slice(start, end)),
  );
  for (const detector of IDENTIFIER_DETECTORS.slice(0, 1)) board.runDetector(detector);
  for (const { value, type } of longestFirst(known))
    if (value.length >= MIN_KNOWN) board.placeEach(value, type);
  for (const detector of IDENTIFIER_DETECTORS.slice(1)) board.runDetector(detector);
  board.placeWords(new Set([...names].filter(isTelling)));
  return board.sorted();
}

function longestFirst(known: readonly KnownName[]): KnownName[] {
  return [...known].sort((a, b) => b.value.length - a.value.length);
}

/** A word as names of the cloud are written. */
const WORD = /[\p{L}\p{N}_][\p{L}\p{N}_.+=,@-]{0,511}/gu;

/** A name that can be looked for in prose: it is long enough and no plain lower-case word. */
function isTelling(name: string): boolean {
  return name.length >= MIN_ECHO && /[^a-z]/.test(name);
}

/** The same pattern with the positions of its groups. */
function indexed(pattern: RegExp): RegExp {
  return new RegExp(pattern, `${pattern.flags}d`);
}

/** The text with the stretches that are taken. A stretch is only placed where none of it is taken. */
class Board {
  readonly #text: string;
  readonly #folded: string;
  readonly #taken: Uint8Array;
  readonly #spans: Span[] = [];

  constructor(text: string) {
    this.#text = text;
    this.#folded = text.toLowerCase();
    this.#taken = new Uint8Array(text.length);
  }

  place(span: Span): void {
    if (span.start >= span.end) return;
    for (let at = span.start; at < span.end; at += 1) if (this.#taken[at] === 1) return;
    this.#taken.fill(1, span.start, span.end);
    this.#spans.push(span);
  }

  runDetector({ type, pattern, group, accept }: Detector): void {
    for (const match of this.#text.matchAll(indexed(pattern))) {
      const [start, end] = match.indices?.[group ?? 0] ?? [0, 0];
      if (accept === undefined || accept(this.#text.slice(start, end), match))
        this.place({ type, start, end });
    }
  }

  /** Every place where one of the names stands as a word of its own. */
  placeWords(names: ReadonlySet<string>): void {
    if (names.size === 0) return;
    for (const match of this.#text.matchAll(WORD)) {
      const word = match[0].replace(/[.,:;!?]+$/, '');
      if (names.has(word)) this.place({ type: 'NAME', start: match.index, end: match.index + word.length });
    }
  }

  /** Every place where the value stands by itself; people also in another case. */
  placeEach(value: string, type: EntityType): void {
    if (!this.#folded.includes(value.toLowerCase())) return;
    const escaped = value.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
    const pattern = new RegExp(
      String.raw`(?<![\p{L}\p{N}_])${escaped}(?![\p{L}\p{N}_])`,
      type === 'PERSON' ? 'giu' : 'gu',
    );
    for (const match of this.#text.matchAll(pattern))
      this.place({ type, start: match.index, end: match.index + match[0].length });
  }

  sorted(): readonly Span[] {
    return this.#spans.sort((a, b) => a.start - b.start);
  }
}
