import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';

/** A role of a made-up account that may do far more than it does. */
export interface MadeRole {
  arn: string;
  name: string;
  account: string;
  /** Id of the platform's finding about it. */
  findingId: string;
}

/** A made-up organisation in a folder, and what its platform would report. */
export interface World {
  configFile: string;
  roles: readonly MadeRole[];
  /** Somebody who owns every role and may decide. */
  personId: string;
}

export interface WorldOptions {
  folder: string;
  roles: number;
  /** Roles of one account; real accounts have some hundred. */
  rolesAnAccount: number;
  /** Roles share one customer-managed policy in groups of this size; 1 gives each an inline policy of its own. */
  sharing: number;
  queuePrefix: string;
  /** A server's ledger; the embedded one otherwise. */
  databaseUrl?: string;
  /** How long after the change its verification looks, ms. */
  verifyAfterMs: number;
  /** Findings below this severity are kept and listed only; `low` by default. */
  floor?: 'high' | 'low';
}

const DAY_MS = 86_400_000;
const USAGE_DAYS = 90;
/** Calls of each role in the window. */
const CALLS = 6;
const PERSON = 'owner.one';

/** Makes the organisation's files. */
export async function makeWorld(options: WorldOptions): Promise<World> {
  const { folder } = options;
  const roles = Array.from({ length: options.roles }, (_, index) => roleOf(index, options.rolesAnAccount));
  const accounts = new Map<string, MadeRole[]>();
  for (const role of roles) accounts.set(role.account, [...(accounts.get(role.account) ?? []), role]);
  await mkdir(join(folder, 'exports'), { recursive: true });
  for (const [account, own] of accounts) await writeAccount(join(folder, 'account', account), own, options);
  await writeFile(join(folder, 'directory.yaml'), DIRECTORY);
  await writeFile(join(folder, 'flags.json'), JSON.stringify(FLAGS));
  await writeFile(join(folder, 'body.key'), Buffer.alloc(32, 7).toString('base64'), { mode: 0o600 });
  if (options.databaseUrl !== undefined)
    await writeFile(join(folder, 'database.url'), options.databaseUrl, { mode: 0o600 });
  const configFile = join(folder, 'curtail.yaml');
  await writeFile(configFile, configuration(options, [...accounts.keys()]));
  return { configFile, roles, personId: PERSON };
}

/** What the platform says about these roles now, as it answers its API. */
export function platformExport(roles: readonly MadeRole[], status: 'OPEN' | 'RESOLVED'): Readable {
  const nodes = roles.map((role) => exportedFinding(role, status, 'HIGH'));
  return Readable.from([
    Buffer.from(JSON.stringify({ data: { excessiveAccessFindings: { totalCount: nodes.length, nodes } } })),
  ]);
}

/** The made-up role of that number. */
export function roleOf(index: number, rolesAnAccount: number): MadeRole {
  const account = String(300_000_000_000 + Math.floor(index / rolesAnAccount));
  const name = `service-${index}`;
  return {
    arn: `arn:aws:iam::${account}:role/${name}`,
    name,
    account,
    findingId: `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`,
  };
}

async function writeAccount(
  folder: string,
  roles: readonly MadeRole[],
  { sharing }: WorldOptions,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const groups = Math.ceil(roles.length / sharing);
  const details = {
    UserDetailList: [],
    GroupDetailList: [],
    RoleDetailList: roles.map((role, index) => roleDetail(role, sharing === 1 ? undefined : groupOf(index))),
    Policies: sharing === 1 ? [] : Array.from({ length: groups }, (_, group) => managed(group)),
    resources: roles.map(({ name }) => ({
      arn: `arn:aws:s3:::${name}`,
      type: 'AWS::S3::Bucket',
      tags: { env: 'development' },
    })),
  };
  await writeFile(join(folder, 'account.json'), `${JSON.stringify(details, null, 1)}\n`);
  await writeFile(join(folder, 'logging.json'), JSON.stringify({ management: true, data: 'all' }));
  await writeTrail(folder, roles);

  function groupOf(index: number): string {
    return policyArn(Math.floor(index / sharing));
  }
  function policyArn(group: number): string {
    return `arn:aws:iam::${roles[0]?.account ?? ''}:policy/shared-${group}`;
  }
  function managed(group: number): object {
    const member = { name: `service-*` };
    return {
      PolicyName: `shared-${group}`,
      Arn: policyArn(group),
      DefaultVersionId: 'v1',
      AttachmentCount: sharing,
      IsAttachable: true,
      PolicyVersionList: [{ VersionId: 'v1', IsDefaultVersion: true, Document: broad(member.name) }],
    };
  }
}

