import { describe, expect, it } from '@jest/globals';
import { type AccountInput, parseAccount } from '../../../domain/graph/account.js';
import { comparePaths, contrastPaths } from '../../../domain/graph/compare.js';
import { type Escalation, findPaths } from '../../../domain/graph/paths.js';
import type { Json } from '../../../domain/json.js';
import { ACCOUNT_ID, allow, deny, policy, trust } from './minimal-account.js';

const IAM = `arn:aws:iam::${ACCOUNT_ID}`;
const OTHER = '999988887777';
const ADMIN: Json = policy(allow('*'));
const role = (name: string): string => `${IAM}:role/${name}`;
const user = (name: string): string => `${IAM}:user/${name}`;

interface Spec {
  may?: Json;
  trust?: Json;
  account?: string;
  tags?: Record<string, string>;
  path?: string;
}
function roles(specs: Record<string, Spec>): AccountInput {
  return {
    RoleDetailList: Object.entries(specs).map(([name, spec]) => ({
      Arn: `arn:aws:iam::${spec.account ?? ACCOUNT_ID}:role/${spec.path ?? ''}${name}`,
      RoleName: name,
      AssumeRolePolicyDocument: spec.trust ?? trust({ Service: 'batch.amazonaws.com' }),
      RolePolicyList: spec.may === undefined ? [] : [{ PolicyName: 'p', PolicyDocument: spec.may }],
      Tags: Object.entries(spec.tags ?? {}).map(([Key, Value]) => ({ Key, Value })),
    })),
  };
}
function open(input: AccountInput, from: string): Escalation[] {
  return findPaths(parseAccount(input), { from: [from] }).escalations.filter(
    ({ status }) => status === 'open',
  );
}
const assume = allow('sts:AssumeRole');

describe('chains', () => {
  const chain = roles({
    a: { may: policy(allow('sts:AssumeRole', role('b'))) },
    b: {
      may: policy(allow(['iam:PassRole', 'lambda:CreateFunction', 'lambda:InvokeFunction'])),
      trust: trust({ AWS: `${IAM}:root` }),
    },
    c: { may: ADMIN, trust: trust({ Service: 'lambda.amazonaws.com' }) },
  });
  it('are reported whole, shortest first, under the technique of their last step', () => {
    const found = open(chain, role('a'));
    expect(found.map(({ to, technique, gain }) => [to, technique, gain])).toEqual([
      [role('b'), 'sts-001', 'lateral'],
      [role('c'), 'lambda-001', 'administrator'],
    ]);
    expect(found[1]?.path.map(({ permission, by }) => [permission, by])).toEqual([
      ['sts:AssumeRole', role('a')],
      ['iam:PassRole', role('b')],
      ['lambda:CreateFunction', role('b')],
      ['lambda:InvokeFunction', role('b')],
    ]);
  });
  it('go through roles that are weaker than the start', () => {
    const input = roles({
      a: { may: policy(assume, allow('s3:GetObject')) },
      b: { may: policy(allow('logs:PutLogEvents'), assume), trust: trust({ AWS: role('a') }) },
      c: { may: ADMIN, trust: trust({ AWS: role('b') }) },
    });
    expect(open(input, role('a')).map(({ to }) => to)).toEqual([role('c')]);
  });
  it('end at administrators, who have nowhere to go', () => {
    const input = roles({ a: { may: ADMIN }, b: { may: ADMIN, trust: trust({ AWS: role('a') }) } });
    const answer = findPaths(parseAccount(input));
    expect(answer).toEqual({ escalations: [], admins: [role('a'), role('b')], reach: [] });
  });
});

