import { gzipSync } from 'node:zlib';
import type { Json } from '../../domain/json.js';
import { CALLS } from './calls.js';
import { BASE_MS, DAY_MS, TRAIL_DAYS } from './clock.js';
import { REGION } from './names.js';
import type { Random } from './random.js';
import { recordOf } from './trail-record.js';

/** A file of the organisation, its path relative to the output folder. */
export interface SampleFile {
  path: string;
  content: string | Uint8Array;
}

/** One log file a day and account, filed as CloudTrail files them. */
export function trailFiles(accounts: readonly string[], random: Random): SampleFile[] {
  return accounts.flatMap((account) =>
    Array.from({ length: TRAIL_DAYS }, (_, index) => dayFile(account, TRAIL_DAYS - index, random)),
  );
}

/** The folder and name of a log file of an account. */
export function trailPath(account: string, atMs: number, unique: string): string {
  const iso = new Date(atMs).toISOString();
  const stamp = `${iso.slice(0, 10).replaceAll('-', '')}T${iso.slice(11, 16).replace(':', '')}Z`;
  const folder = `${account}/AWSLogs/${account}/CloudTrail/${REGION}/${iso.slice(0, 10).replaceAll('-', '/')}`;
  return `${folder}/${account}_CloudTrail_${REGION}_${stamp}_${unique}.json.gz`;
}

function dayFile(account: string, daysAgo: number, random: Random): SampleFile {
  const startMs = BASE_MS - daysAgo * DAY_MS;
  const records: { timeIso: string; record: Json }[] = [];
  for (const call of CALLS.filter((each) => each.account === account)) {
    const count = call.perDay ?? (call.onDays?.includes(daysAgo) === true ? 1 : 0);
    for (let i = 0; i < count; i += 1) {
      const at = new Date(startMs + random.between(0, DAY_MS / 1000 - 1) * 1000);
      const timeIso = at.toISOString().replace('.000Z', 'Z');
      records.push({
        timeIso,
        record: recordOf(call, { timeIso, eventId: random.uuid(), requestId: random.uuid() }),
      });
    }
  }
  records.sort((a, b) => (a.timeIso < b.timeIso ? -1 : 1));
  const text = JSON.stringify({ Records: records.map((each) => each.record) });
  const path = trailPath(account, startMs + DAY_MS - 300_000, random.hex(16));
  return { path, content: deterministicGzip(text) };
}

/** Gzip without a time stamp and with a fixed operating-system byte, so that equal text gives equal bytes. */
export function deterministicGzip(text: string): Uint8Array {
  const packed = gzipSync(text, { level: 9 });
  packed[9] = 0xff;
  return packed;
}
