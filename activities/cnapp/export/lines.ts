import { isRecord } from '../../../domain/json.js';
import {
  type ExportInput,
  isRecordList,
  KEPT_TEXT,
  MAX_RECORD_BYTES,
  type Position,
  type RawRecord,
  type RecordLists,
} from './position.js';

const NEWLINE = 0x0a;

/** Reads JSON Lines: each line a record, or an answer with records in it. */
export async function* readLines(input: ExportInput): AsyncGenerator<RawRecord> {
  let offset = input.at.offset;
  let line = input.at.line ?? 1;
  let parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of input.chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      parts.push(bytes.subarray(start, end));
      size += end - start;
      start = end + 1;
      offset += size + 1;
      const next: Position = { form: 'lines', offset, line: line + 1 };
      yield* recordsOfLine(
        size > MAX_RECORD_BYTES ? undefined : Buffer.concat(parts),
        line,
        next,
        input.lists,
      );
      parts = [];
      size = 0;
      line += 1;
    }
    size += bytes.length - start;
    if (size <= MAX_RECORD_BYTES) parts.push(bytes.subarray(start));
    else parts = [];
  }
  if (size === 0) return;
  const next: Position = { form: 'lines', offset: offset + size, line: line + 1 };
  yield* recordsOfLine(size > MAX_RECORD_BYTES ? undefined : Buffer.concat(parts), line, next, input.lists);
}

function* recordsOfLine(
  bytes: Buffer | undefined,
  line: number,
  next: Position,
  lists: RecordLists,
): Generator<RawRecord> {
  if (bytes === undefined) {
    yield {
      ok: false,
      reason: `the line has more than ${MAX_RECORD_BYTES} bytes`,
      original: null,
      line,
      next,
    };
    return;
  }
  const text = bytes.toString('utf8').trim();
  if (text === '') return;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = `the line is no JSON: ${(error as Error).message.slice(0, 200)}`;
    yield { ok: false, reason, original: text.slice(0, KEPT_TEXT), line, next };
    return;
  }
  for (const record of recordsIn(value, lists)) yield { ok: true, value: record, line, next };
}

/** The records in a parsed document: those in its lists of records, or itself. */
export function recordsIn(value: unknown, lists: RecordLists): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap((each) => recordsIn(each, lists));
  if (!isRecord(value)) return [value];
  const found = listsIn(value, lists, []);
  return found === undefined ? [value] : found;
}

function listsIn(
  value: Record<string, unknown>,
  lists: RecordLists,
  path: readonly string[],
): unknown[] | undefined {
  let found: unknown[] | undefined;
  for (const [name, member] of Object.entries(value)) {
    const below = [...path, name];
    const inMember = Array.isArray(member)
      ? isRecordList(lists, below)
        ? member
        : undefined
      : isRecord(member) && below.length < 4
        ? listsIn(member, lists, below)
        : undefined;
    if (inMember !== undefined) found = [...(found ?? []), ...inMember];
  }
  return found;
}
