import {
  isRecordList,
  KEPT_TEXT,
  MAX_RECORD_BYTES,
  type Position,
  type RawRecord,
  type RecordLists,
} from './position.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Levels of an answer in which lists of records are looked for. */
const ANSWER_DEPTH = 4;

interface Level {
  list: boolean;
  /** Member name under which it lies, where names matter. */
  key: string | undefined;
  isRecords: boolean;
}

/**
 * Finds the records in JSON as it comes in, without holding more than one: elements of a list of records inside an
 * answer, elements of a list, or whole documents one after another. Only the brackets are followed here; each record is
 * parsed by itself, so one broken record costs nothing but itself.
 */
export class JsonScanner {
  readonly #lists: RecordLists;
  /** Bytes not done with: from the start of what is being captured. */
  #held: Buffer = Buffer.alloc(0);
  /** Position of `#held` in the file. */
  #base: number;
  /** Next byte to look at, in `#held`. */
  #at = 0;
  #levels: Level[] = [];
  /** Depth, also beyond the levels that are kept. */
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  #stringStart = -1;
  /** The last string that ended at a level where names matter. */
  #name: string | undefined;
  #capture: { start: number; depth: number; kind: 'record' | 'document' | 'scalar' } | undefined;
  #isTooLong = false;
  #inList: boolean;
  /** Documents begin at this depth: 1 inside a list of them. */
  #floor: number;

