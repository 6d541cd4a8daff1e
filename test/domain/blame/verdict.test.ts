import { describe, expect, it } from '@jest/globals';
import type { Denial } from '../../../domain/blame/denial.js';
import { blame, MAX_JUDGED, type Suspect } from '../../../domain/blame/verdict.js';
import type { Change } from '../../../domain/change/change.js';
import type { AccountInput } from '../../../domain/graph/account.js';
import type { Json } from '../../../domain/json.js';

const ROLE = 'arn:aws:iam::111122223333:role/team/orders-api';
const SESSION = 'arn:aws:sts::111122223333:assumed-role/orders-api/i-0abc';
const BUCKET = 'arn:aws:s3:::orders';

interface Said {
  Effect: 'Allow' | 'Deny';
  Action: string;
  Resource?: string;
  Condition?: Json;
  Principal?: Json;
}
function document(...statements: Said[]): Json {
  return {
    Version: '2012-10-17',
    Statement: statements.map((said) => ({
      ...(said.Principal === undefined && { Resource: '*' }),
      ...said,
    })),
  } as unknown as Json;
}
const allow = (Action: string, more: Partial<Said> = {}): Said => ({ Effect: 'Allow', Action, ...more });
const deny = (Action: string, more: Partial<Said> = {}): Said => ({ Effect: 'Deny', Action, ...more });

function account(inline: Json, more: { second?: Json; bucket?: Json } = {}): AccountInput {
  const policies = [
    { PolicyName: 'work', PolicyDocument: inline },
    ...(more.second === undefined ? [] : [{ PolicyName: 'second', PolicyDocument: more.second }]),
  ];
  return {
    RoleDetailList: [
      {
        Arn: ROLE,
        RoleName: 'orders-api',
        Path: '/team/',
        AssumeRolePolicyDocument: document(
          allow('sts:AssumeRole', { Principal: { Service: 'ec2.amazonaws.com' } }),
        ),
        RolePolicyList: policies,
        AttachedManagedPolicies: [],
      },
    ],
    resources: [
      {
        arn: BUCKET,
        type: 'AWS::S3::Bucket',
        ...(more.bucket !== undefined && { policy: more.bucket }),
      },
    ],
  };
}

function inline(before: Json, after: Json, name = 'work'): Change {
  return { kind: 'inline-policy', target: { principal: ROLE, name }, before, after };
}
function suspect(change: Change, status = 'verified', id = 'change/1'): Suspect {
  return { id, status, changes: [change] };
}
function denied(more: Partial<Denial> = {}): Denial {
  return { principal: SESSION, action: 's3:PutObject', resource: `${BUCKET}/a`, ...more };
}

const WIDE = document(allow('s3:*'));
const NARROW = document(allow('s3:GetObject'));
const CHANGE = inline(WIDE, NARROW);

