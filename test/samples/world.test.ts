import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AdapterDeps } from '../../activities/adapter.js';
import { createSnapshot } from '../../activities/cloud/snapshot.js';
import { createLocalGit } from '../../activities/iac/local-git.js';
import { type Change, reverseChange } from '../../domain/change/change.js';
import { renderChange } from '../../domain/change/render.js';
import { isRecord, type Json } from '../../domain/json.js';
import { loadOrganisation } from '../../samples/load.js';
import { BASE_MS, DAY_MS } from '../../samples/model/clock.js';
import { arn, DEVELOPMENT, PRODUCTION, WEB_ROLES } from '../../samples/model/names.js';
import { STALE_KEY } from '../../samples/model/others.js';
import { mergeBranch, openBranches, runPipeline } from '../../samples/pipeline.js';
import { openFindings, scan } from '../../samples/scan.js';
import { daysToShift, shiftFile, shiftText } from '../../samples/shift.js';
import { work } from '../../samples/workload.js';
import { closePaymentsDatabase, driftSharedPolicy } from '../../samples/world.js';

const NOW_MS = BASE_MS + 100 * DAY_MS + 5 * 3_600_000;
const root = mkdtempSync(join(tmpdir(), 'samples-'));
let folder = '';
let count = 0;

afterAll(() => rmSync(root, { recursive: true, force: true }));

const deps: AdapterDeps = {
  log: () => {},
  now: () => NOW_MS,
  fetch: () => Promise.reject(new Error('no network here')),
  resolveSecret: () => Promise.reject(new Error('no secrets here')),
  folder: root,
};

/** Loads once, and gives each test a copy of its own. */
async function load(): Promise<void> {
  const original = join(root, 'original');
  if (count === 0) await loadOrganisation({ to: original, nowMs: NOW_MS });
  count += 1;
  folder = join(root, String(count));
  cpSync(original, folder, { recursive: true });
}

function cloud() {
  return createSnapshot({ path: join(folder, 'account') }, deps);
}

describe('moving the dates', () => {
  it('moves whole days, so that times of day stay', () => {
    expect(daysToShift(BASE_MS + 2.9 * DAY_MS)).toBe(2);
    expect(shiftText('from 2026-09-30T22:15:00Z to 2026-10-01, 2026-02-28T01:02:03.004+02:00', 2)).toBe(
      'from 2026-10-02T22:15:00Z to 2026-10-03, 2026-03-02T01:02:03.004+02:00',
    );
  });
  it('leaves what only looks like a date of ours', () => {
    const text =
      '{"Version": "2012-10-17", "since": "2015-02-06T18:39:46Z", "account": 123456789012, "id": "1793426400000x"}';
    expect(shiftText(text, 30)).toBe(text);
  });
  it('moves milliseconds, and the day in a path', () => {
    expect(shiftText('{"firstSeen": 1790000000000}', 1)).toBe(`{"firstSeen": ${1_790_000_000_000 + DAY_MS}}`);
    const path = 'a/AWSLogs/a/CloudTrail/us-east-1/2026/09/30/a_CloudTrail_us-east-1_20260930T2355Z_ff.json';
    expect(shiftFile({ path, content: '' }, 1).path).toBe(
      'a/AWSLogs/a/CloudTrail/us-east-1/2026/10/01/a_CloudTrail_us-east-1_20261001T2355Z_ff.json',
    );
  });
});

