import { stat } from 'node:fs/promises';
import { relative } from 'node:path';
import { openTrailCollector, type TrailFacts } from '../../domain/coverage/trail.js';
import { isRecord } from '../../domain/json.js';
import type { InputFault } from '../../domain/report/model.js';
import { openCollector } from '../../domain/usage/log.js';
import type { UsageLog } from '../../domain/usage/usage.js';
import { type Content, filesBelow, readJson } from './json-files.js';

/** A trail, read: its distinct calls, and what it shows about itself. */
export interface ReadTrail {
  log: UsageLog;
  facts: ReadonlyMap<string, TrailFacts>;
  files: number;
  faults: readonly InputFault[];
  /** Each a sentence. */
  notes: readonly string[];
}

/** Told after each file. */
export type TrailProgress = (done: number, files: number, records: number) => void;

/** Distinct calls that are told apart by their resources: some 300 MB. */
const MAX_DISTINCT = 400_000;

/** Faulty files that are named one by one; more are counted. */
const MAX_NAMED = 50;

/**
 * Reads CloudTrail's log files below a folder, as AWS delivers them (`AWSLogs/…/*.json.gz`) or unpacked, one after the
 * other: in memory are one file and the distinct calls of the accounts in question.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-find-log-files.html
 */
export async function readTrail(
  path: string,
  accounts: ReadonlySet<string>,
  progress: TrailProgress,
): Promise<ReadTrail> {
  const given = await stat(path);
  const files = (await filesBelow(path)).filter(
    (file) => !given.isDirectory() || (/\.json(\.gz)?$/.test(file) && isLog(relative(path, file))),
  );
  const collector = openCollector(MAX_DISTINCT);
  const trail = openTrailCollector();
  const faults: InputFault[] = [];
  let faulty = 0;
  let records = 0;
  for (const [i, file] of files.entries()) {
    const read = recordsOf(await readJson(file));
    if (!read.ok) {
      faulty += 1;
      const { ok: _, ...why } = read;
      if (faulty <= MAX_NAMED) faults.push({ file: relative(path, file) || file, ...why });
    }
    for (const record of read.ok ? read.value : []) {
      if (isElsewhere(record, accounts)) continue;
      collector.add(record);
      trail.add(record);
    }
    records += read.ok ? read.value.length : 0;
    progress(i + 1, files.length, records);
  }
  const coarse = collector.coarse();
  const notes = [
    ...(faulty > MAX_NAMED ? [`${faulty - MAX_NAMED} more log files could not be read.`] : []),
    ...(coarse > 0
      ? [
          `The trail has more than ${MAX_DISTINCT} distinct calls: of ${coarse} records the resource was not kept, so what they used is not narrowed to resources.`,
        ]
      : []),
  ];
  return { log: collector.log(), facts: trail.byAccount(), files: files.length - faulty, faults, notes };
}

// Beside a trail there may be an account's own files; a trail's lie under AWSLogs or are named after it.
function isLog(file: string): boolean {
  if (/(^|\/)AWSLogs\//.test(file)) return !/\/(Config|elasticloadbalancing|vpcflowlogs)\//.test(file);
  return /CloudTrail|\.gz$/.test(file) || !/(^|\/)(account|logging|scps|report)[^/]*\.json$/.test(file);
}

/** Records of an organisation's trail that neither happened in the accounts in question nor were caused by them. */
function isElsewhere(record: unknown, accounts: ReadonlySet<string>): boolean {
  if (!isRecord(record)) return false;
  const { recipientAccountId, userIdentity } = record;
  const caller = isRecord(userIdentity) ? userIdentity['accountId'] : undefined;
  const known = [recipientAccountId, caller].filter((id) => typeof id === 'string');
  return known.length > 0 && !known.some((id) => accounts.has(id));
}

function recordsOf(content: Content<unknown>): Content<readonly unknown[]> {
  if (!content.ok) return { ...content, reason: `${content.reason}; what it records is missing` };
  const { value } = content;
  if (Array.isArray(value)) return { ok: true, value };
  if (isRecord(value) && Array.isArray(value['Records'])) return { ok: true, value: value['Records'] };
  return { ok: false, reason: 'it has no "Records": not a log file of CloudTrail; it is left out' };
}
