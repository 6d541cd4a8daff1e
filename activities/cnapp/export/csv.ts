import { Readable } from 'node:stream';
import { type Info, parse } from 'csv-parse';
import { type ExportInput, KEPT_TEXT, MAX_RECORD_BYTES, type Position, type RawRecord } from './position.js';

/** A row with its cells by normalised column name. */
export interface CsvRow {
  cells: ReadonlyMap<string, string>;
  /** As it stood in the file, by its own column names. */
  original: Readonly<Record<string, string>>;
}

/** Reads a table with a header row (RFC 4180, with the liberties that spreadsheets take). Values are `CsvRow`. */
export async function* readCsv(input: ExportInput): AsyncGenerator<RawRecord> {
  const { at } = input;
  let columns = at.columns;
  const parser = parse({
    bom: at.offset === 0,
    info: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_BYTES,
    delimiter: [',', ';', '\t'],
  });
  // `compose` would swallow which side failed; what the parser says is told by its own errors.
  const source = Readable.from(input.chunks, { objectMode: false });
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const row of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      const { record, info } = row;
      if (columns === undefined) {
        columns = record;
        continue;
      }
      const line = (at.line ?? 1) + info.lines - 1;
      const next: Position = { form: 'csv', offset: at.offset + info.bytes, line: line + 1, columns };
      yield toRecord(record, columns, line, next);
    }
  } catch (error) {
    if (!isCsvError(error)) throw error;
    const offset = at.offset + parser.info.bytes;
    const next: Position = { form: 'csv', offset, ...(columns !== undefined && { columns }) };
    yield {
      ok: false,
      reason: `the table cannot be read on: ${error.message.slice(0, 300)}`,
      original: null,
      isCut: true,
      next,
    };
  } finally {
    source.destroy();
    parser.destroy();
  }
}

function toRecord(
  cells: readonly string[],
  columns: readonly string[],
  line: number,
  next: Position,
): RawRecord {
  const original = Object.fromEntries(columns.map((name, i) => [name.slice(0, 200), cells[i] ?? '']));
  if (cells.length > columns.length) {
    const reason = `the row has ${cells.length} cells for ${columns.length} columns`;
    return { ok: false, reason, original: cells.join(',').slice(0, KEPT_TEXT), line, next };
  }
  const byName = new Map<string, string>();
  columns.forEach((name, i) => {
    const key = name.toLowerCase().replace(/[^a-z0-9]/g, '');
    const cell = (cells[i] ?? '').trim();
    if (key !== '' && cell !== '' && !byName.has(key)) byName.set(key, cell);
  });
  const value: CsvRow = { cells: byName, original };
  return { ok: true, value, line, next };
}

function isCsvError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('CSV_');
}
