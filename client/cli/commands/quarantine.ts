import type { Replayed } from '../../../activities/lifecycle/replay.js';
import type { QuarantineRow } from '../../../domain/finding/quarantine.js';
import type { QuarantineLine } from '../../gateway/api/quarantine.js';
import type { OperationOptions } from '../operations.js';
import { printJson, printTable, safe } from '../print.js';
import { api } from './findings.js';

type Options = OperationOptions & Record<string, unknown>;

/** `curtail quarantine list`: refused records that wait, newest first. */
export async function list(options: Options): Promise<0> {
  const { records } = await api(options).get<{ records: readonly QuarantineLine[] }>('/quarantine');
  if (options.json === true) printJson(records);
  else if (records.length === 0) console.log('no record waits');
  else
    printTable(
      ['ID', 'SOURCE', 'WHEN', 'LINE', 'WHERE', 'REASON'],
      records.map((row) => [
        String(row.id),
        row.source,
        new Date(row.atMs).toISOString(),
        row.line === undefined ? '' : String(row.line),
        row.pointer ?? '',
        row.reason,
      ]),
    );
  return 0;
}

/** `curtail quarantine show`: one record with what came. */
export async function show(id: string, options: Options): Promise<0> {
  const row = await api(options).get<QuarantineRow>(`/quarantine/${encodeURIComponent(id)}`);
  if (options.json === true) printJson(row);
  else {
    console.log(safe(`${row.source}, ${new Date(row.atMs).toISOString()}`));
    console.log(safe(`${row.reason}${row.pointer === undefined ? '' : ` at ${row.pointer}`}`));
    if (row.line !== undefined) console.log(`line ${row.line}`);
    if (row.resolution !== undefined) console.log(row.resolution);
    // JSON escapes C0 itself; what else could move the cursor is taken out line by line.
    for (const line of (JSON.stringify(row.original, null, 2) ?? 'null').split('\n')) console.log(safe(line));
  }
  return 0;
}

/** `curtail quarantine replay`: reads one or all again. Exit 1 when some are refused again, 2 when neither is named. */
export async function replay(id: string | undefined, options: Options): Promise<0 | 1 | 2> {
  const all = options['all'] === true;
  if (all === (id !== undefined)) {
    console.error('name one record, or say --all');
    return 2;
  }
  const client = api(options);
  const results =
    id === undefined
      ? (await client.post<{ results: readonly Replayed[] }>('/quarantine/replay')).results
      : [await client.post<Replayed>(`/quarantine/${encodeURIComponent(id)}/replay`)];
  if (options.json === true) printJson(results);
  else if (results.length === 0) console.log('no record waits');
  else
    printTable(
      ['ID', 'OUTCOME', 'FINDINGS', ''],
      results.map((result) => [
        String(result.id),
        result.outcome,
        result.findingKeys.map((key) => key.slice(0, 10)).join(' '),
        [result.pointer, result.reason].filter((part) => part !== undefined).join(' '),
      ]),
    );
  return results.some(({ outcome }) => outcome === 'refused') ? 1 : 0;
}