describe('a loaded organisation', () => {
  beforeAll(load);

  it('has a trail of 90 days without gaps that ends last midnight', async () => {
    const window = {
      fromIso: new Date(NOW_MS - 90 * DAY_MS).toISOString(),
      toIso: new Date(NOW_MS).toISOString(),
    };
    const role = arn.role(PRODUCTION, 'ProdLambdaExecutionRole');
    const log = await cloud().readUsage({ accountId: PRODUCTION, principals: [role], ...window });
    expect(log.gaps).toEqual([]);
    const names = new Set(log.events.filter(isRecord).map((event) => event['eventName']));
    expect([...names].sort()).toEqual(['DeleteMessage', 'GetObject', 'PutItem', 'ReceiveMessage']);
    const last =
      log.events
        .filter(isRecord)
        .map((event) => String(event['eventTime']))
        .sort()
        .at(-1) ?? '';
    expect(NOW_MS - Date.parse(last)).toBeLessThan(DAY_MS + 5 * 3_600_000);
  });

  it('knows what Terraform manages, and nothing else', async () => {
    const owner = await cloud().managedBy(PRODUCTION, {
      principal: arn.role(PRODUCTION, 'reporting-etl'),
      name: 'etl',
    });
    expect(owner).toEqual({
      tool: 'terraform',
      evidence: 'module.reporting.aws_iam_role.etl in the Terraform state',
    });
    expect(
      await cloud().managedBy(PRODUCTION, { principal: arn.role(PRODUCTION, 'ecs-app-role') }),
    ).toBeUndefined();
  });

  it('is never loaded over something', async () => {
    await expect(loadOrganisation({ to: folder, nowMs: NOW_MS })).rejects.toThrow(/not empty/);
  });
});