describe('the verdict on one change', () => {
  it.each<[what: string, now: AccountInput, change: Change, denial: Denial, verdict: string, why: RegExp]>([
    ['took it away', account(NARROW), CHANGE, denied(), 'yes', /allowed before this change and is denied/],
    [
      'took it away, whatever the resource, which the message does not name',
      account(NARROW),
      CHANGE,
      { principal: SESSION, action: 's3:PutObject' },
      'yes',
      /allowed before/,
    ],
    [
      'took it away, says AWS too',
      account(NARROW),
      CHANGE,
      denied({ how: 'implicit', by: 'identity' }),
      'yes',
      /allowed before/,
    ],
    [
      'is about another action',
      account(NARROW),
      CHANGE,
      denied({ action: 'sqs:SendMessage', resource: 'arn:aws:sqs:eu-west-1:111122223333:q' }),
      'no',
      /touches no statement/,
    ],
    [
      'left it denied as it was',
      account(NARROW),
      inline(document(allow('s3:Put*', { Resource: 'arn:aws:s3:::other/*' }), deny('s3:PutObject')), NARROW),
      denied(),
      'no',
      /denied before this change too/,
    ],
    [
      'leaves it allowed',
      account(NARROW),
      CHANGE,
      denied({ action: 's3:GetObject' }),
      'no',
      /is allowed with/,
    ],
    [
      'is not what a service control policy denies',
      account(NARROW),
      CHANGE,
      denied({ how: 'explicit', by: 'scp' }),
      'no',
      /service control policy denied it/,
    ],
    [
      'has no Deny, and AWS says that one matched',
      account(NARROW),
      CHANGE,
      denied({ how: 'explicit', by: 'identity' }),
      'no',
      /a Deny matched/,
    ],
    [
      'hangs on a condition that the message does not state',
      account(document(allow('s3:*', { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }))),
      inline(WIDE, document(allow('s3:*', { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }))),
      denied(),
      'unknown',
      /aws:SourceIp/,
    ],
    [
      'hangs on the resource that the message does not name',
      account(document(allow('s3:*', { Resource: 'arn:aws:s3:::orders/a/*' }))),
      inline(WIDE, document(allow('s3:*', { Resource: 'arn:aws:s3:::orders/a/*' }))),
      { principal: SESSION, action: 's3:PutObject' },
      'unknown',
      /the resource/,
    ],
    [
      'disabled the role',
      account(NARROW, { second: document(deny('*')) }),
      inline(null, document(deny('*')), 'second'),
      denied({ action: 's3:GetObject', how: 'explicit', by: 'identity' }),
      'yes',
      /allowed before/,
    ],
    [
      'took it away at the resource',
      account(document(allow('sqs:*')), {
        bucket: document(allow('s3:GetObject', { Principal: '*', Resource: `${BUCKET}/*` })),
      }),
      {
        kind: 'resource-policy',
        target: { arn: BUCKET },
        before: document(allow('s3:*', { Principal: { AWS: ROLE }, Resource: `${BUCKET}/*` })),
        after: document(allow('s3:GetObject', { Principal: '*', Resource: `${BUCKET}/*` })),
      },
      denied(),
      'yes',
      /allowed before/,
    ],
    [
      'took it away, and a bucket that demands TLS does not cloud that',
      account(NARROW, {
        bucket: document(
          deny('s3:*', { Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ),
      }),
      CHANGE,
      denied(),
      'yes',
      /allowed before/,
    ],
    [
      'took it away, and a Deny that AWS does not blame does not cloud that',
      account(NARROW, {
        bucket: document(
          deny('s3:*', { Principal: '*', Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } } }),
        ),
      }),
      CHANGE,
      denied({ how: 'implicit', by: 'identity' }),
      'yes',
      /allowed before/,
    ],
    [
      'is about a role that is gone',
      { RoleDetailList: [], resources: [] },
      CHANGE,
      denied(),
      'unknown',
      /cannot be read any more/,
    ],
    [
      'set a block against the public',
      account(NARROW),
      {
        kind: 'public-access-block',
        target: { arn: BUCKET },
        before: null,
        after: { BlockPublicAcls: true },
      },
      denied(),
      'unknown',
      /public access block/,
    ],
  ])('is that it %s', (_what, now, change, denial, verdict, why) => {
    const found = blame(now, [suspect(change)], denial);
    expect(found).toMatchObject({ verdict, why: expect.stringMatching(why) });
    expect(found.each.get('change/1')?.verdict).toBe(verdict);
  });

  it('says that it was taken back, and that what never happened is no cause', () => {
    expect(blame(account(WIDE), [suspect(CHANGE, 'rolled-back')], denied())).toMatchObject({
      verdict: 'yes',
      why: expect.stringContaining('taken back since'),
    });
    expect(blame(account(WIDE), [suspect(CHANGE, 'refused')], denied())).toMatchObject({
      verdict: 'no',
      why: expect.stringContaining('not applied'),
    });
  });
});

describe('the verdict on several changes', () => {
  it('names them together when none took it away alone', () => {
    const stop = document(deny('s3:PutObject'));
    const now = account(NARROW, { second: stop });
    const changes = [
      suspect(inline(null, stop, 'second'), 'verified', 'b'),
      suspect(CHANGE, 'verified', 'a'),
    ];
    const found = blame(now, changes, denied());
    expect(found).toMatchObject({ verdict: 'yes', why: expect.stringContaining('2 changes together') });
    expect([...found.each.values()].map(({ code }) => code)).toEqual(['together', 'together']);
  });

  it('judges the newest, and does not pretend to have judged the rest', () => {
    const none = inline(document(allow('sqs:*')), document(allow('sns:*')));
    const changes = Array.from({ length: MAX_JUDGED + 1 }, (_, n) => suspect(none, 'verified', `c${n}`));
    const found = blame(account(WIDE), changes, denied());
    expect(found.verdict).toBe('unknown');
    expect(found.each.get(`c${MAX_JUDGED}`)?.why).toContain('newest');
  });

  it('is that there was none', () => {
    expect(blame(account(WIDE), [], denied()).why).toContain('never changed anything');
  });
});
