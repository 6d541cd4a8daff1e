import type { Json } from '../json.js';
import { PolicyError } from './document.js';

/** Deepest nesting that is read. Policies need 6 levels, account snapshots about 12. */
export const MAX_JSON_DEPTH = 100;

/**
 * Reads JSON (RFC 8259) and refuses what `JSON.parse` lets pass: an object with the same key twice, whose
 * meaning depends on the reader, and nesting that would exhaust the stack.
 *
 * @throws PolicyError `InvalidJson`, `DuplicateKey` or `TooDeep`, with a JSON pointer.
 */
export function parseStrictJson(text: string): Json {
  const reader: Reader = { text, at: 0, path: [] };
  skipSpace(reader);
  const value = readValue(reader);
  skipSpace(reader);
  if (reader.at < text.length) throw invalid(reader, 'text after the end of the value');
  return value;
}

interface Reader {
  readonly text: string;
  at: number;
  readonly path: (string | number)[];
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COLON = 0x3a;

function readValue(reader: Reader): Json {
  const first = reader.text.charCodeAt(reader.at);
  if (first === QUOTE) return readString(reader);
  if (first === OPEN_OBJECT) return readObject(reader);
  if (first === OPEN_LIST) return readList(reader);
  if (readWord(reader, 'true')) return true;
  if (readWord(reader, 'false')) return false;
  if (readWord(reader, 'null')) return null;
  return readNumber(reader);
}

function readObject(reader: Reader): Json {
  deeper(reader);
  const object: Record<string, Json> = {};
  reader.at += 1;
  skipSpace(reader);
  if (accept(reader, CLOSE_OBJECT)) return object;
  for (;;) {
    if (reader.text.charCodeAt(reader.at) !== QUOTE) throw invalid(reader, 'expected a key in double quotes');
    const key = readString(reader);
    reader.path.push(key);
    if (Object.hasOwn(object, key)) {
      throw new PolicyError(
        'DuplicateKey',
        pointerOf(reader.path),
        `key ${JSON.stringify(key.slice(0, 80))} is there twice; keep one of them`,
      );
    }
    skipSpace(reader);
    if (!accept(reader, COLON)) throw invalid(reader, 'expected ":" after a key');
    skipSpace(reader);
    put(object, key, readValue(reader));
    reader.path.pop();
    skipSpace(reader);
    if (accept(reader, CLOSE_OBJECT)) return object;
    if (!accept(reader, COMMA)) throw invalid(reader, 'expected "," or "}"');
    skipSpace(reader);
  }
}

/** `__proto__` must become a member like any other, as `JSON.parse` has it, not the object's prototype. */
function put(object: Record<string, Json>, key: string, value: Json): void {
  if (key !== '__proto__') {
    object[key] = value;
    return;
  }
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}

function readList(reader: Reader): Json {
  deeper(reader);
  const list: Json[] = [];
  reader.at += 1;
  skipSpace(reader);
  if (accept(reader, CLOSE_LIST)) return list;
  for (;;) {
    reader.path.push(list.length);
    list.push(readValue(reader));
    reader.path.pop();
    skipSpace(reader);
    if (accept(reader, CLOSE_LIST)) return list;
    if (!accept(reader, COMMA)) throw invalid(reader, 'expected "," or "]"');
    skipSpace(reader);
  }
}

function readString(reader: Reader): string {
  const start = reader.at;
  let plain = true;
  for (let at = start + 1; at < reader.text.length; at += 1) {
    const unit = reader.text.charCodeAt(at);
    if (unit === QUOTE) {
      reader.at = at + 1;
      return plain ? reader.text.slice(start + 1, at) : unescapeString(reader, start);
    }
    if (unit === BACKSLASH) {
      plain = false;
      at += 1;
    }
    if (unit < 0x20) throw invalid(reader, 'a control character in a string; escape it');
  }
  throw invalid(reader, 'a string without its closing quote');
}

function unescapeString(reader: Reader, start: number): string {
  try {
    const value: unknown = JSON.parse(reader.text.slice(start, reader.at));
    return String(value);
  } catch {
    throw invalid(reader, 'a string with an escape that JSON does not know');
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

function readNumber(reader: Reader): number {
  NUMBER.lastIndex = reader.at;
  const match = NUMBER.exec(reader.text);
  if (match === null) throw invalid(reader, 'expected a value');
  const value = Number(match[0]);
  if (!Number.isFinite(value)) throw invalid(reader, 'a number beyond the range of a double');
  reader.at += match[0].length;
  return value;
}

function readWord(reader: Reader, word: string): boolean {
  if (!reader.text.startsWith(word, reader.at)) return false;
  reader.at += word.length;
  return true;
}

function accept(reader: Reader, unit: number): boolean {
  if (reader.text.charCodeAt(reader.at) !== unit) return false;
  reader.at += 1;
  return true;
}

function skipSpace(reader: Reader): void {
  for (;;) {
    const unit = reader.text.charCodeAt(reader.at);
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
    reader.at += 1;
  }
}

function deeper(reader: Reader): void {
  if (reader.path.length < MAX_JSON_DEPTH) return;
  throw new PolicyError('TooDeep', '', `nested deeper than ${MAX_JSON_DEPTH} levels; flatten the document`);
}

function invalid(reader: Reader, what: string): PolicyError {
  return new PolicyError(
    'InvalidJson',
    pointerOf(reader.path),
    `not JSON at character ${reader.at}: ${what}`,
  );
}

/** The JSON pointer (RFC 6901) of a path of keys and positions. */
export function pointerOf(path: readonly (string | number)[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
