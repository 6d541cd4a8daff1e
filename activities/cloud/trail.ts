import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { isRecord } from '../../domain/json.js';
import { codeOf } from './file-lock.js';

/** Largest log file that is unpacked, in bytes. CloudTrail's are far below. */
const MAX_UNPACKED = 256 * 1024 * 1024;
const DAY_MS = 86_400_000;

/** Records of a trail in a window, and what could not be read, each a sentence. */
export interface TrailRecords {
  records: readonly Record<string, unknown>[];
  gaps: readonly string[];
}

/**
 * Reads a trail in the folders that CloudTrail writes to its bucket:
 * `AWSLogs/<account>/CloudTrail/<region>/<YYYY>/<MM>/<DD>/*.json.gz`.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-find-log-files.html
 */
export async function readTrail(
  root: string,
  window: { accountId: string; fromMs: number; toMs: number; signal?: AbortSignal },
): Promise<TrailRecords> {
  const trail = join(root, 'AWSLogs', window.accountId, 'CloudTrail');
  const regions = await names(trail);
  const records: Record<string, unknown>[] = [];
  const gaps: string[] = [];
  if (regions.length === 0) gaps.push('the account has no trail here: nothing that it did is known');
  for (const day of regions.length === 0 ? [] : daysOf(window)) {
    window.signal?.throwIfAborted();
    let files = 0;
    for (const region of regions) {
      const folder = join(trail, region, ...day.split('-'));
      for (const file of await names(folder)) {
        if (!file.endsWith('.json.gz')) continue;
        files += 1;
        const found = await recordsOf(join(folder, file));
        if (found === undefined) gaps.push(`the log file ${file} of ${day} is damaged`);
        else records.push(...found);
      }
    }
    if (files === 0 && isOver(day, window.toMs)) gaps.push(`the trail has no log files of ${day}`);
  }
  return { records: records.filter((record) => isWithin(record, window)), gaps };
}

async function recordsOf(path: string): Promise<Record<string, unknown>[] | undefined> {
  const packed = await readFile(path);
  let parsed: unknown;
  try {
    parsed = JSON.parse(gunzipSync(packed, { maxOutputLength: MAX_UNPACKED }).toString('utf8'));
  } catch {
    return undefined;
  }
  const list = isRecord(parsed) ? parsed['Records'] : undefined;
  return Array.isArray(list) ? list.filter(isRecord) : undefined;
}

// Files are filed by when they were delivered, some minutes after the call: the day after the window is read as well.
function daysOf({ fromMs, toMs }: { fromMs: number; toMs: number }): string[] {
  const days: string[] = [];
  const last = Math.floor(toMs / DAY_MS) + 1;
  for (let day = Math.floor(fromMs / DAY_MS); day <= last; day += 1) {
    days.push(new Date(day * DAY_MS).toISOString().slice(0, 10));
  }
  return days;
}

function isOver(day: string, toMs: number): boolean {
  return Date.parse(day) + DAY_MS <= toMs;
}

function isWithin(
  record: Record<string, unknown>,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): boolean {
  const at = Date.parse(String(record['eventTime']));
  // A record without a readable time stays: the reader of the log accounts for it as malformed.
  return Number.isNaN(at) || (at >= fromMs && at <= toMs);
}

/** Whether a record is of one of the principals: the user, or the role behind the session. */
export function isBy(record: Record<string, unknown>, principals: ReadonlySet<string>): boolean {
  const identity = record['userIdentity'];
  if (!isRecord(identity)) return false;
  const context = identity['sessionContext'];
  const issuer = isRecord(context) ? context['sessionIssuer'] : undefined;
  const arns = [identity['arn'], isRecord(issuer) ? issuer['arn'] : undefined];
  return arns.some((arn) => typeof arn === 'string' && principals.has(arn));
}

/** Whether a record names one of the resources, or something within one (an object of a bucket). */
export function isAbout(record: Record<string, unknown>, resources: ReadonlySet<string>): boolean {
  const named = record['resources'];
  if (!Array.isArray(named)) return false;
  return named.filter(isRecord).some((resource) => {
    const arn = resource['ARN'] ?? resource['arn'];
    return typeof arn === 'string' && (resources.has(arn) || resources.has(arn.split('/')[0] ?? arn));
  });
}

async function names(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}