function roleDetail(role: MadeRole, sharedPolicy: string | undefined): object {
  return {
    Path: '/',
    RoleName: role.name,
    RoleId: `AROA${role.findingId.slice(-12).toUpperCase()}`,
    Arn: role.arn,
    CreateDate: '2025-01-01T00:00:00Z',
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
      ],
    },
    InstanceProfileList: [],
    RolePolicyList:
      sharedPolicy === undefined ? [{ PolicyName: 'own', PolicyDocument: broad(role.name) }] : [],
    AttachedManagedPolicies:
      sharedPolicy === undefined
        ? []
        : [{ PolicyName: sharedPolicy.slice(sharedPolicy.indexOf('/') + 1), PolicyArn: sharedPolicy }],
    Tags: [
      { Key: 'env', Value: 'development' },
      { Key: 'owner', Value: 'owner.one@synthetic.example' },
    ],
  };
}

function broad(name: string): object {
  return {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: 's3:*', Resource: [`arn:aws:s3:::${name}`, `arn:aws:s3:::${name}/*`] },
      { Effect: 'Allow', Action: ['dynamodb:*', 'sqs:*'], Resource: '*' },
    ],
  };
}

/** One file a day, as CloudTrail delivers them, with a few calls of each role spread over the window. */
async function writeTrail(folder: string, roles: readonly MadeRole[]): Promise<void> {
  const account = roles[0]?.account ?? '';
  const today = Math.floor(Date.now() / DAY_MS);
  for (let back = 0; back <= USAGE_DAYS + 1; back += 1) {
    const day = new Date((today - back) * DAY_MS).toISOString().slice(0, 10);
    const calls = roles.flatMap((role, index) => {
      const turns = Array.from({ length: CALLS }, (_, call) => call);
      return back === 0
        ? []
        : turns
            .filter((call) => (index + call * 15) % USAGE_DAYS === back - 1)
            .map((call) => [role, call] as const);
    });
    const Records = calls.map(([role, call]) => record(role, call, day));
    const path = join(folder, 'AWSLogs', account, 'CloudTrail', 'us-east-1', ...day.split('-'));
    await mkdir(path, { recursive: true });
    const name = `${account}_CloudTrail_us-east-1_${day.replaceAll('-', '')}T2355Z_0000000000000000.json.gz`;
    await writeFile(join(path, name), gzipSync(JSON.stringify({ Records })));
  }
}

const USED = [
  ['s3.amazonaws.com', 'GetObject'],
  ['s3.amazonaws.com', 'PutObject'],
  ['dynamodb.amazonaws.com', 'GetItem'],
] as const;

