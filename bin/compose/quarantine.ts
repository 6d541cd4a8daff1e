import { Readable } from 'node:stream';
import type { SourceRecord } from '../../activities/cnapp/port.js';
import { readExport } from '../../activities/cnapp/read-export.js';
import type { LifecyclePorts } from '../../activities/lifecycle/ports.js';
import { replayQuarantined } from '../../activities/lifecycle/replay.js';
import type { QuarantineDesk } from '../../client/gateway/api/quarantine.js';
import { FINDING_SOURCES, type FindingSource } from '../../domain/finding/finding.js';
import type { Json } from '../../domain/json.js';

const LISTED = 1_000;

/** Refused records over the ledger, read again by the mappers of today. */
export function createQuarantine(ports: LifecyclePorts): QuarantineDesk {
  return {
    list: () => ports.ledger.quarantined(LISTED),
    record: (id) => ports.ledger.quarantineRecord(id),
    replay: (row) => replayQuarantined(ports, row, readAgain),
  };
}

/** A record in the form that the export's reader takes: JSON as it is, a table's row under its columns' names. */
export async function readAgain(source: string, original: Json): Promise<readonly SourceRecord[]> {
  if (!(FINDING_SOURCES as readonly string[]).includes(source))
    return [{ ok: false, reason: `there is no platform ${source} any more`, original }];
  const platform = source as FindingSource;
  const first = await readText(
    platform,
    typeof original === 'string' ? original : JSON.stringify([original]),
  );
  if (first.every((record) => record.ok) || !isRow(original)) return first;
  const table = await readText(platform, toTable(original));
  return table.every((record) => record.ok) ? table : first;
}

async function readText(source: FindingSource, text: string): Promise<readonly SourceRecord[]> {
  const records: SourceRecord[] = [];
  for await (const batch of readExport({ source, body: Readable.from([Buffer.from(text)]), batch: 500 }))
    records.push(...batch);
  return records;
}

/** Whether a record is flat text by name, which is how a table's rows are kept. */
function isRow(original: Json): original is Readonly<Record<string, string>> {
  return (
    typeof original === 'object' &&
    original !== null &&
    !Array.isArray(original) &&
    Object.values(original).every((cell) => typeof cell === 'string')
  );
}

function toTable(row: Readonly<Record<string, string>>): string {
  const line = (cells: readonly string[]) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');
  return `${line(Object.keys(row))}\n${line(Object.values(row))}\n`;
}
