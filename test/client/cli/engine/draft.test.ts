import { describe, expect, it } from '@jest/globals';
import { draft } from '../../../../client/cli/engine/draft.js';

const ROLE = 'arn:aws:iam::123456789012:role/ecs-app-role';
const POLICY = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject', 'ec2:TerminateInstances'], Resource: '*' },
  ],
};
const finding = {
  source: 'generic',
  kind: 'excessive-permissions',
  title: 'ecs-app-role can do more than it does',
  subject: { type: 'identity', id: ROLE, name: 'ecs-app-role' },
  evidence: {
    policy: POLICY,
    usage: [
      { action: 's3:GetObject', count: 1500 },
      { action: 's3:PutObject', count: 25 },
      { action: 'ec2:TerminateInstances', count: 0 },
    ],
  },
};

describe('curtail draft', () => {
  it('drafts from what a plain finding says, and calls it a claim', () => {
    const answer = draft({ finding, account: {} });
    expect(answer.outcome).toBe('draft');
    expect(answer.change).toMatchObject({
      kind: 'inline-policy',
      target: { principal: ROLE },
      before: POLICY,
      after: { Statement: [{ Action: ['s3:GetObject', 's3:PutObject'], Resource: '*' }] },
    });
    expect(answer.proof).toMatchObject({ verdict: 'partial', usage: { total: 1525, replayed: 1525 } });
    expect(answer.proof?.blindSpots.join(' ')).toContain('its policy is taken from the finding');
    expect(answer.explanation.whatChanges).toContain('ec2:TerminateInstances');
    expect(answer.explanation.proof).toContain('1525 of 1525');
    expect(answer.confidence?.parts.map((part) => part.name)).toEqual([
      'proof',
      'window',
      'logging',
      'coverage',
      'seasonality',
    ]);
  });

  it('drafts from a list of permissions', () => {
    const evidence = {
      permissions: ['s3:*', 'dynamodb:*', 'sqs:*'],
      usage: [{ action: 's3:GetObject', count: 1, lastUsedIso: '2024-10-15' }],
    };
    const resources = [{ id: 'arn:aws:lambda:us-east-1:123456789012:function:data-processor' }];
    const answer = draft({ finding: { ...finding, evidence, resources }, account: {} });
    expect(answer.outcome).toBe('draft');
    expect(answer.removed?.map((each) => each.action)).toEqual(
      expect.arrayContaining(['s3:DeleteBucket', 'dynamodb:DeleteTable', 'sqs:PurgeQueue']),
    );
    expect(answer.proof?.workloads.map((each) => each.type)).toEqual(['AWS::Lambda::Function']);
  });

  it('gives a list when it takes several changes', () => {
    const arn = 'arn:aws:s3:::open';
    const everybody = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `${arn}/*` }],
    };
    const account = { resources: [{ arn, type: 'AWS::S3::Bucket', public: true, policy: everybody }] };
    const answer = draft({
      finding: { kind: 'public-data', subject: { type: 'store', id: arn, name: 'open' } },
      account,
    });
    expect(answer.change).toMatchObject([{ kind: 'resource-policy' }, { kind: 'public-access-block' }]);
  });

  it('says why there is no draft', () => {
    const gone = {
      ...finding,
      subject: { type: 'identity', id: `${ROLE}-gone`, name: 'gone' },
      evidence: {},
    };
    expect(draft({ finding: gone, account: {} })).toMatchObject({
      outcome: 'refused',
      reasonCode: 'unknown-subject',
      change: null,
      proof: null,
      explanation: { summary: expect.stringContaining('is not in the account') },
    });
  });

  it('points at what is wrong with the line', () => {
    expect(() => draft({ finding: { ...finding, kind: 'odd' } })).toThrow(
      expect.objectContaining({ pointer: '/finding/kind' }),
    );
    expect(() => draft({ finding, account: { RoleDetailList: [{ Arn: 7 }] } })).toThrow(
      expect.objectContaining({ pointer: expect.stringMatching(/^\/account\/RoleDetailList/) }),
    );
  });
});