function record(role: MadeRole, call: number, day: string): object {
  const [eventSource, eventName] = USED[call % USED.length] ?? USED[0];
  const bucket = `arn:aws:s3:::${role.name}`;
  const table = `arn:aws:dynamodb:us-east-1:${role.account}:table/${role.name}`;
  const isStore = eventSource.startsWith('s3');
  return {
    eventVersion: '1.11',
    userIdentity: {
      type: 'AssumedRole',
      principalId: 'AROASYNTHETIC:session',
      arn: `arn:aws:sts::${role.account}:assumed-role/${role.name}/session`,
      accountId: role.account,
      sessionContext: {
        sessionIssuer: { type: 'Role', arn: role.arn, accountId: role.account, userName: role.name },
      },
    },
    eventTime: `${day}T0${call}:10:00Z`,
    eventSource,
    eventName,
    awsRegion: 'us-east-1',
    sourceIPAddress: '10.0.0.7',
    requestParameters: isStore ? { bucketName: role.name, key: 'a/b.json' } : { tableName: role.name },
    eventID: `${role.findingId.slice(0, -2)}${call}${day.slice(-1)}`,
    readOnly: eventName.startsWith('Get'),
    resources: isStore
      ? [
          { accountId: role.account, type: 'AWS::S3::Object', ARN: `${bucket}/a/b.json` },
          { accountId: role.account, type: 'AWS::S3::Bucket', ARN: bucket },
        ]
      : [{ accountId: role.account, type: 'AWS::DynamoDB::Table', ARN: table }],
    eventType: 'AwsApiCall',
    managementEvent: false,
    recipientAccountId: role.account,
    eventCategory: 'Data',
  };
}

/** One finding as the platform's API answers it. */
export function exportedFinding(
  role: MadeRole,
  status: 'OPEN' | 'RESOLVED',
  severity: 'HIGH' | 'LOW',
): object {
  return {
    id: role.findingId,
    name: 'Role has unused high privileges',
    status,
    severity,
    remediationType: 'REDUCE_PERMISSIONS',
    excessiveServices: ['s3', 'dynamodb', 'sqs'],
    hasUnusedHighPermissions: true,
    description: `${role.name} is allowed every action of three services and uses three actions.`,
    createdAt: '2026-01-01T06:00:00Z',
    updatedAt: new Date().toISOString(),
    projects: [],
    principal: {
      graphEntity: {
        id: role.findingId,
        name: role.name,
        type: 'ACCESS_ROLE',
        properties: { externalId: role.arn, nativeType: 'role', tags: { env: 'development' } },
      },
      cloudAccount: { externalId: role.account, cloudProvider: 'AWS' },
    },
  };
}

function configuration(options: WorldOptions, accounts: readonly string[]): string {
  const ledger =
    options.databaseUrl === undefined
      ? { adapter: 'pglite' }
      : { adapter: 'postgres', url: 'file:database.url', bodyKey: 'file:body.key' };
  const own = { environment: 'development', route: 'api', owner: { person: PERSON }, criticality: 'low' };
  // JSON is YAML.
  return JSON.stringify({
    folder: 'state',
    temporal: { taskQueuePrefix: options.queuePrefix },
    ledger,
    sources: [{ vendor: 'file', name: 'platform', source: 'wiz', path: 'exports', confirmed: true }],
    cloud: [{ vendor: 'snapshot', path: 'account' }],
    directory: { path: 'directory.yaml' },
    flags: { path: 'flags.json' },
    triage: { floor: { severity: options.floor ?? 'low' } },
    accounts: Object.fromEntries(accounts.map((id) => [id, own])),
    timing: {
      profile: 'life',
      verifyAfterMs: options.verifyAfterMs,
      verifyEveryMs: options.verifyAfterMs,
      clusterWaitMs: 500,
    },
  });
}

const DIRECTORY = `teams:
  - { name: builders, lead: ${PERSON} }
  - { name: security, lead: security.one }
people:
  - { id: ${PERSON}, name: Owner One, email: owner.one@synthetic.example, roles: [owner, approver], team: builders }
  - { id: security.one, name: Security One, email: security.one@synthetic.example, roles: [security, approver], team: security }
`;

const FLAGS = {
  flags: {
    phase: { state: 'ENABLED', variants: { assist: 'assist' }, defaultVariant: 'assist' },
    'kill-switch': { state: 'ENABLED', variants: { off: false, on: true }, defaultVariant: 'off' },
    'standing-approvals': { state: 'ENABLED', variants: { off: false, on: true }, defaultVariant: 'off' },
  },
};