describe('assuming a role', () => {
  const cases: [string, Json | undefined, Json, string | undefined][] = [
    ['named, with a permission', policy(assume), trust({ AWS: role('a') }), 'sts-001'],
    ['named, without a permission', undefined, trust({ AWS: role('a') }), 'assume-role'],
    ['by the account, with a permission', policy(assume), trust({ AWS: ACCOUNT_ID }), 'sts-001'],
    ['by the account, without a permission', undefined, trust({ AWS: `${IAM}:root` }), undefined],
    ['by another account', policy(assume), trust({ AWS: `arn:aws:iam::${OTHER}:root` }), undefined],
    ['named, but denied', policy(deny('sts:AssumeRole')), trust({ AWS: role('a') }), undefined],
    ['somebody else named', policy(assume), trust({ AWS: role('x') }), undefined],
    ['a service only', policy(assume), trust({ Service: 'ec2.amazonaws.com' }), undefined],
    ['anybody', policy(assume), trust('*'), 'sts-001'],
  ];
  it.each(cases)('%s', (_name, may, trusted, technique) => {
    const input = roles({ a: may === undefined ? {} : { may }, b: { may: ADMIN, trust: trusted } });
    expect(open(input, role('a')).map((each) => each.technique)).toEqual(
      technique === undefined ? [] : [technique],
    );
  });
  it('across accounts needs both sides', () => {
    const far = `arn:aws:iam::${OTHER}:role/b`;
    const of = (may: Json, trusted: Json): AccountInput => ({
      accounts: [roles({ a: { may } }), roles({ b: { may: ADMIN, trust: trusted, account: OTHER } })],
    });
    expect(
      open(of(policy(allow('sts:AssumeRole', far)), trust({ AWS: role('a') })), role('a')).map(
        ({ to }) => to,
      ),
    ).toEqual([far]);
    expect(open(of(policy(allow('s3:Get*')), trust({ AWS: role('a') })), role('a'))).toEqual([]);
    expect(open(of(policy(assume), trust({ AWS: `${IAM}:role/x` })), role('a'))).toEqual([]);
  });
  it('from outside the accounts works through trust alone, and says what is taken for granted', () => {
    const outsider = `arn:aws:iam::${OTHER}:role/ci`;
    const [found] = open(roles({ b: { may: ADMIN, trust: trust({ AWS: outsider }) } }), outsider);
    expect(found).toMatchObject({ from: outsider, to: role('b') });
    expect(found?.assumptions.join(' ')).toContain('in none of the accounts');
  });
  it('of a service-linked role is nobody’s', () => {
    const input = roles({
      a: { may: policy(assume) },
      s: { may: ADMIN, trust: trust({ AWS: role('a') }), path: 'aws-service-role/x/' },
    });
    expect(open(input, role('a'))).toEqual([]);
  });
});

describe('conditions', () => {
  const under = (condition: Json, tags: Record<string, string> = {}) => {
    const input = roles({
      a: { may: policy(allow('sts:AssumeRole', '*', condition)), tags },
      b: { may: ADMIN, trust: trust({ AWS: `${IAM}:root` }) },
    });
    return findPaths(parseAccount(input), { from: [role('a')] }).escalations.map(
      ({ status, assumptions }) => [status, assumptions.length > 0],
    );
  };
  it.each<[string, Json, Record<string, string>, unknown]>([
    ['an address', { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }, {}, [['latent', true]]],
    ['an endpoint', { StringEquals: { 'aws:SourceVpce': 'vpce-1' } }, {}, [['latent', true]]],
    ['MFA age', { NumericLessThan: { 'aws:MultiFactorAuthAge': '3600' } }, {}, [['latent', true]]],
    ['an external id', { StringEquals: { 'sts:ExternalId': 'x' } }, {}, [['open', true]]],
    ['a session name', { StringLike: { 'sts:RoleSessionName': 'dev-*' } }, {}, [['open', true]]],
    ['the own tag', { StringEquals: { 'aws:PrincipalTag/team': 'ops' } }, { team: 'ops' }, [['open', true]]],
    ['a tag that it lacks', { StringEquals: { 'aws:PrincipalTag/team': 'ops' } }, { team: 'dev' }, []],
    ['TLS', { Bool: { 'aws:SecureTransport': 'true' } }, {}, [['open', false]]],
    ['what cannot be', { StringEquals: { 'aws:PrincipalAccount': OTHER } }, {}, []],
  ])('on %s', (_name, condition, tags, expected) => {
    expect(under(condition, tags)).toEqual(expected);
  });
  it('on the policy that may be attached protect when they name a harmless one', () => {
    const attach = (arn: string): AccountInput =>
      roles({
        a: { may: policy(allow('iam:AttachRolePolicy', '*', { ArnEquals: { 'iam:PolicyARN': arn } })) },
      });
    expect(open(attach('arn:aws:iam::aws:policy/ReadOnlyAccess'), role('a'))).toEqual([]);
    expect(open(attach('arn:aws:iam::aws:policy/AdministratorAccess'), role('a'))).toHaveLength(1);
  });
  it('on tags of an existing target are decided by its tags', () => {
    const may = policy(
      allow('iam:UpdateAssumeRolePolicy', '*', { StringEquals: { 'aws:ResourceTag/team': 'dev' } }),
    );
    const of = (team: string): AccountInput => roles({ a: { may }, b: { may: ADMIN, tags: { team } } });
    expect(open(of('dev'), role('a')).map(({ technique }) => technique)).toEqual(['iam-012']);
    expect(open(of('ops'), role('a'))).toEqual([]);
  });
});

