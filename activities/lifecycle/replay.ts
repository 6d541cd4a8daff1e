import { findingKey } from '../../domain/finding/fingerprint.js';
import type { QuarantineRow } from '../../domain/finding/quarantine.js';
import type { Json } from '../../domain/json.js';
import type { SourceRecord } from '../cnapp/port.js';
import { takeIn } from './intake.js';
import type { LifecyclePorts } from './ports.js';

/** What became of one refused record that was read again. */
export interface Replayed {
  id: number;
  /** `refused` again: it stays where it is. `overtaken`: the platform has reported the same finding since. */
  outcome: 'taken-in' | 'overtaken' | 'refused' | 'resolved-before';
  reason?: string;
  pointer?: string;
  findingKeys: readonly string[];
}

/** Reads a record as its platform's mapper does today. Handed in: the mappers belong to the sources. */
export type ReadAgain = (source: string, original: Json) => Promise<readonly SourceRecord[]>;

/**
 * Reads a refused record again and takes it in by the one path of all findings, as of when it came. What the platform
 * has reported since is newer and is left alone.
 */
export async function replayQuarantined(
  ports: LifecyclePorts,
  row: QuarantineRow,
  readAgain: ReadAgain,
): Promise<Replayed> {
  const { id } = row;
  if (row.resolvedMs !== undefined) return { id, outcome: 'resolved-before', findingKeys: [] };
  const records = row.original === null ? [] : await readAgain(row.source, row.original);
  const fault = records.find((record) => !record.ok);
  if (fault !== undefined || records.length === 0) {
    const reason = fault === undefined ? 'nothing of it was kept that could be read again' : fault.reason;
    return {
      id,
      outcome: 'refused',
      reason,
      findingKeys: [],
      ...(fault?.pointer !== undefined && { pointer: fault.pointer }),
    };
  }
  const { fresh, keys } = await notSeenSince(ports, row, records);
  if (fresh.length > 0)
    await takeIn(ports, {
      scanId: `replay/${id}`,
      source: row.source,
      atMs: row.atMs,
      records: fresh,
    });
  const outcome = fresh.length > 0 ? 'taken-in' : 'overtaken';
  const atMs = ports.now();
  await ports.ledger.resolveQuarantined({ id, resolution: outcome, atMs }, [
    {
      id: `quarantine/${id}/resolved`,
      stream: 'system',
      type: `quarantine.${outcome}`,
      actor: 'curtail',
      atMs,
      fields: { record: id, source: row.source, findings: keys.length },
    },
  ]);
  return { id, outcome, findingKeys: keys };
}

async function notSeenSince(
  ports: LifecyclePorts,
  row: QuarantineRow,
  records: readonly SourceRecord[],
): Promise<{ fresh: readonly SourceRecord[]; keys: readonly string[] }> {
  const fresh: SourceRecord[] = [];
  const keys: string[] = [];
  for (const record of records) {
    if (!record.ok) continue;
    const key = findingKey(record.finding, ports.digest);
    keys.push(key);
    const known = await ports.ledger.finding(key);
    if (known === undefined || known.lastSeenMs < row.atMs) fresh.push(record);
  }
  return { fresh, keys };
}
