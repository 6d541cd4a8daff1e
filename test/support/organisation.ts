import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { withLock } from '../../activities/cloud/file-lock.js';
import type { Finding } from '../../domain/finding/finding.js';
import type { Json } from '../../domain/json.js';
import { loadOrganisation } from '../../samples/load.js';
import type { Call } from '../../samples/model/calls.js';
import { arn, DEVELOPMENT, REGION } from '../../samples/model/names.js';
import { deterministicGzip, trailPath } from '../../samples/model/trail-files.js';
import { recordOf } from '../../samples/model/trail-record.js';

/** The account that tests work in: its trail is short, so that drafting is quick. */
export const HOME = DEVELOPMENT;

/** A working copy of the sample organisation that tests may change. */
export interface Organisation {
  folder: string;
  /** Adds a role with one inline policy, and what it did yesterday to the trail. */
  addRole(role: NewRole): Promise<string>;
  addRoles(roles: readonly NewRole[]): Promise<readonly string[]>;
  /** Rewrites the account's file, as somebody at the console would. */
  edit(accountId: string, change: (account: RawAccount) => void): Promise<void>;
  read(accountId: string): Promise<RawAccount>;
  /** Effects on the account, oldest first, from the adapter's own journal. */
  journal(accountId: string): Promise<readonly JournalLine[]>;
  /** Writes calls into the trail, made `atMs`. */
  trail(accountId: string, calls: readonly Call[], atMs: number, denied?: boolean): Promise<void>;
}

export interface NewRole {
  name: string;
  account?: string;
  /** Actions of its policy on every resource. `s3:*` by default. */
  allowed?: readonly string[];
  /** Actions of a second inline policy: a fix is then a set of two changes. */
  second?: readonly string[];
  /** Whether it read an object yesterday; true by default. */
  used?: boolean;
  tags?: Readonly<Record<string, string>>;
  /** ARNs of users who may assume it, beside the service. */
  assumers?: readonly string[];
}

/** The parts of the account's listing that tests touch. */
export interface RawAccount {
  UserDetailList: Record<string, unknown>[];
  RoleDetailList: (Record<string, unknown> & { Arn: string; RolePolicyList: RawPolicy[] })[];
  Policies: Record<string, unknown>[];
  resources: Record<string, unknown>[];
}
interface RawPolicy {
  PolicyName: string;
  PolicyDocument: Json;
}
export interface JournalLine {
  event: 'begun' | 'done';
  key: string;
  by: string;
}

/** Loads the organisation into an empty folder. */
export async function openOrganisation(folder: string, nowMs = Date.now()): Promise<Organisation> {
  await loadOrganisation({ to: folder, nowMs });
  return organisationIn(folder);
}

/** An organisation that was loaded before, perhaps by another process. */
export function organisationIn(folder: string): Organisation {
  const file = (accountId: string): string => join(folder, 'account', accountId, 'account.json');
  async function read(accountId: string): Promise<RawAccount> {
    return JSON.parse(await readFile(file(accountId), 'utf8')) as RawAccount;
  }
  // Under the adapter's own lock: what it writes at the same moment is not lost.
  function edit(accountId: string, change: (account: RawAccount) => void): Promise<void> {
    return withLock(join(folder, 'account', accountId, 'account.lock'), async () => {
      const account = await read(accountId);
      change(account);
      await writeFile(`${file(accountId)}.test`, JSON.stringify(account));
      await rename(`${file(accountId)}.test`, file(accountId));
    });
  }
  async function trail(
    accountId: string,
    calls: readonly Call[],
    atMs: number,
    denied = false,
  ): Promise<void> {
    const timeIso = new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z');
    const Records = calls.map((call) =>
      recordOf(call, { timeIso, eventId: randomUUID(), requestId: randomUUID(), denied }),
    );
    const path = join(folder, 'account', trailPath(accountId, atMs, randomUUID().slice(0, 16)));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, deterministicGzip(JSON.stringify({ Records })));
  }
  async function addRoles(roles: readonly NewRole[]): Promise<readonly string[]> {
    for (const account of new Set(roles.map(accountOf))) {
      const here = roles.filter((role) => accountOf(role) === account);
      await edit(account, (raw) => {
        raw.RoleDetailList.push(...here.map(roleDetail));
      });
      const used = here.filter((role) => role.used !== false);
      await trail(
        account,
        used.map((role) => readsObject(account, role.name)),
        Date.now() - 86_400_000,
      );
    }
    return roles.map((role) => arn.role(accountOf(role), role.name));
  }
  return {
    folder,
    addRoles,
    async addRole(role) {
      await addRoles([role]);
      return arn.role(accountOf(role), role.name);
    },
    edit,
    read,
    trail,
    async journal(accountId) {
      const path = join(folder, 'account', accountId, 'journal.jsonl');
      const text = await readFile(path, 'utf8').catch(() => '');
      // A last line that is not ended yet was not written.
      return text
        .slice(0, text.lastIndexOf('\n') + 1)
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as JournalLine);
    },
  };
}

