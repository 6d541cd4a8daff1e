import type { Readable } from 'node:stream';
import type { FindingSource } from '../../domain/finding/finding.js';
import type { CsvRow } from './export/csv.js';
import type { RawRecord } from './export/position.js';
import { readRaw } from './export/read-raw.js';
import { platformMaps } from './maps.js';
import type { SourceRecord } from './port.js';
import { type Given, mapRecord, type PlatformMap } from './record-map.js';

/**
 * Reads an export as people download it, in batches: API answers with lists inside, plain lists, JSON Lines, or CSV.
 * Memory stays flat whatever its size. A record that is not understood becomes `{ok: false}`, and the stream goes on.
 * Evidence that the same export holds before the findings it belongs to is joined in.
 */
export async function* readExport(input: {
  source: FindingSource;
  body: Readable | AsyncIterable<Buffer>;
  batch: number;
  /** Told of each value that is not known yet, such as a new severity. */
  warn?: (what: string) => void;
}): AsyncGenerator<SourceRecord[]> {
  const map = platformMaps[input.source];
  const given: Given = { evidence: new Map(), warn: input.warn ?? (() => undefined) };
  let batch: SourceRecord[] = [];
  let read = 0;
  let only = 0;
  for await (const raw of readRaw({ source: input.source, lists: map.recordLists, chunks: input.body })) {
    read += 1;
    if (raw.ok) {
      map.gather?.(raw.value, given.evidence);
      if (map.isEvidence?.(raw.value, given.evidence) === true) {
        only += 1;
        continue;
      }
    }
    batch.push(toRecord(map, raw, given));
    if (batch.length < input.batch) continue;
    yield batch;
    batch = [];
  }
  if (read > 0 && only === read) {
    const reason = `the export has only evidence for findings (${read} rows); put it beside the export of the findings in a folder that a file source reads`;
    batch.push({ ok: false, reason, original: null });
  }
  if (batch.length > 0) yield batch;
}

/** A raw record mapped by its platform. */
export function toRecord(map: PlatformMap, raw: RawRecord, given: Given): SourceRecord {
  const line = raw.line === undefined ? {} : { line: raw.line };
  if (!raw.ok) {
    const { reason, original, pointer } = raw;
    return { ok: false, reason, original, ...(pointer !== undefined && { pointer }), ...line };
  }
  if (raw.next.form !== 'csv') return mapRecord(map, raw.value, { ...given, ...line });
  const row = raw.value as CsvRow;
  return mapRecord(map, map.fromRow(row.cells), { ...given, ...line, original: row.original });
}
