import { describe, expect, it } from '@jest/globals';
import { applyChange, applyChanges, conflictOf, currentState } from '../../../domain/change/apply.js';
import { type Change, reverseChange } from '../../../domain/change/change.js';
import { ChangeError } from '../../../domain/change/error.js';
import type { AccountInput } from '../../../domain/graph/account.js';
import { canonicalJson, type Json } from '../../../domain/json.js';
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

const BLOCKED: Json = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};

const CHANGES: readonly [name: string, change: Change][] = [
  [
    'narrows an inline policy',
    {
      kind: 'inline-policy',
      target: { principal: ROLE, name: 'work' },
      before: allow('s3:*', 'sqs:*'),
      after: allow('s3:GetObject'),
    },
  ],
  [
    'removes an inline policy',
    {
      kind: 'inline-policy',
      target: { principal: ROLE, name: 'work' },
      before: allow('s3:*', 'sqs:*'),
      after: null,
    },
  ],
  [
    'adds an inline policy to a group',
    {
      kind: 'inline-policy',
      target: { principal: GROUP, name: 'new' },
      before: null,
      after: allow('s3:ListBucket'),
    },
  ],
  [
    'makes a new default version',
    {
      kind: 'managed-policy',
      target: { arn: POLICY },
      before: allow('ec2:*'),
      after: allow('ec2:DescribeInstances'),
    },
  ],
  [
    'detaches a managed policy',
    {
      kind: 'policy-attachment',
      target: { principal: USER, arn: READ_ONLY },
      before: { attached: true },
      after: null,
    },
  ],
  [
    'attaches a managed policy',
    {
      kind: 'policy-attachment',
      target: { principal: USER, arn: POLICY },
      before: null,
      after: { attached: true },
    },
  ],
  [
    'changes a trust policy',
    {
      kind: 'trust-policy',
      target: { principal: ROLE },
      before: TRUST,
      after: { Version: '2012-10-17', Statement: [] },
    },
  ],
  [
    'deactivates an access key',
    {
      kind: 'access-key',
      target: { principal: USER, name: KEY_ID },
      before: { status: 'Active' },
      after: { status: 'Inactive' },
    },
  ],
  [
    'disables a role',
    { kind: 'role', target: { principal: ROLE }, before: { disabled: false }, after: { disabled: true } },
  ],
  [
    'blocks public access',
    { kind: 'public-access-block', target: { arn: BUCKET }, before: null, after: BLOCKED },
  ],
  [
    'removes a bucket policy',
    { kind: 'resource-policy', target: { arn: BUCKET }, before: PUBLIC_READ, after: null },
  ],
  [
    'encrypts a store',
    {
      kind: 'encryption',
      target: { arn: BUCKET },
      before: null,
      after: { algorithm: 'aws:kms', kmsKey: 'arn:aws:kms:eu-central-1:123456789012:key/k' },
    },
  ],
  [
    'logs access',
    { kind: 'access-logging', target: { arn: BUCKET }, before: null, after: { target: 'logs/sample/' } },
  ],
  [
    'closes a database',
    {
      kind: 'database-public-access',
      target: { arn: DATABASE },
      before: { public: true },
      after: { public: false },
    },
  ],
];

describe('a change', () => {
  it.each(CHANGES)('%s, reads back as made, and reverses', (_name, change) => {
    const account = sampleAccount();
    expect(conflictOf(account, change)).toBeUndefined();
    const after = applyChange(account, change);
    expect(canonicalJson(currentState(after, change))).toBe(canonicalJson(change.after));
    expect(account).toEqual(sampleAccount());
    const restored = applyChange(after, reverseChange(change));
    expect(canonicalJson(currentState(restored, change))).toBe(canonicalJson(change.before));
    expect(conflictOf(after, change)).toEqual({ found: change.after });
  });

  it.each(CHANGES)('%s once: the second time nothing differs', (_name, change) => {
    const once = applyChange(sampleAccount(), change);
    expect(applyChange(once, change)).toBe(once);
  });

  it.each(CHANGES)('%s in the right one of several accounts', (_name, change) => {
    const both: AccountInput = { accounts: [{ RoleDetailList: [] }, sampleAccount()] };
    const after = applyChange(both, change);
    expect(after.accounts?.[0]).toBe(both.accounts?.[0]);
    expect(canonicalJson(currentState(after, change))).toBe(canonicalJson(change.after));
  });
});

