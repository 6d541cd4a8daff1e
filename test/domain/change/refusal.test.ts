import { describe, expect, it } from '@jest/globals';
import { applyChange, refusalOf } from '../../../domain/change/apply.js';
import type { Change } from '../../../domain/change/change.js';
import type { Json } from '../../../domain/json.js';
import {
  allow,
  BUCKET,
  DATABASE,
  GROUP,
  KEY_ID,
  POLICY,
  PUBLIC_READ,
  READ_ONLY,
  ROLE,
  sampleAccount,
  TRUST,
  USER,
} from './sample-account.js';

/** A policy of exactly so many characters. */
function ofLength(length: number): Json {
  const filled = (resources: readonly string[]): Json => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: resources }],
  });
  const resources: string[] = ['arn:aws:s3:::a'];
  const missing = (): number => length - JSON.stringify(filled(resources)).length;
  while (missing() > 200) resources.push(`arn:aws:s3:::${'b'.repeat(100)}`);
  resources[0] = `arn:aws:s3:::${'a'.repeat(1 + missing())}`;
  return filled(resources);
}

function inline(principal: string, after: Json): Change {
  return { kind: 'inline-policy', target: { principal, name: 'work' }, before: null, after };
}

describe('AWS would refuse', () => {
  it.each<[name: string, change: Change, reason: RegExp | undefined]>([
    ['not an inline policy of a role at the limit', inline(ROLE, ofLength(10_240)), undefined],
    ['an inline policy of a role above the limit', inline(ROLE, ofLength(10_241)), /10241 characters.*10240/],
    ['an inline policy of a user above the limit', inline(USER, ofLength(2_049)), /2049 characters.*2048/],
    ['an inline policy of a group above the limit', inline(GROUP, ofLength(5_121)), /5120/],
    [
      'not a managed policy at the limit',
      { kind: 'managed-policy', target: { arn: POLICY }, before: null, after: ofLength(6_144) },
      undefined,
    ],
    [
      'a managed policy above the limit',
      { kind: 'managed-policy', target: { arn: POLICY }, before: null, after: ofLength(6_145) },
      /6145 characters/,
    ],
    [
      'a change of a policy that belongs to AWS',
      { kind: 'managed-policy', target: { arn: READ_ONLY }, before: null, after: allow('s3:*') },
      /belongs to AWS/,
    ],
    [
      'the deletion of a policy that is attached',
      { kind: 'managed-policy', target: { arn: POLICY }, before: allow('ec2:*'), after: null },
      /attached to 1 principals/,
    ],
    [
      'a document without an effect',
      inline(ROLE, { Version: '2012-10-17', Statement: [{ Action: 's3:*', Resource: '*' }] }),
      /malformed at \/Statement\/0/,
    ],
    [
      'a document with a principal on an identity',
      inline(ROLE, {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: '*' }],
      }),
      /malformed/,
    ],
    [
      'a trust policy above the limit',
      { kind: 'trust-policy', target: { principal: ROLE }, before: TRUST, after: longTrust() },
      /IAM allows 2048/,
    ],
    [
      'a role without trust policy',
      { kind: 'trust-policy', target: { principal: ROLE }, before: TRUST, after: null },
      /disable the role/,
    ],
    [
      'the deletion of a role with policies',
      { kind: 'role', target: { principal: ROLE }, before: { disabled: false }, after: null },
      /1 inline and 1 attached policies/,
    ],
    [
      'not the disabling of a role',
      { kind: 'role', target: { principal: ROLE }, before: { disabled: false }, after: { disabled: true } },
      undefined,
    ],
    [
      'an attachment of a policy that does not exist',
      {
        kind: 'policy-attachment',
        target: { principal: ROLE, arn: `${POLICY}2` },
        before: null,
        after: { attached: true },
      },
      /does not exist/,
    ],
    [
      'a key that is gone',
      {
        kind: 'access-key',
        target: { principal: USER, name: `${KEY_ID}X` },
        before: null,
        after: { status: 'Active' },
      },
      /cannot be restored/,
    ],
    [
      'a block with three switches',
      {
        kind: 'public-access-block',
        target: { arn: BUCKET },
        before: null,
        after: { BlockPublicAcls: true },
      },
      /four booleans/,
    ],
    [
      'encryption of a running database',
      { kind: 'encryption', target: { arn: DATABASE }, before: null, after: { algorithm: 'AES256' } },
      /cannot encrypt what exists/,
    ],
    [
      'an access log of a database',
      { kind: 'access-logging', target: { arn: DATABASE }, before: null, after: { target: 'logs/' } },
      /data events/,
    ],
    [
      'a public endpoint of a bucket',
      {
        kind: 'database-public-access',
        target: { arn: BUCKET },
        before: { public: true },
        after: { public: false },
      },
      /no RDS instance/,
    ],
  ])('%s', (_name, change, reason) => {
    const found = refusalOf(sampleAccount(), change);
    if (reason === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(reason);
  });

  it('an eleventh managed policy on one principal', () => {
    let account = sampleAccount();
    for (let i = 0; i < 9; i += 1) {
      account = applyChange(account, {
        kind: 'policy-attachment',
        target: { principal: ROLE, arn: `arn:aws:iam::aws:policy/P${i}` },
        before: null,
        after: { attached: true },
      });
    }
    const eleventh: Change = {
      kind: 'policy-attachment',
      target: { principal: ROLE, arn: READ_ONLY },
      before: null,
      after: { attached: true },
    };
    expect(refusalOf(account, eleventh)).toMatch(/10 managed policies already/);
  });

  it('a public policy behind a public access block', () => {
    const blocked = applyChange(sampleAccount(), {
      kind: 'public-access-block',
      target: { arn: BUCKET },
      before: null,
      after: {
        BlockPublicAcls: true,
        IgnorePublicAcls: true,
        BlockPublicPolicy: true,
        RestrictPublicBuckets: true,
      },
    });
    expect(
      refusalOf(blocked, {
        kind: 'resource-policy',
        target: { arn: BUCKET },
        before: null,
        after: PUBLIC_READ,
      }),
    ).toMatch(/refuses public policies/);
  });
});

function longTrust(): Json {
  const services = Array.from({ length: 100 }, (_, i) => `service-number-${i}.amazonaws.com`);
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: services }, Action: 'sts:AssumeRole' }],
  };
}