describe('the world goes on', () => {
  beforeEach(load);

  it('everything is open at first, and a scan of it says so', async () => {
    const before = readExports();
    await scan({ folder, nowMs: NOW_MS });
    expect(statuses(readExports())).toEqual(statuses(before));
    expect(await openFindings(folder)).toHaveLength(23);
  });

  it('a fixed problem is reported resolved by the next scan of each platform', async () => {
    const key: Change = {
      kind: 'access-key',
      target: { principal: arn.user(DEVELOPMENT, 'svc-report-export'), name: STALE_KEY },
      before: { status: 'Active' },
      after: { status: 'Inactive' },
    };
    await cloud().apply({ accountId: DEVELOPMENT, change: key, key: 'k1' });
    const role: Change = {
      kind: 'role',
      target: { principal: arn.role(PRODUCTION, 'LegacyBatchExportRole') },
      before: { disabled: false },
      after: { disabled: true },
    };
    await cloud().apply({ accountId: PRODUCTION, change: role, key: 'k2' });
    await closePaymentsDatabase({ folder, nowMs: NOW_MS });
    await narrow('ProdLambdaExecutionRole', 'data-processor', ['s3:GetObject']);
    await scan({ folder, nowMs: NOW_MS });
    const after = readExports();
    expect(after.lacework.match(/"status": "Closed"/g)).toHaveLength(1);
    expect(after.wiz.match(/"status": "RESOLVED"/g)).toHaveLength(1);
    expect(after.prisma.match(/"status": "resolved"/g)).toHaveLength(1);
    expect(after.wiz).not.toContain('5b0a3c1e-94f2-4d3b-8a57-0c9be1d6f201');
    await cloud().apply({ accountId: PRODUCTION, change: reverseChange(role), key: 'k3' });
    await scan({ folder, nowMs: NOW_MS });
    expect(readExports().wiz).not.toContain('"status": "RESOLVED"');
  });

  it('the eight web roles are mended by one change of their policy', async () => {
    const target = { arn: arn.policy(PRODUCTION, 'SharedWebTierPolicy') };
    const before = await cloud().current(PRODUCTION, { kind: 'managed-policy', target });
    const change: Change = { kind: 'managed-policy', target, before, after: allowing(['s3:GetObject']) };
    await cloud().apply({ accountId: PRODUCTION, change, key: 'k' });
    const open = await openFindings(folder);
    expect(open.filter((each) => each.startsWith('shared-policy'))).toEqual([]);
    expect(open).toHaveLength(23 - WEB_ROLES.length);
  });

  it('workloads are denied only what was taken away, and the trail shows it', async () => {
    expect((await work({ folder, nowMs: NOW_MS, seasonal: false })).denied).toEqual([]);
    expect((await work({ folder, nowMs: NOW_MS, seasonal: true })).denied).toEqual([]);
    await narrow('OrderSyncRole', 'sync', ['dynamodb:GetItem', 'dynamodb:Query']);
    expect((await work({ folder, nowMs: NOW_MS })).denied).toEqual([]);
    const principal = arn.role(PRODUCTION, 'OrderSyncRole');
    expect((await work({ folder, nowMs: NOW_MS + 2000, seasonal: true })).denied).toEqual([
      { principal, action: 'sns:Publish' },
    ]);
    const fromIso = new Date(NOW_MS + 1000).toISOString();
    const toIso = new Date(NOW_MS + 60_000).toISOString();
    const log = await cloud().readUsage({ accountId: PRODUCTION, principals: [principal], fromIso, toIso });
    const codes = log.events.filter(isRecord).map((event) => [event['eventName'], event['errorCode']]);
    expect(codes).toContainEqual(['Publish', 'AccessDenied']);
  });

  it('a drifting policy makes an approved change stale', async () => {
    const target = { arn: arn.policy(PRODUCTION, 'SharedWebTierPolicy') };
    const before = await cloud().current(PRODUCTION, { kind: 'managed-policy', target });
    await driftSharedPolicy({ folder, nowMs: NOW_MS });
    const change: Change = { kind: 'managed-policy', target, before, after: allowing(['s3:GetObject']) };
    await expect(cloud().apply({ accountId: PRODUCTION, change, key: 'k' })).rejects.toMatchObject({
      type: 'apply.conflict',
    });
  });

  it('a merged branch is rolled out once, and its note says how it went', async () => {
    const target = { principal: arn.role(PRODUCTION, 'reporting-etl'), name: 'etl' };
    const before = await cloud().current(PRODUCTION, { kind: 'inline-policy', target });
    const change: Change = {
      kind: 'inline-policy',
      target,
      before,
      after: allowing(['s3:GetObject', 's3:PutObject']),
    };
    const host = createLocalGit(
      {
        path: join(folder, 'infrastructure'),
        base: 'main',
        author: { name: 'Curtail', email: 'curtail@example.com' },
        pipeline: true,
      },
      deps,
    );
    const files = renderChange(change, 'terraform').files.map(({ name, text }) => ({
      path: `curtail/d1/${name}`,
      text,
    }));
    files.push({ path: 'curtail/d1/change.json', text: JSON.stringify([change]) });
    const { ref } = await host.openChange({
      branch: 'curtail/d1-g1',
      title: 'Narrow',
      body: 'Why.',
      files,
      key: 'k',
    });
    expect(await runPipeline({ folder, nowMs: NOW_MS })).toEqual([]);
    expect(openBranches(folder)).toEqual([ref]);
    mergeBranch(folder, ref);
    const state = await host.changeState(ref);
    const commit = state.state === 'merged' ? state.mergedCommit : '';
    expect(await host.pipelineState(commit)).toEqual({ state: 'running' });
    expect(await runPipeline({ folder, nowMs: NOW_MS })).toEqual([{ commit, state: 'succeeded' }]);
    expect(await host.pipelineState(commit)).toEqual({ state: 'succeeded' });
    expect(await cloud().current(PRODUCTION, change)).toEqual(change.after);
    expect(await runPipeline({ folder, nowMs: NOW_MS })).toEqual([]);
    expect(await openFindings(folder)).not.toContain('terraform-role');
  });
});

function allowing(actions: readonly string[]): Json {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
}

async function narrow(role: string, name: string, actions: readonly string[]): Promise<void> {
  const target = { principal: arn.role(PRODUCTION, role), name };
  const before = await cloud().current(PRODUCTION, { kind: 'inline-policy', target });
  const change: Change = { kind: 'inline-policy', target, before, after: allowing(actions) };
  await cloud().apply({ accountId: PRODUCTION, change, key: `narrow/${role}` });
}

function readExports(): Record<'wiz' | 'prisma' | 'orca' | 'lacework', string> {
  const read = (source: string): string => {
    const path = join(folder, 'exports', source);
    return readdirSync(path)
      .sort()
      .map((name) => readFileSync(join(path, name), 'utf8'))
      .join('\n');
  };
  return { wiz: read('wiz'), prisma: read('prisma'), orca: read('orca'), lacework: read('lacework') };
}

function statuses(exports: Record<string, string>): string[] {
  return Object.values(exports).flatMap(
    (text) => text.match(/"[sS]tatus": ("[a-zA-Z]+"|\{\s*"value": "[a-z]+")/g) ?? [],
  );
}
