import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseAccount } from '../../../domain/graph/account.js';
import { bandOf, type RiskInput, scoreRisk } from '../../../domain/risk/score.js';
import {
  identityRiskInput,
  overPermissionByIdentity,
  storeRiskInput,
} from '../../../domain/risk/score-input.js';
import { WEIGHTS_V1 } from '../../../domain/risk/weights.v1.js';

const CALM: RiskInput = {
  subject: 'identity',
  grants: [{ action: 's3:ListBucket', resource: 'arn:aws:s3:::logs' }],
  administrator: false,
  labels: [],
  exposure: {},
  reach: { sensitiveStores: 0, openEscalations: 0, toAdministrator: false },
  use: { granted: 1, unused: 0 },
  context: { environment: 'development', criticality: 'low' },
};
const WORST: RiskInput = {
  ...CALM,
  administrator: true,
  labels: ['PHI'],
  exposure: { public: true },
  reach: { sensitiveStores: 10, openEscalations: 3, toAdministrator: true },
  use: { granted: 100, unused: 100 },
  context: {
    environment: 'production',
    criticality: 'critical',
    department: 'Finance',
    role: 'administrator',
    history: { incidents: 4 },
  },
};

describe('scoreRisk', () => {
  it('has weights that sum to one', () => {
    expect(Object.values(WEIGHTS_V1.weights).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1);
  });
  it('spans the scale', () => {
    expect(scoreRisk(WORST)).toMatchObject({ value: 100, band: 'critical', weightsVersion: 'v1' });
    expect(scoreRisk(CALM)).toMatchObject({ band: 'low' });
  });
  it('names every factor with a sentence', () => {
    const { parts } = scoreRisk(WORST);
    expect(parts.map(({ name }) => name)).toEqual([
      'power',
      'sensitivity',
      'exposure',
      'reach',
      'unused',
      'context',
      'history',
    ]);
    for (const { why } of parts) expect(why).toMatch(/^[A-Z].*\.$/);
  });
  it.each<[string, Partial<RiskInput>, string]>([
    ['a critical action', { grants: [{ action: 'iam:*', resource: '*' }] }, 'power'],
    [
      'a combination',
      {
        grants: [
          { action: 'ec2:CreateSnapshot', resource: '*' },
          { action: 'ec2:ModifySnapshotAttribute', resource: '*' },
        ],
      },
      'power',
    ],
    ['personal data', { labels: ['PII.email'] }, 'sensitivity'],
    ['another account', { exposure: { otherAccounts: 1 } }, 'exposure'],
    [
      'sensitive stores',
      { reach: { sensitiveStores: 3, openEscalations: 0, toAdministrator: false } },
      'reach',
    ],
    [
      'an escalation path',
      { reach: { sensitiveStores: 0, openEscalations: 1, toAdministrator: false } },
      'reach',
    ],
    ['unused permissions', { use: { granted: 10, unused: 9 } }, 'unused'],
    ['production', { context: { environment: 'production', criticality: 'low' } }, 'context'],
    ['a department', { context: { ...CALM.context, department: 'payments' } }, 'context'],
    ['a history', { context: { ...CALM.context, history: { reopened: 2 } } }, 'history'],
  ])('rises by %s', (_what, change, part) => {
    const factor = (input: RiskInput): number =>
      scoreRisk(input).parts.find(({ name }) => name === part)?.factor ?? 0;
    const worse = { ...CALM, ...change };
    expect(factor(worse)).toBeGreaterThan(factor(CALM));
    expect(scoreRisk(worse).value).toBeGreaterThanOrEqual(scoreRisk(CALM).value);
  });
  it('counts a permission on named resources for less than on all', () => {
    const on = (resource: string): number =>
      scoreRisk({ ...CALM, grants: [{ action: 'iam:PutRolePolicy', resource }] }).value;
    expect(on('arn:aws:iam::111122223333:role/x')).toBeLessThan(on('*'));
  });
  it.each([
    [100, 'critical'],
    [80, 'critical'],
    [79, 'high'],
    [60, 'high'],
    [59, 'medium'],
    [35, 'medium'],
    [34, 'low'],
    [0, 'low'],
  ] as const)('puts %i into %s', (value, band) => {
    expect(bandOf(value)).toBe(band);
  });
  it('is between 0 and 100 and never falls as more is left unused', () => {
    const share = fc.record({
      granted: fc.integer({ min: 1, max: 500 }),
      unused: fc.nat(500),
      incidents: fc.nat(20),
      stores: fc.nat(50),
    });
    fc.assert(
      fc.property(share, ({ granted, unused, incidents, stores }) => {
        const input: RiskInput = {
          ...CALM,
          use: { granted, unused: Math.min(granted, unused) },
          reach: { ...CALM.reach, sensitiveStores: stores },
          context: { history: { incidents } },
        };
        const { value } = scoreRisk(input);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(100);
        expect(scoreRisk({ ...input, use: { granted, unused: granted } }).value).toBeGreaterThanOrEqual(
          value,
        );
      }),
    );
  });
});

const ID = '111122223333';
const ROLE = `arn:aws:iam::${ID}:role/app`;
const STORE = 'arn:aws:s3:::pii';
const account = parseAccount({
  RoleDetailList: [
    {
      Arn: ROLE,
      RoleName: 'app',
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::999988887777:root' }, Action: 'sts:AssumeRole' },
        ],
      },
      RolePolicyList: [
        {
          PolicyName: 'p',
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: '*' }],
          },
        },
      ],
    },
  ],
  resources: [
    { arn: STORE, sensitivity: 'PII', public: true },
    { arn: 'arn:aws:s3:::private', sensitivity: 'PII' },
  ],
});

describe('facts for a score', () => {
  it('are read from the account', () => {
    expect(identityRiskInput(account, ROLE, { usedActions: ['s3:GetObject'] })).toMatchObject({
      administrator: false,
      labels: ['PII'],
      sensitive: true,
      exposure: { otherAccounts: 1 },
      reach: { sensitiveStores: 1, openEscalations: 0 },
      use: { granted: 2, unused: 1 },
      context: { role: 'workload' },
    });
    expect(storeRiskInput(account, STORE)).toMatchObject({
      subject: 'store',
      labels: ['PII'],
      exposure: { public: true },
    });
  });
  it('are absent for what is not in the account', () => {
    expect(identityRiskInput(account, `${ROLE}x`)).toBeUndefined();
    expect(storeRiskInput(account, 'arn:aws:s3:::none')).toBeUndefined();
  });
  it('rank a public store above a private one, and both above one with nothing in it', () => {
    const context = { environment: 'production', criticality: 'high' } as const;
    const [open, closed] = [STORE, 'arn:aws:s3:::private'].map((arn) =>
      storeRiskInput(account, arn, { context }),
    );
    if (open === undefined || closed === undefined) throw new Error('the account lacks its stores');
    const empty = { ...closed, labels: [], sensitive: false, reach: { ...closed.reach, sensitiveStores: 0 } };
    expect([open, closed, empty].map((input) => scoreRisk(input).band)).toEqual([
      'critical',
      'medium',
      'low',
    ]);
  });
  it('include the over-permission index', () => {
    expect(overPermissionByIdentity(account, new Map([[ROLE, ['s3:PutObject']]])).get(ROLE)).toEqual({
      index: 40,
      granted: 2,
      unused: 1,
    });
  });
});
