import type { FindingSource } from '../../../domain/finding/finding.js';
import { readCsv } from './csv.js';
import { JsonScanner } from './json-scanner.js';
import { readLines } from './lines.js';
import type { ExportForm, ExportInput, Position, RawRecord, RecordLists } from './position.js';

/** How much of an export is looked at to tell its form. */
const SNIFF_BYTES = 64 * 1024;

/** Reads the records of an export one by one, from its start or from a position that an earlier record gave. */
export async function* readRaw(input: {
  source: FindingSource;
  lists: RecordLists;
  chunks: AsyncIterable<Uint8Array>;
  at?: Position;
}): AsyncGenerator<RawRecord> {
  if (input.at !== undefined) {
    yield* readForm({ ...input, at: input.at });
    return;
  }
  const iterator = input.chunks[Symbol.asyncIterator]();
  const { head, isWhole } = await readHead(iterator);
  if (head.length === 0) {
    await iterator.return?.();
    return;
  }
  const refusal = unreadable(head);
  if (refusal !== undefined) {
    await iterator.return?.();
    yield { ok: false, reason: refusal, original: null, isCut: true, next: { form: 'json', offset: 0 } };
    return;
  }
  const at: Position = { form: formOf(head, isWhole), offset: 0 };
  yield* readForm({ ...input, chunks: joined(head, iterator), at });
}

function readForm(input: ExportInput): AsyncGenerator<RawRecord> {
  if (input.at.form === 'csv') return readCsv(input);
  return input.at.form === 'lines' ? readLines(input) : readJson(input);
}

async function* readJson(input: ExportInput): AsyncGenerator<RawRecord> {
  const scanner = new JsonScanner(input.lists, input.at);
  for await (const chunk of input.chunks) yield* scanner.push(chunk);
  yield* scanner.end();
}

async function readHead(iterator: AsyncIterator<Uint8Array>): Promise<{ head: Buffer; isWhole: boolean }> {
  const parts: Uint8Array[] = [];
  let size = 0;
  while (size < SNIFF_BYTES) {
    const { done, value } = await iterator.next();
    if (done === true) return { head: Buffer.concat(parts), isWhole: true };
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    parts.push(bytes);
    size += bytes.byteLength;
  }
  return { head: Buffer.concat(parts), isWhole: false };
}

async function* joined(head: Buffer, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    // A UTF-8 mark before JSON is left in place: offsets stay those of the file, and the scanner passes over it.
    yield head;
    for (let step = await rest.next(); step.done !== true; step = await rest.next()) {
      yield typeof step.value === 'string' ? Buffer.from(step.value) : step.value;
    }
  } finally {
    await rest.return?.();
  }
}

function unreadable(head: Buffer): string | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'the export is compressed with gzip; unpack it first';
  if (head[0] === 0x50 && head[1] === 0x4b) return 'the export is a ZIP archive; unpack it first';
  const mark = head.readUInt16BE(0 + (head.length < 2 ? head.length - 2 : 0));
  if (mark === 0xfeff || mark === 0xfffe) return 'the export is UTF-16; save it as UTF-8';
  if (/^\uFEFF?\s*<(?:!doctype|html)/i.test(head.subarray(0, 200).toString('utf8'))) {
    return 'the export is a web page (a sign-in page?), not data';
  }
  return undefined;
}

function formOf(head: Buffer, isWhole: boolean): ExportForm {
  const text = head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (text[0] !== '{' && text[0] !== '[') return 'csv';
  if (text[0] === '[') return 'json';
  const end = text.indexOf('\n');
  if (end < 0) return 'json';
  const isLine = text.slice(0, end).trimEnd().endsWith('}');
  const more = text.slice(end).trimStart();
  return isLine && (more !== '' || !isWhole) ? 'lines' : 'json';
}
