import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { AdapterDeps } from '../../../activities/adapter.js';
import { cloudAdapters } from '../../../activities/cloud/registry.js';
import { createSnapshot } from '../../../activities/cloud/snapshot.js';
import { accountFolder, applyInFolder, readJournal } from '../../../activities/cloud/snapshot-store.js';
import { type Change, reverseChange } from '../../../domain/change/change.js';
import { FailureType } from '../../../domain/failure.js';
import type { AccountInput } from '../../../domain/graph/account.js';
import { allow, READ_ONLY, ROLE, sampleAccount, USER } from '../../domain/change/sample-account.js';
import { type CloudCase, cloudContract } from './port-contract.js';

const ACCOUNT = '123456789012';
const MANAGED_ROLE = `arn:aws:iam::${ACCOUNT}:role/Coded`;
const STATE_ROLE = `arn:aws:iam::${ACCOUNT}:role/InState`;
const folders: string[] = [];

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

function deps(folder: string): AdapterDeps {
  return {
    log: () => {},
    now: () => Date.parse('2026-06-10T12:00:00Z'),
    fetch: () => Promise.reject(new Error('no network here')),
    resolveSecret: () => Promise.reject(new Error('no secrets here')),
    folder,
  };
}

function record(eventTime: string, arn: string) {
  const sessionIssuer = { type: 'Role', arn };
  const userIdentity = {
    type: 'AssumedRole',
    arn: 'arn:aws:sts::1:assumed-role/x/y',
    sessionContext: { sessionIssuer },
  };
  return { eventTime, eventSource: 's3.amazonaws.com', eventName: 'GetObject', userIdentity };
}

function withManagedRoles(account: AccountInput): AccountInput {
  return {
    ...account,
    RoleDetailList: [
      ...(account.RoleDetailList ?? []),
      { Arn: MANAGED_ROLE, RoleName: 'Coded', Tags: [{ Key: 'managed-by', Value: 'Terraform' }] },
      { Arn: STATE_ROLE, RoleName: 'InState' },
    ],
  };
}

const STATE = {
  version: 4,
  resources: [
    {
      mode: 'managed',
      module: 'module.app',
      type: 'aws_iam_role',
      name: 'in_state',
      instances: [{ attributes: { arn: STATE_ROLE } }],
    },
    { mode: 'data', type: 'aws_iam_role', name: 'seen', instances: [{ attributes: { arn: ROLE } }] },
  ],
};

async function newFolder(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'snapshot-'));
  folders.push(root);
  const account = join(root, ACCOUNT);
  const day = join(account, 'AWSLogs', ACCOUNT, 'CloudTrail', 'eu-central-1', '2026', '06', '09');
  await mkdir(day, { recursive: true });
  await writeFile(join(account, 'account.json'), JSON.stringify(withManagedRoles(sampleAccount())));
  await writeFile(join(account, 'logging.json'), '{"management":true,"data":["s3"]}');
  await writeFile(join(account, 'terraform.tfstate'), JSON.stringify(STATE));
  const Records = [record('2026-06-09T10:00:00Z', ROLE), record('2026-06-09T11:00:00Z', MANAGED_ROLE)];
  await writeFile(join(day, 'log.json.gz'), gzipSync(JSON.stringify({ Records })));
  return root;
}

const CHANGE: Change = {
  kind: 'inline-policy',
  target: { principal: ROLE, name: 'work' },
  before: allow('s3:*', 'sqs:*'),
  after: allow('s3:GetObject'),
};

async function open(): Promise<CloudCase> {
  const root = await newFolder();
  return {
    cloud: await cloudAdapters.snapshot.open({ path: root }, deps(root)),
    accountId: ACCOUNT,
    change: CHANGE,
    other: allow('s3:PutObject'),
    managed: { ...CHANGE, target: { principal: MANAGED_ROLE, name: 'work' }, before: null },
    malformed: { ...CHANGE, after: { Version: '2012-10-17', Statement: [{ Effect: 'Perhaps' }] } },
    missing: { ...CHANGE, target: { principal: `${ROLE}Gone`, name: 'work' } },
    effects: async () =>
      (await readJournal(accountFolder(root, ACCOUNT))).filter((entry) => entry.event === 'done').length,
    active: ROLE,
    silent: USER,
    window: { fromIso: '2026-06-09T00:00:00Z', toIso: '2026-06-10T00:00:00Z' },
  };
}

cloudContract('snapshot', open);