describe('credentials', () => {
  const may = policy(
    allow(['iam:CreateAccessKey', 'iam:DeleteAccessKey', 'iam:CreateLoginProfile', 'iam:UpdateLoginProfile']),
  );
  const users = (report?: Json): AccountInput => ({
    UserDetailList: [
      { Arn: user('a'), UserName: 'a', UserPolicyList: [{ PolicyName: 'p', PolicyDocument: may }] },
      {
        Arn: user('root-like'),
        UserName: 'root-like',
        UserPolicyList: [{ PolicyName: 'p', PolicyDocument: ADMIN }],
      },
    ],
    ...(report === undefined ? {} : { credentialReport: report }),
  });
  const row = (password: boolean, keys: number): Json => [
    {
      arn: user('root-like'),
      password_enabled: String(password),
      access_key_1_active: String(keys > 0),
      access_key_2_active: String(keys > 1),
    },
  ];
  it.each<[string, Json | undefined, string[]]>([
    ['nothing', undefined, ['iam-002', 'iam-004', 'iam-006', 'iam-003']],
    ['a password and two keys', row(true, 2), ['iam-006', 'iam-003']],
    ['no password and one key', row(false, 1), ['iam-002', 'iam-004']],
  ])('that are known to be %s decide', (_name, report, techniques) => {
    const found = open(users(report), user('a'));
    expect(found.map(({ technique }) => technique)).toEqual(techniques);
    expect(found.every(({ assumptions }) => assumptions.length > 0)).toBe(report === undefined);
  });
});

