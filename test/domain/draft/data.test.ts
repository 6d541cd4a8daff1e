import { describe, expect, it } from '@jest/globals';
import { withoutPublic } from '../../../domain/draft/public-statements.js';
import type { Json } from '../../../domain/json.js';
import {
  allow,
  BUCKET,
  bucket,
  documentOf,
  draftOf,
  findingOf,
  fix,
  OTHER,
  ROLE,
  role,
  used,
} from './support.js';

const OBJECT = `${BUCKET}/a`;
const EVERYBODY = allow('s3:GetObject', `${BUCKET}/*`, { Principal: '*' });
const NAMED = allow('s3:GetObject', `${BUCKET}/*`, { Principal: { AWS: ROLE } });
const BLOCKED = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};
const anonymous = {
  eventSource: 's3.amazonaws.com',
  eventName: 'GetObject',
  eventTime: '2026-05-01T00:00:00Z',
  userIdentity: { type: 'AWSAccount', principalId: '', accountId: 'ANONYMOUS_PRINCIPAL' },
  requestParameters: { bucketName: 'records', key: 'a' },
};

function account(policy: Json | undefined, more: object = {}) {
  return {
    RoleDetailList: [role(ROLE, {}), role(OTHER, {})],
    resources: [bucket({ ...(policy === undefined ? {} : { policy }), public: true, ...more })],
  };
}

describe('a public store', () => {
  it('loses its public statements and gets a full block; named readers stay', () => {
    const draft = draftOf(
      fix('public-data', account(documentOf(EVERYBODY, NAMED)), [used(ROLE, 's3:GetObject', OBJECT)]),
    );
    expect(draft.changes).toEqual([
      {
        kind: 'resource-policy',
        target: { arn: BUCKET },
        before: documentOf(EVERYBODY, NAMED),
        after: documentOf(NAMED),
      },
      { kind: 'public-access-block', target: { arn: BUCKET }, before: null, after: BLOCKED },
    ]);
    expect(draft.proof.verdict).toBe('proved');
    expect(draft.proof.noNewAccess.map((each) => [each.method, each.verdict])).toEqual([
      ['subset', 'PASS'],
      ['setting', 'PASS'],
    ]);
    expect(draft.proof.usage).toMatchObject({ total: 12, replayed: 12, newlyDenied: [] });
  });

  it('is left to a person when somebody without an identity reads it', () => {
    expect(fix('public-data', account(documentOf(EVERYBODY)), [anonymous])).toMatchObject({
      kind: 'refused',
      reasonCode: 'used-by-everybody',
    });
  });

  it('is left to a person when a role reads it only because everybody may', () => {
    const result = fix('public-data', account(documentOf(EVERYBODY)), [used(ROLE, 's3:GetObject', OBJECT)]);
    expect(result).toMatchObject({ kind: 'refused', reasonCode: 'no-safe-reduction' });
    expect(JSON.stringify(result)).toContain(ROLE);
  });

  it('says when readers could not be seen', () => {
    const draft = draftOf(
      fix('public-data', account(documentOf(EVERYBODY)), [], { logging: { management: true, data: [] } }),
    );
    expect(draft.proof.verdict).toBe('partial');
    expect(draft.proof.blindSpots.join(' ')).toContain('Data events of s3');
  });

  it('is done when it is blocked', () => {
    expect(fix('public-data', account(documentOf(NAMED), { publicAccessBlock: BLOCKED }), [])).toMatchObject({
      kind: 'no-change',
      reasonCode: 'already-fixed',
    });
  });

  it('a database loses its public address', () => {
    const arn = 'arn:aws:rds:eu-west-1:123456789012:db:main';
    const finding = findingOf('public-data', { subject: { type: 'store', id: arn, name: 'main' } });
    const draft = draftOf(
      fix('public-data', { resources: [{ arn, type: 'AWS::RDS::DBInstance', public: true }] }, [], {
        finding,
      }),
    );
    expect(draft.changes).toEqual([
      { kind: 'database-public-access', target: { arn }, before: { public: true }, after: { public: false } },
    ]);
    expect(draft.proof.verdict).toBe('partial');
  });

  it.each<[string, Json, number]>([
    ['everybody', { Effect: 'Allow', Principal: '*', Action: 's3:*' }, 1],
    ['everybody as AWS', { Effect: 'Allow', Principal: { AWS: ['*'] }, Action: 's3:*' }, 1],
    ['everybody but somebody', { Effect: 'Allow', NotPrincipal: { AWS: ROLE }, Action: 's3:*' }, 1],
    [
      'everybody over TLS',
      {
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:*',
        Condition: { Bool: { 'aws:SecureTransport': 'true' } },
      },
      1,
    ],
    [
      'everybody but one network',
      {
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:*',
        Condition: { StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } },
      },
      1,
    ],
    [
      'everybody from everywhere',
      {
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:*',
        Condition: { IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } },
      },
      1,
    ],
    [
      'the organisation',
      {
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:*',
        Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } },
      },
      0,
    ],
    ['a refusal', { Effect: 'Deny', Principal: '*', Action: 's3:*' }, 0],
    ['a role', { Effect: 'Allow', Principal: { AWS: ROLE }, Action: 's3:*' }, 0],
  ])('is public by a statement for %s: %#', (_, statement, removed) => {
    expect(withoutPublic(documentOf(statement)).removed).toBe(removed);
  });

  it('keeps whom a public statement names besides', () => {
    const mixed = allow('s3:GetObject', '*', {
      Principal: { AWS: ['*', ROLE], Service: 'cloudtrail.amazonaws.com' },
    });
    expect(withoutPublic(documentOf(mixed)).document).toEqual(
      documentOf(
        allow('s3:GetObject', '*', { Principal: { Service: 'cloudtrail.amazonaws.com', AWS: [ROLE] } }),
      ),
    );
  });
});