describe('a snapshot', () => {
  it('finds the owner in a Terraform state, and not in what the state only reads', async () => {
    const root = await newFolder();
    const cloud = createSnapshot({ path: root }, deps(root));
    expect(await cloud.managedBy(ACCOUNT, { principal: STATE_ROLE, name: 'x' })).toEqual({
      tool: 'terraform',
      evidence: 'module.app.aws_iam_role.in_state in the Terraform state',
    });
    expect(await cloud.managedBy(ACCOUNT, { principal: ROLE })).toBeUndefined();
  });

  it('does not act on what a damaged state might own', async () => {
    const root = await newFolder();
    await writeFile(join(root, ACCOUNT, 'other.tfstate'), '{"version":3}');
    const cloud = createSnapshot({ path: root }, deps(root));
    await expect(cloud.apply({ accountId: ACCOUNT, change: CHANGE, key: 'k' })).rejects.toMatchObject({
      type: FailureType.VendorShape,
    });
  });

  it('finishes what a crash left between the write and the journal, without a second effect', async () => {
    const root = await newFolder();
    const folder = accountFolder(root, ACCOUNT);
    const cloud = createSnapshot({ path: root }, deps(root));
    await cloud.apply({ accountId: ACCOUNT, change: CHANGE, key: 'k1' });
    const journal = join(folder.path, 'journal.jsonl');
    const [begun] = (await readFile(journal, 'utf8')).split('\n');
    await writeFile(journal, `${begun}\n{"event":"do`);
    expect(await cloud.apply({ accountId: ACCOUNT, change: CHANGE, key: 'k1' })).toEqual({
      state: CHANGE.after,
    });
    expect((await readJournal(folder)).map((entry) => entry.event)).toEqual(['begun', 'done']);
  });

  it('does what a crash left before the write, once', async () => {
    const root = await newFolder();
    const folder = accountFolder(root, ACCOUNT);
    const begun = {
      event: 'begun',
      atIso: '2026-06-10T12:00:00.000Z',
      key: 'k1',
      by: 'curtail',
      change: CHANGE,
    };
    await writeFile(join(folder.path, 'journal.jsonl'), `${JSON.stringify(begun)}\n`);
    const cloud = createSnapshot({ path: root }, deps(root));
    expect(await cloud.apply({ accountId: ACCOUNT, change: CHANGE, key: 'k1' })).toEqual({
      state: CHANGE.after,
    });
    expect((await readJournal(folder)).map((entry) => entry.event)).toEqual(['begun', 'done']);
  });

  it('takes over the lock of a writer that died', async () => {
    const root = await newFolder();
    await writeFile(join(root, ACCOUNT, 'account.lock'), '999999999');
    const cloud = createSnapshot({ path: root }, deps(root));
    expect(await cloud.apply({ accountId: ACCOUNT, change: CHANGE, key: 'k' })).toEqual({
      state: CHANGE.after,
    });
  });

  it('refuses a key that was used for another change', async () => {
    const root = await newFolder();
    const cloud = createSnapshot({ path: root }, deps(root));
    await cloud.apply({ accountId: ACCOUNT, change: CHANGE, key: 'k' });
    await expect(
      cloud.apply({ accountId: ACCOUNT, change: reverseChange(CHANGE), key: 'k' }),
    ).rejects.toMatchObject({ type: FailureType.InvalidInput });
  });

  it('lets a pipeline change what Terraform owns: only the adapter refuses', async () => {
    const root = await newFolder();
    const change: Change = {
      kind: 'policy-attachment',
      target: { principal: STATE_ROLE, arn: READ_ONLY },
      before: null,
      after: { attached: true },
    };
    const nowMs = Date.parse('2026-06-10T12:00:00Z');
    const applied = await applyInFolder(accountFolder(root, ACCOUNT), {
      change,
      key: 'c1',
      by: 'pipeline',
      nowMs,
    });
    expect(applied).toEqual({ state: { attached: true } });
  });

  it('names days without log files, damaged files and undeclared logging', async () => {
    const root = await newFolder();
    await writeFile(
      join(
        root,
        ACCOUNT,
        'AWSLogs',
        ACCOUNT,
        'CloudTrail',
        'eu-central-1',
        '2026',
        '06',
        '09',
        'bad.json.gz',
      ),
      'x',
    );
    await rm(join(root, ACCOUNT, 'logging.json'));
    const cloud = createSnapshot({ path: root }, deps(root));
    const log = await cloud.readUsage({
      accountId: ACCOUNT,
      fromIso: '2026-06-08T00:00:00Z',
      toIso: '2026-06-10T12:00:00Z',
    });
    expect(log.logging).toEqual({ management: false, data: [] });
    expect(log.gaps).toEqual([
      'the trail has no log files of 2026-06-08',
      'the log file bad.json.gz of 2026-06-09 is damaged',
      'nobody declared what this account logs',
    ]);
    expect(log.events).toHaveLength(2);
  });

  it.each(['../..', '123', '12345678901a', ''])(
    'does not leave its folder for the account id %j',
    async (accountId) => {
      const root = await newFolder();
      const cloud = createSnapshot({ path: root }, deps(root));
      await expect(cloud.readAccount(accountId)).rejects.toMatchObject({ type: FailureType.InvalidInput });
    },
  );

  it('says which file is no account', async () => {
    const root = await newFolder();
    await writeFile(join(root, ACCOUNT, 'account.json'), '{"RoleDetailList":[{"RoleName":"no arn"}]}');
    const cloud = createSnapshot({ path: root }, deps(root));
    await expect(cloud.readAccount(ACCOUNT)).rejects.toMatchObject({ type: FailureType.VendorShape });
  });
});
