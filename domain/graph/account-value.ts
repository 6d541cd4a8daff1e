import { PolicyError } from '../iam/document.js';
import { isRecord, type Json } from '../json.js';

/** A JSON object of unknown origin with the pointer at which it stands. */
export interface Located {
  value: Record<string, unknown>;
  pointer: string;
}

/** @throws PolicyError `InvalidAccount` when the value is not an object. */
export function objectAt(value: unknown, pointer: string): Located {
  if (!isRecord(value)) throw invalid(pointer, 'an object');
  return { value, pointer };
}

/** The objects of an optional list. */
export function objectsAt(parent: Located, key: string): Located[] {
  return listAt(parent, key).map((item, index) => objectAt(item, `${parent.pointer}/${key}/${index}`));
}

/** An optional list; absent and null are empty. */
export function listAt(parent: Located, key: string): readonly unknown[] {
  const value = memberOf(parent, key);
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalid(`${parent.pointer}/${key}`, 'a list');
  return value;
}

/** A string that must be there. */
export function textAt(parent: Located, key: string): string {
  const value = memberOf(parent, key);
  if (typeof value !== 'string' || value === '')
    throw invalid(`${parent.pointer}/${key}`, 'a non-empty string');
  return value;
}

/** A string that may be absent or null. */
export function optionalTextAt(parent: Located, key: string): string | undefined {
  const value = memberOf(parent, key);
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw invalid(`${parent.pointer}/${key}`, 'a string');
  return value;
}

/** A member of an object by its own key, or undefined; never one of the prototype's. */
export function memberOf(parent: Located, key: string): unknown {
  return Object.hasOwn(parent.value, key) ? parent.value[key] : undefined;
}

/** An ARN that must be there: six fields at least. */
export function arnAt(parent: Located, key: string): string {
  const arn = textAt(parent, key);
  if (!arn.startsWith('arn:') || arn.split(':').length < 6) {
    throw new PolicyError(
      'InvalidAccount',
      `${parent.pointer}/${key}`,
      `reading the account: ${show(arn)} is not an ARN; give the full ARN`,
    );
  }
  return arn;
}

/** Tags as IAM lists them (`[{Key, Value}]`) or as an object. */
export function tagsAt(parent: Located, key: string): Map<string, string> {
  const value = memberOf(parent, key);
  if (isRecord(value)) {
    return new Map(
      Object.entries(value).flatMap(([name, text]) => (typeof text === 'string' ? [[name, text]] : [])),
    );
  }
  return new Map(
    objectsAt(parent, key).map((tag) => [textAt(tag, 'Key'), optionalTextAt(tag, 'Value') ?? '']),
  );
}

/**
 * A policy document as a JSON object: given as such, as JSON text, or as URL-encoded JSON text (RFC 3986,
 * as IAM's API answers).
 * @throws PolicyError `InvalidDocument`
 */
export function documentValue(value: unknown, pointer: string): Json {
  if (isRecord(value)) return value as Json;
  if (typeof value !== 'string') throw invalidDocument(pointer, 'it is neither an object nor text');
  const text = value.trimStart().startsWith('{') ? value : decode(value, pointer);
  const parsed = parseJson(text, pointer);
  if (!isRecord(parsed)) throw invalidDocument(pointer, 'its text is not a JSON object');
  return parsed as Json;
}

function decode(text: string, pointer: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidDocument(pointer, 'its text is neither JSON nor URL-encoded JSON');
  }
}

function parseJson(text: string, pointer: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalidDocument(pointer, 'its text is not JSON');
  }
}

function invalidDocument(pointer: string, why: string): PolicyError {
  return new PolicyError(
    'InvalidDocument',
    pointer,
    `reading a policy document: ${why}; give the document as JSON`,
  );
}

function invalid(pointer: string, expected: string): PolicyError {
  return new PolicyError(
    'InvalidAccount',
    pointer === '' ? '/' : pointer,
    `reading the account: expected ${expected} at ${pointer || '/'}`,
  );
}

function show(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