describe('an over-shared store', () => {
  const ROOT = 'arn:aws:iam::123456789012:root';

  it('takes named principals off that were not seen', () => {
    const both = allow('s3:GetObject', `${BUCKET}/*`, { Principal: { AWS: [ROLE, OTHER] } });
    const draft = draftOf(
      fix('over-shared-data', account(documentOf(both)), [used(ROLE, 's3:GetObject', OBJECT)]),
    );
    expect(draft.changes[0]?.after).toEqual(documentOf(NAMED));
    expect(draft.proof.verdict).toBe('proved');
    expect(draft.removed).toEqual([expect.objectContaining({ reason: expect.stringContaining(OTHER) })]);
  });

  it('holds an account to those of it that were seen, by a condition', () => {
    const shared = allow('s3:GetObject', `${BUCKET}/*`, { Principal: { AWS: ROOT } });
    const given = {
      ...account(documentOf(shared)),
      RoleDetailList: [role(ROLE, { own: documentOf(allow('s3:GetObject')) }), role(OTHER, {})],
    };
    const draft = draftOf(fix('over-shared-data', given, [used(ROLE, 's3:GetObject', OBJECT)]));
    expect(draft.changes[0]?.after).toEqual(
      documentOf({ ...(shared as object), Condition: { ArnEquals: { 'aws:PrincipalArn': [ROLE] } } }),
    );
    expect(draft.proof.noNewAccess.map((each) => each.verdict)).toEqual(['PASS']);
  });

  it('loses what nobody used', () => {
    expect(draftOf(fix('over-shared-data', account(documentOf(NAMED)), [])).changes[0]?.after).toBeNull();
  });

  it.each([
    [
      'data events are not logged',
      [],
      { logging: { management: true, data: ['dynamodb'] } },
      'data-events-not-logged',
    ],
    ['somebody without an ARN used it', [anonymous], {}, 'caller-unnamed'],
  ])('is left to a person when %s', (_, usage, more, reasonCode) => {
    expect(fix('over-shared-data', account(documentOf(EVERYBODY)), usage, more)).toMatchObject({
      kind: 'refused',
      reasonCode,
    });
  });
});

describe('settings of a store', () => {
  it('is encrypted', () => {
    const draft = draftOf(fix('unencrypted-data', account(undefined), []));
    expect(draft.changes).toEqual([
      { kind: 'encryption', target: { arn: BUCKET }, before: null, after: { algorithm: 'AES256' } },
    ]);
    expect(draft.proof.usage).toBeNull();
    expect(
      fix('unencrypted-data', account(undefined, { encryption: { algorithm: 'AES256' } }), []),
    ).toMatchObject({ kind: 'no-change' });
  });

  it('writes an access log where there is a place for it', () => {
    expect(fix('unlogged-data', account(undefined), [])).toMatchObject({
      kind: 'refused',
      reasonCode: 'no-log-bucket',
    });
    const given = account(undefined);
    const logs = { arn: 'arn:aws:s3:::company-access-logs', type: 'AWS::S3::Bucket' };
    const draft = draftOf(fix('unlogged-data', { ...given, resources: [...given.resources, logs] }, []));
    expect(draft.changes[0]?.after).toEqual({ target: 'company-access-logs/records/' });
  });
});
