import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openTrailCollector } from '../../domain/coverage/trail.js';
import type { AccountInput, RoleDetail } from '../../domain/graph/account.js';
import type { Json } from '../../domain/json.js';
import { buildReport } from '../../domain/report/build.js';
import type { Report, ReportInput } from '../../domain/report/model.js';
import { openCollector } from '../../domain/usage/log.js';
import { windowOf } from '../../domain/usage/window.js';

/** The account of the made-up analyses. */
export const ACCOUNT = '111122223333';

/** ARN of a role of that account. */
export function roleArn(name: string): string {
  return `arn:aws:iam::${ACCOUNT}:role/${name}`;
}

/** A role with one inline policy that allows these actions on everything. */
export function role(name: string, actions: readonly string[], more: Partial<RoleDetail> = {}): RoleDetail {
  return {
    Arn: roleArn(name),
    RoleName: name,
    CreateDate: '2024-01-01T00:00:00Z',
    AssumeRolePolicyDocument: statement({
      Principal: { Service: 'lambda.amazonaws.com' },
      Action: 'sts:AssumeRole',
    }),
    RolePolicyList: [
      { PolicyName: 'main', PolicyDocument: statement({ Action: [...actions], Resource: '*' }) },
    ],
    ...more,
  };
}

/** A policy document with one Allow statement. */
export function statement(allow: Readonly<Record<string, Json>>): Json {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...allow }] };
}

/** A CloudTrail record of a role's call. */
export function record(name: string, call: string, day: string): Record<string, unknown> {
  const [service = '', eventName = ''] = call.split(':');
  return {
    eventVersion: '1.11',
    eventTime: `${day}T10:00:00Z`,
    eventSource: `${service}.amazonaws.com`,
    eventName,
    awsRegion: 'eu-west-1',
    recipientAccountId: ACCOUNT,
    eventID: `${name}-${call}-${day}`,
    userIdentity: {
      type: 'AssumedRole',
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${name}/s`,
      accountId: ACCOUNT,
      sessionContext: { sessionIssuer: { type: 'Role', arn: roleArn(name), accountId: ACCOUNT } },
    },
  };
}

/** Everything that a report is computed from, of one account; without records there is no trail. */
export function analysisOf(
  input: AccountInput,
  records: readonly unknown[],
  more: Partial<ReportInput> = {},
): ReportInput {
  const collector = openCollector();
  const trail = openTrailCollector();
  for (const each of records) {
    collector.add(each);
    trail.add(each);
  }
  const log = collector.log();
  return {
    accounts: [{ id: ACCOUNT, input, logging: { management: true, data: [] } }],
    log,
    trails: trail.byAccount(),
    window: windowOf(log, Date.UTC(2026, 8, 30)),
    scope: {},
    findings: [],
    notes: [],
    faults: [],
    generatedIso: '2026-10-01T00:00:00.000Z',
    now: () => 0,
    digest: (text) => createHash('sha256').update(text, 'utf8').digest('hex'),
    ...more,
  };
}

/** Computes a report to the end. */
export function reportOf(input: ReportInput): Report {
  const work = buildReport(input);
  for (;;) {
    const next = work.next();
    if (next.done === true) return next.value;
  }
}

/** Writes files below a new temporary folder. */
export async function folderOf(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'curtail-analyse-'));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), content);
  }
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
