import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { filesBelow, readJson } from '../bin/analyse/json-files.js';
import { readTrail } from '../bin/analyse/read-trail.js';
import { parsePolicy } from '../domain/iam/parse.js';
import type { ResourceMode, RightsizeResult, SizedPolicy } from '../domain/iam/rightsize/model.js';
import { rightsize } from '../domain/iam/rightsize/rightsize.js';
import { proveUsage } from '../domain/proof/obligations.js';
import { openCollector } from '../domain/usage/log.js';
import { principalKey } from '../domain/usage/principal.js';
import type { UsageLog } from '../domain/usage/usage.js';

/**
 * Right-sizes one role from a trail of gzip files, as AWS delivers them, and judges the result by the future: policies
 * are fitted on the first 70 % of the days, and the rest is replayed. `npx tsx bench/rightsize.ts [events]`. The trail is
 * made up and the same at every run: steady work, weekly and monthly jobs, new files every day, and a release after
 * three quarters of the window that begins to use two more actions.
 */
const events = Number(process.argv[2] ?? 100_000);
const FILES = 90;
const ACCOUNT = '111122223333';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/orders`;
const FIRST_DAY = Date.UTC(2026, 5, 1);
const DAY_MS = 86_400_000;
const TRAIN_DAYS = Math.floor(FILES * 0.7);

const POLICY: SizedPolicy = {
  name: 'orders',
  managed: 'inline',
  document: {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'Data',
        Effect: 'Allow',
        Action: ['s3:*', 'dynamodb:*', 'sqs:*'],
        Resource: '*',
      },
      { Sid: 'Run', Effect: 'Allow', Action: ['lambda:*', 'ec2:*', 'kms:*', 'iam:PassRole'], Resource: '*' },
    ],
  },
};

let state = 7;
function below(limit: number): number {
  state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
  return Math.floor((state / 2_147_483_648) * limit);
}

type Call = readonly [source: string, name: string, request: Record<string, unknown>];

/** What happens on a day, apart from what always happens. */
function jobsOf(day: number): Call[] {
  return [
    ...(day % 7 === 0 ? [['ec2', 'DescribeInstances', {}] as const] : []),
    ...(day % 30 === 29 ? [['s3', 'DeleteObject', s3(`archive/${day}.csv`)] as const] : []),
    ...(day >= 70 ? [['sqs', 'PurgeQueue', queue('orders')] as const] : []),
    ...(day >= 70 ? [['s3', 'PutObject', s3(`exports/${day}.parquet`)] as const] : []),
  ];
}

function steady(day: number): Call {
  switch (below(5)) {
    case 0:
      return ['s3', 'GetObject', s3(`orders/${day}/${below(40)}.json`)];
    case 1:
      return ['s3', 'PutObject', s3(`orders/${day}/${below(40)}.json`)];
    case 2:
      return ['dynamodb', 'GetItem', { tableName: 'orders' }];
    case 3:
      return ['dynamodb', 'UpdateItem', { tableName: below(2) === 0 ? 'orders' : 'stock' }];
    default:
      return ['sqs', 'SendMessage', queue('orders')];
  }
}

function s3(key: string): Record<string, unknown> {
  return { bucketName: 'shop-orders', key };
}

function queue(name: string): Record<string, unknown> {
  return { queueUrl: `https://sqs.eu-west-1.amazonaws.com/${ACCOUNT}/${name}` };
}