function accountOf(role: NewRole): string {
  return role.account ?? HOME;
}

function roleDetail(role: NewRole): RawAccount['RoleDetailList'][number] {
  const account = accountOf(role);
  const tags = {
    env: 'production',
    team: 'data-platform',
    owner: 'priya.raman@larkfield.example',
    ...role.tags,
  };
  return {
    Path: '/',
    RoleName: role.name,
    RoleId: `AROA${role.name.toUpperCase().replace(/[^A-Z0-9]/g, '')}`.padEnd(20, '0').slice(0, 20),
    Arn: arn.role(account, role.name),
    CreateDate: '2025-04-29T00:00:00Z',
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ...(role.assumers ?? []).map((assumer) => ({
          Effect: 'Allow',
          Principal: { AWS: assumer },
          Action: 'sts:AssumeRole',
        })),
      ],
    },
    InstanceProfileList: [],
    RolePolicyList: [
      policy('work', role.allowed ?? ['s3:*']),
      ...(role.second === undefined ? [] : [policy('second', role.second)]),
    ],
    AttachedManagedPolicies: [],
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    RoleLastUsed: { LastUsedDate: new Date(Date.now() - 86_400_000).toISOString(), Region: REGION },
  };
}

function policy(name: string, actions: readonly string[]): RawPolicy {
  return {
    PolicyName: name,
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: [...actions], Resource: '*' }],
    },
  };
}

/** The call by which a role that was added reads an object. */
export function readsObject(account: string, role: string): Call {
  return objectCall(account, role, 'GetObject');
}
/** A call that its wide policy allows and its narrow one does not. */
export function deletesObject(account: string, role: string): Call {
  return objectCall(account, role, 'DeleteObject');
}

function objectCall(account: string, role: string, name: 'GetObject' | 'DeleteObject'): Call {
  const bucket = 'app-bucket';
  const key = `work/${role}.json`;
  return {
    account,
    principal: arn.role(account, role),
    action: `s3:${name}`,
    eventSource: 's3.amazonaws.com',
    eventName: name,
    resource: `${arn.bucket(bucket)}/${key}`,
    requestParameters: { bucketName: bucket, key, Host: `${bucket}.s3.${REGION}.amazonaws.com` },
    resources: [
      { type: 'AWS::S3::Object', ARN: `${arn.bucket(bucket)}/${key}` },
      { type: 'AWS::S3::Bucket', ARN: arn.bucket(bucket) },
    ],
    isDataEvent: true,
    readOnly: name === 'GetObject',
  };
}

/** A finding of Wiz about an identity, as its mapper would make it. */
export function findingAbout(subject: string, more: Partial<Finding> = {}): Finding {
  const source = more.source ?? 'wiz';
  const kind = more.kind ?? 'excessive-permissions';
  return {
    source,
    sourceId: `id-${subject.split(/[:/]/).at(-1) ?? subject}`,
    canonicalKey: JSON.stringify([source, kind, subject]),
    kind,
    title: 'Role has unused high privileges',
    severity: 'high',
    status: 'open',
    cloud: 'aws',
    account: subject.split(':')[4] ?? HOME,
    subject: { type: 'identity', id: subject, name: subject.split(/[:/]/).at(-1) ?? subject },
    resources: [],
    evidence: { permissions: ['s3:*'], unusedPermissions: ['s3:DeleteObject'] },
    labels: [],
    tags: {},
    ownerHints: [],
    compliance: [],
    ...more,
  };
}
