import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { relative } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { SourceRecord } from '../../activities/cnapp/port.js';
import { readExport } from '../../activities/cnapp/read-export.js';
import { FINDING_SOURCES, type Finding, type FindingSource } from '../../domain/finding/finding.js';
import type { InputFault } from '../../domain/report/model.js';
import { filesBelow } from './json-files.js';

/** Findings of an export, and what was not understood, each a sentence. */
export interface ReadFindings {
  findings: readonly Finding[];
  notes: readonly string[];
  faults: readonly InputFault[];
}

const BATCH = 500;
const MAX_NAMED = 10;

/** Reads an export, or every file of a folder of them. @throws Error on an unknown vendor */
export async function readFindings(path: string, source: string): Promise<ReadFindings> {
  if (!isSource(source)) throw new Error(`--source ${source}: use one of ${FINDING_SOURCES.join(', ')}`);
  const byKey = new Map<string, Finding>();
  const faults: InputFault[] = [];
  let refused = 0;
  for (const file of await filesBelow(path)) {
    if (!/\.(json|jsonl|ndjson|csv)(\.gz)?$/.test(file)) continue;
    const name = relative(path, file) || file;
    try {
      for await (const records of readExport({ source, body: await bodyOf(file), batch: BATCH })) {
        for (const record of records) {
          if (record.ok) byKey.set(record.finding.canonicalKey, record.finding);
          else {
            refused += 1;
            if (refused <= MAX_NAMED) faults.push(refusedRecord(name, record));
          }
        }
      }
    } catch (error) {
      faults.push({ file: name, reason: `it ends here: ${error instanceof Error ? error.message : error}` });
    }
  }
  const notes =
    refused > MAX_NAMED ? [`${refused - MAX_NAMED} more records of the export were not understood.`] : [];
  return { findings: [...byKey.values()], notes, faults };
}

function refusedRecord(file: string, record: Extract<SourceRecord, { ok: false }>): InputFault {
  const place = record.pointer ?? (record.line === undefined ? undefined : `line ${record.line}`);
  return {
    file,
    ...(place === undefined ? {} : { place }),
    reason: `a record was not understood: ${record.reason}`,
  };
}

/** A file's bytes, unpacked when it is gzip; a fault of either ends the reading of this file. */
async function bodyOf(file: string): Promise<Readable> {
  const raw = createReadStream(file);
  await once(raw, 'open');
  if (!file.endsWith('.gz')) return raw;
  const unpacked = createGunzip();
  raw.on('error', (error) => unpacked.destroy(error));
  return raw.pipe(unpacked);
}

function isSource(text: string): text is FindingSource {
  return FINDING_SOURCES.some((each) => each === text);
}