function recordOf([source, name, request]: Call, day: number, index: number): unknown {
  return {
    eventVersion: '1.11',
    eventTime: new Date(FIRST_DAY + day * DAY_MS + (index % 86_400) * 1000).toISOString().replace('.000', ''),
    eventSource: `${source}.amazonaws.com`,
    eventName: name,
    awsRegion: 'eu-west-1',
    sourceIPAddress: '10.0.0.7',
    userAgent: 'aws-sdk-java/2.20.0 exec-env/AWS_ECS_FARGATE',
    recipientAccountId: ACCOUNT,
    requestParameters: request,
    responseElements: null,
    requestID: `r-${day}-${index}`,
    eventID: `e-${day}-${index}`,
    userIdentity: {
      type: 'AssumedRole',
      principalId: 'AROAEXAMPLE:task',
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/orders/task`,
      accountId: ACCOUNT,
      accessKeyId: 'ASIAEXAMPLE',
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: 'AROAEXAMPLE',
          arn: ROLE,
          accountId: ACCOUNT,
          userName: 'orders',
        },
      },
    },
  };
}

/** Writes the trail, a file a day, and answers the size of the largest one, unpacked, in bytes. */
async function writeTrail(folder: string): Promise<number> {
  let largest = 0;
  for (let day = 0; day < FILES; day += 1) {
    const jobs = jobsOf(day);
    const count = Math.round((events * (day + 1)) / FILES) - Math.round((events * day) / FILES);
    const calls = [...jobs, ...Array.from({ length: Math.max(0, count - jobs.length) }, () => steady(day))];
    const text = JSON.stringify({ Records: calls.map((call, i) => recordOf(call, day, i)) });
    largest = Math.max(largest, text.length);
    const date = new Date(FIRST_DAY + day * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '/');
    const below = join(folder, 'AWSLogs', ACCOUNT, 'CloudTrail', 'eu-west-1', date);
    await mkdir(below, { recursive: true });
    await writeFile(join(below, `${ACCOUNT}_CloudTrail_eu-west-1_${day}.json.gz`), gzipSync(text));
  }
  return largest;
}

function size(usage: UsageLog, fromDay: number, toDay: number, resources: ResourceMode): RightsizeResult {
  return rightsize({
    principal: ROLE,
    policies: [POLICY],
    usage,
    window: windowOf(fromDay, toDay),
    options: { resources, logging: { management: true, data: 'all' }, keepDependent: true },
    now: () => performance.now(),
    digest: sha256,
  });
}

function windowOf(fromDay: number, toDay: number): { fromIso: string; toIso: string } {
  const iso = (day: number): string => new Date(FIRST_DAY + day * DAY_MS).toISOString();
  return { fromIso: iso(fromDay), toIso: iso(toDay) };
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** The log cut in two by days: what policies are fitted on, and what they are judged by. */
async function split(folder: string): Promise<{ fit: UsageLog; later: UsageLog }> {
  const border = windowOf(0, TRAIN_DAYS).toIso;
  const fit = openCollector();
  const later = openCollector();
  for (const file of await filesBelow(folder)) {
    const content = await readJson(file);
    const { Records } = content.ok
      ? (content.value as { Records: { eventTime: string }[] })
      : { Records: [] };
    for (const record of Records) (record.eventTime < border ? fit : later).add(record);
  }
  return { fit: fit.log(), later: later.log() };
}

/** What of the later requests the fitted policy would have denied, and why. */
function judge({ fit, later }: { fit: UsageLog; later: UsageLog }, resources: ResourceMode): object {
  const { policies, proof, removed } = size(fit, 0, TRAIN_DAYS, resources);
  const after = policies.map(({ document }) => parsePolicy(document, 'identity'));
  const before = [parsePolicy(POLICY.document, 'identity')];
  const key = principalKey(ROLE);
  const accounting = proveUsage(
    later,
    { window: windowOf(TRAIN_DAYS, FILES), subject: key, affected: new Set([key]) },
    new Map([[key, { before, after }]]),
    { now: () => performance.now(), digest: sha256 },
  );
  const seen = new Set(fit.calls.flatMap(({ pairs }) => pairs.map(({ action }) => action)));
  const denied = accounting.newlyDenied.reduce((sum, { count }) => sum + count, 0);
  const reasons = new Map<string, number>();
  for (const { action, count } of accounting.newlyDenied) {
    const why = seen.has(action) ? `${action}: on a resource of a new kind` : `${action}: not used before`;
    reasons.set(why, (reasons.get(why) ?? 0) + count);
  }
  return {
    verdict: proof.verdict,
    removed: removed.length,
    laterRequests: accounting.total,
    denied,
    deniedShare: Number((denied / Math.max(1, accounting.total)).toFixed(5)),
    reasons: Object.fromEntries(reasons),
  };
}

const folder = await mkdtemp(join(tmpdir(), 'curtail-bench-'));
try {
  const largestFile = await writeTrail(folder);
  const peakMb = (): number => Math.round(process.resourceUsage().maxRSS / 1024);
  const beforeMb = peakMb();
  const startMs = performance.now();
  const startCpu = process.cpuUsage();
  const { log } = await readTrail(folder, new Set([ACCOUNT]), () => undefined);
  const readMs = performance.now() - startMs;
  const whole = size(log, 0, FILES, 'prefix');
  const totalMs = performance.now() - startMs;
  const cpu = process.cpuUsage(startCpu);
  const parts = await split(folder);
  const result = {
    events: log.total,
    files: FILES,
    largestFileMb: Number((largestFile / 1_048_576).toFixed(1)),
    distinctCalls: log.calls.length,
    readMs: Math.round(readMs),
    totalMs: Math.round(totalMs),
    // What a quiet machine would take at most; wall time counts what else runs.
    cpuMs: Math.round((cpu.user + cpu.system) / 1000),
    memoryMb: { afterWriting: beforeMb, peak: peakMb() },
    verdict: whole.proof.verdict,
    usedAndNewlyDenied: whole.proof.usage?.newlyDenied.length ?? 0,
    timeSplit: {
      fitDays: TRAIN_DAYS,
      leave: judge(parts, 'leave'),
      prefix: judge(parts, 'prefix'),
      exact: judge(parts, 'exact'),
    },
  };
  console.log(JSON.stringify(result, null, 2));
} finally {
  await rm(folder, { recursive: true, force: true });
}
