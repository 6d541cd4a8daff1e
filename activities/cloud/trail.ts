import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { isRecord } from '../../domain/json.js';
import { createFileCache } from './file-cache.js';
import { codeOf } from './file-lock.js';

/** Largest log file that is unpacked, in bytes. CloudTrail's are far below. */
const MAX_UNPACKED = 256 * 1024 * 1024;
const DAY_MS = 86_400_000;

/** Records of a trail in a window, and what could not be read, each a sentence. */
export interface TrailRecords {
  records: readonly Record<string, unknown>[];
  gaps: readonly string[];
}

interface Window {
  accountId: string;
  fromMs: number;
  toMs: number;
  signal?: AbortSignal;
}

/**
 * Reads a trail in the folders that CloudTrail writes to its bucket:
 * `AWSLogs/<account>/CloudTrail/<region>/<YYYY>/<MM>/<DD>/*.json.gz`.
 * Asked again while nothing in its window has changed it answers with the same list, which nobody may change.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-find-log-files.html
 */
export async function readTrail(root: string, window: Window): Promise<TrailRecords> {
  const trail = join(root, 'AWSLogs', window.accountId, 'CloudTrail');
  const regions = await names(trail);
  const files: (readonly Record<string, unknown>[])[] = [];
  const gaps: string[] = [];
  if (regions.length === 0) gaps.push('the account has no trail here: nothing that it did is known');
  for (const day of regions.length === 0 ? [] : daysOf(window)) {
    window.signal?.throwIfAborted();
    let count = 0;
    for (const region of regions) {
      const folder = join(trail, region, ...day.split('-'));
      for (const file of await names(folder)) {
        if (!file.endsWith('.json.gz')) continue;
        count += 1;
        const found = await logFiles.read(join(folder, file));
        if (found === undefined) gaps.push(`the log file ${file} of ${day} is damaged`);
        else files.push(found);
      }
    }
    if (count === 0 && isOver(day, window.toMs)) gaps.push(`the trail has no log files of ${day}`);
  }
  return { records: within(trail, files, window), gaps };
}

/** What a trail last came to. */
interface Answered {
  files: readonly (readonly Record<string, unknown>[])[];
  /** The window may begin after `afterMs` and until `firstMs`, and end from `lastMs` on and before `beforeMs`. */
  afterMs: number;
  firstMs: number;
  lastMs: number;
  beforeMs: number;
  records: readonly Record<string, unknown>[];
}

/** Trails whose last answer is remembered; the records themselves are kept by `logFiles`, or by whoever uses them. */
const MAX_ANSWERS = 16;
const answers = new Map<string, Answered>();

function within(trail: string, files: Answered['files'], window: Window): readonly Record<string, unknown>[] {
  const known = answers.get(trail);
  answers.delete(trail);
  const answer = known !== undefined && fits(known, files, window) ? known : select(files, window);
  answers.set(trail, answer);
  const [oldest] = answers.keys();
  if (answers.size > MAX_ANSWERS && oldest !== undefined) answers.delete(oldest);
  return answer.records;
}

function fits(known: Answered, files: Answered['files'], { fromMs, toMs }: Window): boolean {
  const sameFiles = known.files.length === files.length && known.files.every((file, i) => file === files[i]);
  return (
    sameFiles &&
    fromMs > known.afterMs &&
    fromMs <= known.firstMs &&
    toMs >= known.lastMs &&
    toMs < known.beforeMs
  );
}

function select(files: Answered['files'], { fromMs, toMs }: Window): Answered {
  const answer = {
    files,
    afterMs: Number.NEGATIVE_INFINITY,
    firstMs: Number.POSITIVE_INFINITY,
    lastMs: Number.NEGATIVE_INFINITY,
    beforeMs: Number.POSITIVE_INFINITY,
  };
  const records: Record<string, unknown>[] = [];
  for (const record of files.flat()) {
    const at = Date.parse(String(record['eventTime']));
    if (at < fromMs) answer.afterMs = Math.max(answer.afterMs, at);
    else if (at > toMs) answer.beforeMs = Math.min(answer.beforeMs, at);
    else {
      // A record without a readable time stays: the reader of the log accounts for it as malformed.
      records.push(record);
      if (Number.isNaN(at)) continue;
      answer.firstMs = Math.min(answer.firstMs, at);
      answer.lastMs = Math.max(answer.lastMs, at);
    }
  }
  return { ...answer, records };
}

/** Log files that stay unpacked, packed bytes of them; unpacked they are about twenty times as large. */
const MAX_KEPT_PACKED = 2 * 1024 * 1024;

/** Records of a log file; undefined when it is damaged. */
const logFiles = createFileCache({
  maxBytes: MAX_KEPT_PACKED,
  read: async (path): Promise<readonly Record<string, unknown>[] | undefined> => {
    const packed = await readFile(path);
    let parsed: unknown;
    try {
      parsed = JSON.parse(gunzipSync(packed, { maxOutputLength: MAX_UNPACKED }).toString('utf8'));
    } catch {
      return undefined;
    }
    const list = isRecord(parsed) ? parsed['Records'] : undefined;
    return Array.isArray(list) ? list.filter(isRecord) : undefined;
  },
});

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

/** Names in a folder, kept as long as the folder is the same: a window of 90 days has 90 of them in each region. */
const folders = createFileCache<readonly string[]>({
  maxBytes: 16 * 1024 * 1024,
  read: async (folder) => (await readdir(folder)).sort(),
});

async function names(folder: string): Promise<readonly string[]> {
  try {
    return await folders.read(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}