describe('reach', () => {
  const BUCKET = 'arn:aws:s3:::pii';
  const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT_ID}:key/k`;
  const reach = (input: AccountInput, from = role('a')) =>
    findPaths(parseAccount(input), { from: [from] }).reach.map(({ resource, access, path }) => [
      resource,
      access,
      path.length,
    ]);
  const withStore = (
    may: Json | undefined,
    store: Record<string, Json> = {},
    more: readonly { arn: string }[] = [],
  ): AccountInput => ({
    ...roles({ a: may === undefined ? {} : { may } }),
    resources: [{ arn: BUCKET, sensitivity: 'PII', ...store }, ...more],
  });
  const named = policy({
    Effect: 'Allow',
    Principal: { AWS: role('a') },
    Action: 's3:GetObject',
    Resource: `${BUCKET}/*`,
  });
  it.each<[string, AccountInput, unknown[]]>([
    ['by identity', withStore(policy(allow('s3:GetObject', `${BUCKET}/exports/*`))), [[BUCKET, 'read', 1]]],
    ['by the store’s policy', withStore(undefined, { policy: named }), [[BUCKET, 'read', 1]]],
    [
      'not when the store denies',
      withStore(policy(allow('s3:*')), {
        policy: policy({ Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: [BUCKET, `${BUCKET}/*`] }),
      }),
      [],
    ],
    ['not without the key', withStore(policy(allow('s3:GetObject')), { kmsKey: KEY }), []],
    [
      'with the key',
      withStore(policy(allow(['s3:GetObject', 'kms:Decrypt'])), { kmsKey: KEY }),
      [[BUCKET, 'read', 1]],
    ],
    [
      'not when the key policy names others',
      withStore(policy(allow(['s3:GetObject', 'kms:Decrypt'])), { kmsKey: KEY }, [
        {
          arn: KEY,
          policy: policy({ Effect: 'Allow', Principal: { AWS: role('x') }, Action: 'kms:*', Resource: '*' }),
        } as { arn: string },
      ]),
      [],
    ],
    ['writing only', withStore(policy(allow('s3:PutObject'))), [[BUCKET, 'write', 1]]],
    ['both', withStore(policy(allow('s3:*'))), [[BUCKET, 'read-write', 1]]],
    ['because it is public', withStore(undefined, { public: true }), [[BUCKET, 'read', 1]]],
    ['not when it is not sensitive', withStore(policy(allow('s3:*')), { sensitivity: 'public' }), []],
  ])('%s', (_name, input, expected) => {
    expect(reach(input)).toEqual(expected);
  });
  it('includes what others reach whom one can become', () => {
    const input = {
      ...roles({
        a: { may: policy(assume) },
        b: { may: policy(allow('s3:GetObject')), trust: trust({ AWS: role('a') }) },
      }),
      resources: [{ arn: BUCKET, sensitivity: 'PII' }],
    };
    expect(reach(input)).toEqual([[BUCKET, 'read', 2]]);
  });
  it('across accounts needs both sides', () => {
    const of = (may: Json, store: Record<string, Json>): AccountInput => ({
      accounts: [
        roles({ a: { may } }),
        { ...roles({ x: { account: OTHER } }), resources: [{ arn: BUCKET, sensitivity: 'PII', ...store }] },
      ],
    });
    expect(reach(of(policy(allow('s3:GetObject')), { policy: named }))).toEqual([[BUCKET, 'read', 1]]);
    expect(reach(of(policy(allow('s3:GetObject')), {}))).toEqual([]);
    expect(reach(of(policy(allow('sqs:*')), { policy: named }))).toEqual([]);
  });
});

describe('comparePaths', () => {
  const of = (may: Json): AccountInput => ({
    ...roles({ a: { may }, b: { may: policy(allow('s3:GetObject')), trust: trust({ AWS: `${IAM}:root` }) } }),
    resources: [{ arn: 'arn:aws:s3:::pii', sensitivity: 'PII' }],
  });
  const wide = parseAccount(of(policy(assume)));
  const narrow = parseAccount(of(policy(allow('sqs:*'))));
  it('says what is closed and no longer reachable', () => {
    expect(comparePaths(wide, narrow, { from: [role('a')] })).toEqual({
      closed: [
        {
          from: role('a'),
          to: role('b'),
          technique: 'sts-001',
          steps: [`Assume the role: sts:AssumeRole on ${role('b')}`],
        },
      ],
      opened: [],
      storesNoLongerReachable: ['arn:aws:s3:::pii'],
      reachableBefore: 1,
      reachableAfter: 0,
    });
  });
  it('says what is opened, and that somebody became an administrator', () => {
    expect(comparePaths(narrow, wide, { from: [role('a')] })).toMatchObject({
      closed: [],
      opened: [{ technique: 'sts-001' }],
    });
    const admin = parseAccount(of(ADMIN));
    expect(
      contrastPaths(narrow, admin).opened.map(({ from, technique }) => [from, technique]),
    ).toContainEqual([role('a'), 'administrator']);
  });
  it('takes a principal that is gone for one that reaches nothing', () => {
    const gone = parseAccount(roles({ b: { may: ADMIN } }));
    expect(comparePaths(wide, gone, { from: [role('a')] })).toMatchObject({
      closed: [{ from: role('a') }],
      reachableAfter: 0,
    });
  });
});

describe('the start', () => {
  it('may be a session', () => {
    const input = roles({
      a: { may: policy(assume) },
      b: { may: ADMIN, trust: trust({ AWS: `${IAM}:root` }) },
    });
    expect(open(input, `arn:aws:sts::${ACCOUNT_ID}:assumed-role/a/me`)).toMatchObject([{ from: role('a') }]);
  });
  it.each([[role('nobody')], ['nonsense'], ['lambda.amazonaws.com']])('%s is refused', (from) => {
    expect(() => findPaths(parseAccount(roles({ a: {} })), { from: [from] })).toThrow(
      expect.objectContaining({ type: 'UnknownPrincipal', pointer: '/from/0' }),
    );
  });
  it('with a boundary that is not in the input is not called open', () => {
    const [base] = roles({ a: { may: policy(allow('iam:PutRolePolicy')) } }).RoleDetailList ?? [];
    const input: AccountInput = {
      RoleDetailList:
        base === undefined
          ? []
          : [{ ...base, PermissionsBoundary: { PermissionsBoundaryArn: `${IAM}:policy/gone` } }],
    };
    expect(findPaths(parseAccount(input)).escalations).toMatchObject([
      { technique: 'iam-005', status: 'latent' },
    ]);
  });
});

describe('near-misses', () => {
  const target = { may: ADMIN, trust: trust({ Service: 'lambda.amazonaws.com' }) };
  const needs = ['iam:PassRole', 'lambda:CreateFunction', 'lambda:InvokeFunction'];
  const missing = (input: AccountInput) =>
    findPaths(parseAccount(input), { from: [role('a')], nearMisses: true })
      .nearMisses?.filter(({ technique }) => technique === 'lambda-001')
      .map(({ to, missing: what }) => [to, what]);
  it.each<[string, AccountInput, string]>([
    [
      'a Deny',
      roles({ a: { may: policy(allow(needs), deny('iam:PassRole')) }, b: target }),
      'a Deny of its own policies',
    ],
    [
      'a permission',
      roles({ a: { may: policy(allow(needs.slice(0, 2))) }, b: target }),
      'the permission lambda:InvokeFunction',
    ],
    [
      'an SCP',
      { ...roles({ a: { may: policy(allow(needs)) }, b: target }), scps: [[policy(allow('s3:*'))]] },
      'a service control policy of the organisation does not allow it',
    ],
  ])('name %s', (_name, input, what) => {
    expect(missing(input)).toEqual([[role('b'), what]]);
    expect(open(input, role('a'))).toEqual([]);
  });
  it('are none where two things are missing', () => {
    expect(missing(roles({ a: { may: policy(allow('iam:PassRole')) }, b: target }))).toEqual([]);
  });
});

describe('tags', () => {
  it('that the caller chooses for what it makes do not protect', () => {
    const may = policy(
      allow(['iam:PassRole', 'lambda:CreateFunction']),
      allow('lambda:InvokeFunction', '*', { StringEquals: { 'aws:ResourceTag/team': 'dev' } }),
    );
    const [found] = open(
      roles({ a: { may }, b: { may: ADMIN, trust: trust({ Service: 'lambda.amazonaws.com' }) } }),
      role('a'),
    );
    expect(found).toMatchObject({ technique: 'lambda-001' });
    expect(found?.assumptions.join(' ')).toContain('aws:ResourceTag/team');
  });
  it('of an existing instance count under every service’s name for them', () => {
    const may = policy(allow('ssm:StartSession', '*', { StringEquals: { 'ssm:resourceTag/team': 'dev' } }));
    const instance = (team: string) => ({
      arn: `arn:aws:ec2:eu-west-1:${ACCOUNT_ID}:instance/i-1`,
      role: 'b',
      tags: { team },
    });
    const input = (team: string): AccountInput => ({
      ...roles({ a: { may }, b: { may: ADMIN } }),
      resources: [instance(team)],
    });
    expect(open(input('dev'), role('a')).map(({ technique }) => technique)).toEqual(['ssm-001']);
    expect(open(input('ops'), role('a'))).toEqual([]);
  });
});

describe('workloads', () => {
  const FUNCTION = `arn:aws:lambda:eu-west-1:${ACCOUNT_ID}:function:f`;
  it('may allow by their own policy what no identity policy does', () => {
    const named = policy({
      Effect: 'Allow',
      Principal: { AWS: role('a') },
      Action: 'lambda:UpdateFunctionCode',
      Resource: FUNCTION,
    });
    const input = {
      ...roles({ a: {}, b: { may: ADMIN } }),
      resources: [{ arn: FUNCTION, role: role('b'), policy: named }],
    };
    expect(open(input, role('a')).map(({ technique }) => technique)).toEqual(['lambda-003']);
  });
  it('in another account need both sides', () => {
    const far = FUNCTION.replace(ACCOUNT_ID, OTHER);
    const named = policy({
      Effect: 'Allow',
      Principal: { AWS: role('a') },
      Action: 'lambda:UpdateFunctionCode',
      Resource: far,
    });
    const of = (may: Json, own: { policy?: Json }): AccountInput => ({
      accounts: [
        roles({ a: { may } }),
        {
          ...roles({ b: { may: ADMIN, account: OTHER } }),
          resources: [{ arn: far, role: `arn:aws:iam::${OTHER}:role/b`, ...own }],
        },
      ],
    });
    const may = policy(allow('lambda:UpdateFunctionCode'));
    expect(open(of(may, { policy: named }), role('a')).map(({ to }) => to)).toEqual([
      `arn:aws:iam::${OTHER}:role/b`,
    ]);
    expect(open(of(may, {}), role('a'))).toEqual([]);
    expect(open(of(policy(allow('s3:*')), { policy: named }), role('a'))).toEqual([]);
  });
});
