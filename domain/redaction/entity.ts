/** Kinds of text that are replaced, each named as its pseudonyms begin. */
export const ENTITY_TYPES = [
  'PEM',
  'JWT',
  'CREDENTIAL',
  'CONNECTION',
  'AWS_KEY',
  'AWS_SECRET',
  'TOKEN',
  'SECRET',
  'EMAIL',
  'ACCOUNT',
  'NAME',
  'RESOURCE',
  'IBAN',
  'CARD',
  'SSN',
  'IP',
  'MAC',
  'HOST',
  'UUID',
  'PHONE',
  'PERSON',
  'BIRTHDATE',
  'IDENTITY_NUMBER',
  'ADDRESS',
  'TEXT',
] as const;
export type EntityType = (typeof ENTITY_TYPES)[number];

/** A stretch of text that was found, in UTF-16 code units of the input; `end` is not included. */
export interface Span {
  type: EntityType;
  start: number;
  end: number;
}

/** A stretch of the input and what stands for it in the output. */
export interface Entity extends Span {
  pseudonym: string;
}

/**
 * Finds one kind of text. Patterns are global, have bounded repetition and no nested stars, so that a hostile text
 * costs linear time.
 */
export interface Detector {
  type: EntityType;
  pattern: RegExp;
  /** Group that holds the value, when the pattern also matches what leads to it. */
  group?: number;
  /** Looks closer at a match: checksums, entropy. */
  accept?: (value: string, match: RegExpExecArray) => boolean;
}