describe('what follows from a change', () => {
  const block: Change = {
    kind: 'public-access-block',
    target: { arn: BUCKET },
    before: null,
    after: BLOCKED,
  };
  const publicOf = (account: AccountInput) => account.resources?.find((each) => each.arn === BUCKET)?.public;

  it('a blocked bucket is no longer public, and public again when the block is lifted', () => {
    const blocked = applyChange(sampleAccount(), block);
    expect(publicOf(blocked)).toBe(false);
    expect(publicOf(applyChange(blocked, reverseChange(block)))).toBe(true);
  });

  it('lifting the block of a bucket whose public policy is gone does not make it public', () => {
    const removal: Change = {
      kind: 'resource-policy',
      target: { arn: BUCKET },
      before: PUBLIC_READ,
      after: null,
    };
    const both = applyChanges(sampleAccount(), [block, removal]);
    expect(publicOf(applyChange(both, reverseChange(block)))).toBe(false);
  });

  it('a sixth version of a managed policy drops the oldest that is not the default', () => {
    let account = sampleAccount();
    for (const action of ['a:1', 'a:2', 'a:3', 'a:4', 'a:5']) {
      account = applyChange(account, {
        kind: 'managed-policy',
        target: { arn: POLICY },
        before: null,
        after: allow(action),
      });
    }
    const policy = account.Policies?.[0];
    expect(policy?.DefaultVersionId).toBe('v6');
    expect(policy?.PolicyVersionList?.map((version) => version.VersionId)).toEqual([
      'v6',
      'v5',
      'v4',
      'v3',
      'v2',
    ]);
    expect(policy?.PolicyVersionList?.filter((version) => version.IsDefaultVersion)).toHaveLength(1);
  });

  it('a deleted role is gone, and cannot come back from a state that does not describe it', () => {
    const gone = applyChange(sampleAccount(), {
      kind: 'role',
      target: { principal: ROLE },
      before: { disabled: false },
      after: null,
    });
    expect(currentState(gone, { kind: 'role', target: { principal: ROLE } })).toBeNull();
    expect(() =>
      applyChange(gone, {
        kind: 'role',
        target: { principal: ROLE },
        before: null,
        after: { disabled: false },
      }),
    ).toThrow(/cannot be restored/);
  });

  it('documents compare by meaning: as text, percent-encoded, or as JSON with members in another order', () => {
    const account = sampleAccount();
    const role = account.RoleDetailList?.[0];
    const text =
      '{"Statement":[{"Resource":"*","Action":["s3:*","sqs:*"],"Effect":"Allow"}],"Version":"2012-10-17"}';
    for (const PolicyDocument of [text, encodeURIComponent(text)]) {
      const held = {
        ...account,
        RoleDetailList: [{ ...role, Arn: ROLE, RolePolicyList: [{ PolicyName: 'work', PolicyDocument }] }],
      };
      const change: Change = {
        kind: 'inline-policy',
        target: { principal: ROLE, name: 'work' },
        before: allow('s3:*', 'sqs:*'),
        after: null,
      };
      expect(conflictOf(held, change)).toBeUndefined();
    }
  });
});

describe('a change that does not fit', () => {
  it.each<[name: string, change: Pick<Change, 'kind' | 'target'>, type: string]>([
    [
      'names a role that is not there',
      { kind: 'inline-policy', target: { principal: `${ROLE}2`, name: 'work' } },
      'UnknownEntity',
    ],
    [
      'names a bucket that is not there',
      { kind: 'encryption', target: { arn: `${BUCKET}2` } },
      'UnknownEntity',
    ],
    ['names no principal', { kind: 'trust-policy', target: {} }, 'Malformed'],
    [
      'names an ARN that is no principal',
      { kind: 'trust-policy', target: { principal: BUCKET } },
      'Malformed',
    ],
  ])('%s', (_name, change, type) => {
    expect(() => currentState(sampleAccount(), change)).toThrow(ChangeError);
    try {
      currentState(sampleAccount(), change);
    } catch (error) {
      expect(error).toMatchObject({ type });
    }
  });

  it('is not confused by names of object members', () => {
    const change: Change = {
      kind: 'inline-policy',
      target: { principal: ROLE, name: '__proto__' },
      before: null,
      after: allow('s3:GetObject'),
    };
    expect(currentState(sampleAccount(), change)).toBeNull();
    expect(currentState(applyChange(sampleAccount(), change), change)).toEqual(allow('s3:GetObject'));
  });
});