  constructor(lists: RecordLists, at: Position) {
    this.#lists = lists;
    this.#base = at.offset;
    this.#inList = at.inList === true;
    this.#floor = this.#inList ? 1 : 0;
    if (this.#inList) this.#enter({ list: true, key: undefined, isRecords: false });
    if (at.inside !== undefined) {
      this.#enter({ list: false, key: undefined, isRecords: false });
      at.inside.forEach((key, i, path) => {
        const isLast = i === path.length - 1;
        this.#enter({ list: isLast, key, isRecords: isLast });
      });
    }
  }

  /** Takes the next bytes, and gives the records that are whole now. */
  *push(chunk: Uint8Array): Generator<RawRecord> {
    this.#held =
      this.#held.length === 0
        ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
        : Buffer.concat([this.#held, chunk]);
    for (; this.#at < this.#held.length; this.#at += 1) {
      const byte = this.#held[this.#at] ?? 0;
      if (this.#inString) {
        this.#inText(byte);
        continue;
      }
      const record = this.#step(byte);
      if (record !== undefined) yield record;
    }
    this.#forget();
  }

  /** Says so when the export broke off in the middle. */
  *end(): Generator<RawRecord> {
    if (this.#capture?.kind === 'scalar') {
      const record = this.#finish(this.#held.length);
      if (record !== undefined) yield record;
    }
    if (this.#depth === 0) return;
    const start = this.#capture?.start ?? this.#held.length;
    yield {
      ok: false,
      reason: 'the export breaks off here; fetch it again',
      isCut: true,
      original: this.#held.subarray(start, start + KEPT_TEXT).toString('utf8'),
      next: this.#position(this.#held.length),
    };
  }

  #inText(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#endString();
  }

  #endString(): void {
    this.#inString = false;
    if (this.#stringStart < 0) return;
    this.#name = textOf(this.#held.subarray(this.#stringStart, this.#at + 1));
    this.#stringStart = -1;
  }

  #step(byte: number): RawRecord | undefined {
    switch (byte) {
      case QUOTE:
        this.#startScalar();
        this.#inString = true;
        // Names are kept only where they can lead to a list of records.
        if (this.#depth - this.#floor <= ANSWER_DEPTH && this.#capture?.kind !== 'record')
          this.#stringStart = this.#at;
        return undefined;
      case OPEN_OBJECT:
      case OPEN_LIST:
        this.#open(byte === OPEN_LIST);
        return undefined;
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        return this.#close();
      case COMMA:
        return this.#capture?.kind === 'scalar' ? this.#finish(this.#at) : undefined;
      default:
        if (byte > 0x20) this.#startScalar();
        return undefined;
    }
  }

  /** A value that is neither object nor list, where a record should be. */
  #startScalar(): void {
    if (this.#capture !== undefined || !this.#isPlaceOfRecords()) return;
    this.#capture = { start: this.#at, depth: this.#depth, kind: 'scalar' };
  }

  #isPlaceOfRecords(): boolean {
    const level = this.#levels[this.#depth - 1];
    return level?.isRecords === true || (this.#inList && this.#depth === 1);
  }

  #open(list: boolean): void {
    const top = this.#levels[this.#depth - 1];
    const key = top !== undefined && !top.list ? this.#name : undefined;
    if (this.#capture === undefined) this.#openOutside(list, top);
    const isRecords = list && this.#capture?.kind !== 'record' && this.#isListOfRecords(key);
    if (isRecords && this.#capture?.kind === 'document') {
      // It is an answer around records, not a record itself.
      this.#capture = undefined;
      this.#isTooLong = false;
    }
    this.#enter({ list, key, isRecords });
  }

  #openOutside(list: boolean, top: Level | undefined): void {
    if (top?.isRecords === true) {
      this.#capture = { start: this.#at, depth: this.#depth, kind: 'record' };
      return;
    }
    if (this.#depth === 0 && list) {
      this.#inList = true;
      this.#floor = 1;
      return;
    }
    if (this.#depth === this.#floor)
      this.#capture = { start: this.#at, depth: this.#depth, kind: 'document' };
  }

  #isListOfRecords(key: string | undefined): boolean {
    const below = this.#depth - this.#floor;
    if (key === undefined || below < 1 || below > ANSWER_DEPTH) return false;
    return isRecordList(this.#lists, [...this.#path(), key]);
  }

  /** Member names from the top of the answer to here. */
  #path(): string[] {
    return this.#levels
      .slice(this.#floor + 1, this.#depth)
      .map((level) => level.key ?? '')
      .filter((key) => key !== '');
  }

  #enter(level: Level): void {
    if (this.#depth < ANSWER_DEPTH + 2) this.#levels[this.#depth] = level;
    this.#depth += 1;
  }

  #close(): RawRecord | undefined {
    const scalar = this.#capture?.kind === 'scalar' ? this.#finish(this.#at) : undefined;
    if (this.#depth === 0) return undefined;
    this.#depth -= 1;
    this.#levels.length = Math.min(this.#levels.length, this.#depth);
    this.#name = undefined;
    if (this.#depth === 0 && this.#inList) {
      this.#inList = false;
      this.#floor = 0;
    }
    if (scalar !== undefined) return scalar;
    return this.#capture !== undefined && this.#depth === this.#capture.depth
      ? this.#finish(this.#at + 1)
      : undefined;
  }

  #finish(end: number): RawRecord | undefined {
    const capture = this.#capture;
    if (capture === undefined) return undefined;
    const bytes = this.#held.subarray(capture.start, end);
    const isTooLong = this.#isTooLong || bytes.length > MAX_RECORD_BYTES;
    this.#capture = undefined;
    this.#isTooLong = false;
    const next = this.#position(end);
    if (isTooLong) {
      const reason = `the record has more than ${MAX_RECORD_BYTES} bytes`;
      return { ok: false, reason, original: bytes.subarray(0, KEPT_TEXT).toString('utf8'), next };
    }
    const text = bytes.toString('utf8');
    try {
      return { ok: true, value: JSON.parse(text) as unknown, next };
    } catch (error) {
      const reason = `the record is no JSON: ${(error as Error).message.slice(0, 200)}`;
      return { ok: false, reason, original: text.slice(0, KEPT_TEXT), next };
    }
  }

  #position(end: number): Position {
    const inside = this.#levels[this.#depth - 1]?.isRecords === true ? this.#path() : undefined;
    return {
      form: 'json',
      offset: this.#base + end,
      ...(this.#inList && { inList: true }),
      ...(inside !== undefined && { inside }),
    };
  }

  /** Lets go of the bytes that nothing needs any more. */
  #forget(): void {
    if (this.#capture !== undefined && this.#held.length - this.#capture.start > MAX_RECORD_BYTES)
      this.#isTooLong = true;
    let keep = this.#stringStart >= 0 ? this.#stringStart : this.#held.length;
    if (this.#capture !== undefined && !this.#isTooLong) keep = Math.min(keep, this.#capture.start);
    if (this.#held.length - keep > 2 * MAX_RECORD_BYTES) {
      keep = this.#held.length;
      this.#stringStart = -1;
    }
    this.#held = this.#held.subarray(keep);
    this.#base += keep;
    this.#at = this.#held.length;
    if (this.#stringStart >= 0) this.#stringStart -= keep;
    if (this.#capture !== undefined) this.#capture.start = Math.max(0, this.#capture.start - keep);
  }
}

function textOf(quoted: Buffer): string | undefined {
  try {
    const value: unknown = JSON.parse(quoted.toString('utf8'));
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
