import { describe, expect, it } from '@jest/globals';
import { policyRightsize } from '../../../../client/cli/engine/policy-rightsize.js';

const ROLE = 'arn:aws:iam::123456789012:role/App';
const document = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'All', Effect: 'Allow', Action: ['s3:*', 'ec2:TerminateInstances'], Resource: '*' }],
};
const line = {
  principal: ROLE,
  policies: [{ name: 'inline', managed: 'inline', document }],
  usage: [
    {
      principal: ROLE,
      eventSource: 's3.amazonaws.com',
      eventName: 'HeadObject',
      resource: 'arn:aws:s3:::b/in/1',
      count: 7,
      firstUsed: '2026-02-01',
      lastUsed: '2026-06-01',
      outcome: 'ok',
    },
    {
      principal: ROLE,
      action: 'ec2:TerminateInstances',
      count: 2,
      lastUsed: '2026-06-01',
      outcome: 'denied',
    },
    { principal: `${ROLE}2`, action: 's3:PutObject', count: 3, lastUsed: '2026-06-01', outcome: 'ok' },
    'not a row',
  ],
  window: { from: '2026-01-01', to: '2026-07-01' },
  options: { resources: 'exact', logging: { management: true, data: ['s3'] } },
};

describe('curtail policy rightsize', () => {
  it('answers in the shape of the contract', () => {
    const answer = policyRightsize(line);
    expect(answer.policies).toEqual([
      {
        name: 'inline',
        managed: 'inline',
        document: {
          Version: '2012-10-17',
          Statement: [
            { Sid: 'All', Effect: 'Allow', Action: ['s3:GetObject'], Resource: 'arn:aws:s3:::b/in/1' },
          ],
        },
      },
    ]);
    expect(answer.proof.usage).toEqual({
      fromIso: '2026-01-01',
      toIso: '2026-07-01',
      total: 13,
      replayed: 7,
      denied: 2,
      otherPrincipal: 3,
      service: 0,
      unmapped: 0,
      notAllowedBefore: 0,
      malformed: 1,
      newlyDenied: [],
    });
    expect(answer.proof.noNewAccess).toEqual([expect.objectContaining({ of: ROLE, verdict: 'PASS' })]);
    expect(answer.proof.digests).toEqual(
      Object.fromEntries(
        ['principal', 'policies', 'usage', 'window', 'options', 'result', 'proof'].map((name) => [
          name,
          expect.stringMatching(/^[0-9a-f]{64}$/),
        ]),
      ),
    );
    expect(answer.proof.engine).not.toBe('');
    expect(answer.proof.catalogue).not.toBe('');
    expect(answer.removed.find((each) => each.action === 'ec2:TerminateInstances')).toMatchObject({
      reasonCode: 'unused',
    });
    expect(answer.kept).toEqual([expect.objectContaining({ action: 's3:GetObject', reasonCode: 'used' })]);
    expect(answer.justification).toEqual([
      expect.objectContaining({ policy: 'inline', statement: 'All', action: 's3:GetObject' }),
    ]);
  });

  it('takes documents as text, and the policies of a named set', () => {
    const policies = [{ name: 'inline', managed: 'inline', document: JSON.stringify(document) }];
    const defined = new Map([['app', { policies, parsed: new Map<string, unknown>() }]]);
    const { policies: _, ...rest } = line;
    expect(policyRightsize({ ...rest, use: 'app' }, defined).policies).toEqual(
      policyRightsize(line).policies,
    );
  });

  it('takes CloudTrail records in place of rows', () => {
    const record = {
      eventSource: 's3.amazonaws.com',
      eventName: 'GetObject',
      eventTime: '2026-03-01T00:00:00Z',
      userIdentity: { type: 'AssumedRole', sessionContext: { sessionIssuer: { arn: ROLE } } },
      requestParameters: { bucketName: 'b', key: 'in/1' },
    };
    expect(policyRightsize({ ...line, usage: [{ Records: [record] }] }).policies).toEqual(
      policyRightsize(line).policies,
    );
  });

  it.each<[string, object, string]>([
    ['no policies', { policies: undefined }, '/policies'],
    [
      'a malformed document',
      {
        policies: [
          {
            name: 'a',
            managed: 'inline',
            document: { Version: '2012-10-17', Statement: [{ Effect: 'Maybe' }] },
          },
        ],
      },
      '/policies/0/document/Statement/0',
    ],
    ['a wrong mode', { options: { resources: 'all' } }, '/options/resources'],
  ])('points at %s', (_, more, pointer) => {
    expect(() => policyRightsize({ ...line, ...more })).toThrow(
      expect.objectContaining({ pointer: expect.stringContaining(pointer) }),
    );
  });
});
