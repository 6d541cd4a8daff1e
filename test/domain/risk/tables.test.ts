import { describe, expect, it } from '@jest/globals';
import { actionInfo } from '../../../domain/iam/catalogue.js';
import { parsePolicy } from '../../../domain/iam/parse.js';
import {
  combinationsWithin,
  HIGH_RISK_ACTIONS,
  highRiskWithin,
  highRiskWords,
  RISKY_COMBINATIONS,
} from '../../../domain/risk/high-risk-actions.js';
import {
  grantedActions,
  meanOverPermission,
  overPermissionOf,
} from '../../../domain/risk/over-permission.js';
import { levelsWithin } from '../../../domain/risk/permission-level.js';
import { citationsFor } from '../../../domain/risk/regulations.js';

describe('high-risk actions', () => {
  it('are all in the catalogue, once, and end as a sentence can', () => {
    const names = [
      ...HIGH_RISK_ACTIONS.map(({ action }) => action),
      ...RISKY_COMBINATIONS.flatMap(({ all }) => all),
    ];
    expect(names.filter((name) => actionInfo(name)?.name !== name)).toEqual([]);
    expect(new Set(HIGH_RISK_ACTIONS.map(({ action }) => action)).size).toBe(HIGH_RISK_ACTIONS.length);
    for (const { words } of [...HIGH_RISK_ACTIONS, ...RISKY_COMBINATIONS])
      expect(words).toMatch(/^[a-z].*[^.]$/);
  });
  it('are found under wildcards and in any case', () => {
    expect(highRiskWithin(['IAM:putrole*']).map(({ action }) => action)).toEqual(['iam:PutRolePolicy']);
    expect(highRiskWords('IAM:PASSROLE')).toContain('hand a role');
    expect(highRiskWords('s3:GetObject')).toBeUndefined();
  });
  it('combine only when every action is granted', () => {
    expect(combinationsWithin(['iam:PassRole', 'lambda:*'])).toHaveLength(1);
    expect(combinationsWithin(['lambda:*'])).toEqual([]);
  });
});

describe('levelsWithin', () => {
  it.each([
    [['s3:ListAllMyBuckets'], ['List']],
    [['s3:GetObject'], ['Read']],
    [['iam:PutRolePolicy'], ['Permissions management']],
    [['s3:NoSuchThing'], ['Write']],
    [['nosuchservice:Do'], []],
  ])('%j is %j', (patterns, levels) => {
    expect([...levelsWithin(patterns)]).toEqual(levels);
  });
  it('takes * for everything', () => {
    expect(levelsWithin(['*']).size).toBe(5);
  });
});

describe('the over-permission index', () => {
  it.each([
    [[], [], 0],
    [['s3:GetObject'], ['s3:getobject'], 0],
    [['s3:GetObject'], [], 100],
    // Read 2, Write 3, Permissions management 5: (3 + 5) of 10.
    [['s3:GetObject', 's3:PutObject', 's3:PutBucketPolicy'], ['s3:GetObject'], 80],
  ])('of %j with %j used is %i', (granted, used, index) => {
    expect(overPermissionOf(granted, used).index).toBe(index);
  });
  it('of an account is the mean of its identities', () => {
    const of = (index: number) => ({ index, granted: 1, unused: 0 });
    expect(meanOverPermission([of(100), of(0), of(50)])).toBe(50);
    expect(meanOverPermission([])).toBeUndefined();
    expect(meanOverPermission([of(40), undefined])).toBe(40);
  });
  it('counts what is allowed and not denied everywhere', () => {
    const document = parsePolicy(
      {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: ['sqs:SendMessage', 'sqs:DeleteQueue', 'sqs:PurgeQueue'],
            Resource: '*',
          },
          { Effect: 'Deny', Action: 'sqs:Delete*', Resource: '*' },
          { Effect: 'Deny', Action: 'sqs:PurgeQueue', Resource: 'arn:aws:sqs:*:*:prod' },
        ],
      },
      'identity',
    );
    expect(grantedActions([document])).toEqual(['sqs:PurgeQueue', 'sqs:SendMessage']);
  });
});

describe('citationsFor', () => {
  it.each([
    [['PII.email'], [], ['GDPR', 'CCPA']],
    [['PHI'], [], ['GDPR', 'HIPAA Security Rule']],
    [['PCI'], [], ['PCI DSS']],
    [['credentials'], [], []],
    [[], ['hipaa'], ['HIPAA Security Rule']],
    [[], ['sox'], []],
  ])('labels %j and named %j give %j', (labels, named, regulations) => {
    expect([...new Set(citationsFor(labels, named).map(({ regulation }) => regulation))]).toEqual(
      regulations,
    );
  });
  it('cites Article 32 for personal data, each rule once', () => {
    const cited = citationsFor(['PII', 'PII.name', 'PHI'], ['GDPR']);
    expect(cited.filter(({ citation }) => citation === 'Article 32(1)')).toHaveLength(1);
    for (const { source } of cited) expect(source).toMatch(/^https:/);
  });
});
