import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AccountingQuestion, accountFor } from '../../../domain/usage/accounting.js';
import { openCollector, readUsage, rowsOf } from '../../../domain/usage/log.js';
import { principalKey } from '../../../domain/usage/principal.js';
import { ROLE, record, sessionOf } from './records.js';

const OTHER = 'arn:aws:iam::123456789012:role/Other';

function question(more: Partial<AccountingQuestion> = {}): AccountingQuestion {
  return {
    window: { fromIso: '2026-01-01', toIso: '2026-07-01' },
    subject: principalKey(ROLE),
    affected: new Set([principalKey(ROLE)]),
    allowedBefore: (_, { action }) => action.startsWith('s3:'),
    preserved: (_, { action }) => action !== 's3:PutObject',
    ...more,
  };
}

describe('accounting', () => {
  it('puts every event in one place and adds up', () => {
    const log = readUsage([
      record(),
      record(),
      record({ eventName: 'PutObject' }),
      record({ errorCode: 'AccessDenied' }),
      record({ errorCode: 'NoSuchKey' }),
      record({ userIdentity: sessionOf(OTHER) }),
      record({ userIdentity: { type: 'AWSService', invokedBy: 'config.amazonaws.com' } }),
      record({ eventName: 'NoSuchCall' }),
      record({ eventSource: 'ec2.amazonaws.com', eventName: 'DescribeInstances' }),
      { eventTime: 'never' },
      null,
    ]);
    expect(accountFor(log, question())).toEqual({
      fromIso: '2026-01-01',
      toIso: '2026-07-01',
      total: 11,
      replayed: 4,
      denied: 1,
      otherPrincipal: 1,
      service: 1,
      unmapped: 1,
      notAllowedBefore: 1,
      malformed: 2,
      newlyDenied: [
        {
          principal: ROLE,
          action: 's3:PutObject',
          resource: 'arn:aws:s3:::data/in/a.csv',
          count: 1,
          lastUsedIso: '2026-06-15T10:00:00Z',
        },
      ],
    });
  });

  it('adds up for every mixture of rows and records', () => {
    const item = fc.oneof(
      fc.record({
        principal: fc.constantFrom(
          ROLE,
          OTHER,
          'lambda.amazonaws.com',
          'arn:aws:sts::123456789012:assumed-role/App/s',
        ),
        action: fc.constantFrom(
          's3:GetObject',
          's3:PutObject',
          'ec2:RunInstances',
          'no action',
          's3:ListObjects',
        ),
        count: fc.oneof(fc.nat(1000), fc.constantFrom(-1, 1.5, '7' as unknown as number)),
        outcome: fc.constantFrom('ok', 'denied', 'error', 'odd'),
        lastUsed: fc.constantFrom('2026-05-01', 'never'),
      }),
      fc
        .record({
          errorCode: fc.constantFrom(undefined, 'AccessDenied', 'Throttling'),
          eventName: fc.constantFrom('GetObject', 'Nonsense'),
        })
        .map((each) => record(each)),
      fc.anything(),
    );
    fc.assert(
      fc.property(fc.array(item, { maxLength: 30 }), (items) => {
        const log = readUsage(items);
        const sum = accountFor(log, question());
        const parts =
          sum.replayed +
          sum.denied +
          sum.otherPrincipal +
          sum.service +
          sum.unmapped +
          sum.notAllowedBefore +
          sum.malformed;
        expect(parts).toBe(sum.total);
        expect(sum.total).toBe(log.total);
      }),
    );
  });

  it('says the same of a log and of its rows', () => {
    const records = [
      record(),
      record({
        eventName: 'CopyObject',
        requestParameters: { bucketName: 'data', key: 'k', 'x-amz-copy-source': 'a/b' },
      }),
      record({ eventTime: '2026-03-01T00:00:00Z' }),
      record({ eventName: 'NoSuchCall' }),
      record({ userIdentity: { type: 'AWSService' } }),
    ];
    const log = readUsage(records);
    const again = readUsage(JSON.parse(JSON.stringify(rowsOf(log))));
    expect(accountFor(again, question())).toEqual(accountFor(log, question()));
    expect(
      again.calls.map((call) => [call.pairs, call.count, call.firstIso, call.lastIso, [...call.months]]),
    ).toEqual(
      log.calls.map((call) => [call.pairs, call.count, call.firstIso, call.lastIso, [...call.months]]),
    );
  });

  it('reads files of records, and keeps only what is distinct', () => {
    const log = readUsage([{ Records: Array.from({ length: 500 }, () => record()) }]);
    expect(log.total).toBe(500);
    expect(log.calls).toHaveLength(1);
  });
});

describe('rows', () => {
  it.each([
    ['an action of the catalogue, in any case', { action: 'S3:getobject', count: 1 }, ['s3:GetObject']],
    ['an API’s name is mapped', { action: 's3:ListObjectsV2', count: 1 }, ['s3:ListBucket']],
    [
      'the log’s own names',
      { eventSource: 's3.amazonaws.com', eventName: 'HeadBucket', count: 1 },
      ['s3:ListBucket'],
    ],
    [
      'the log’s own names as the action',
      { action: { eventSource: 's3.amazonaws.com', eventName: 'HeadBucket' }, count: 1 },
      ['s3:ListBucket'],
    ],
    ['an action that no catalogue knows', { action: 'newservice:Do', count: 1 }, ['newservice:Do']],
    ['a pattern is no action', { action: 's3:Get*', count: 1 }, []],
  ])('%s', (_, row, actions) => {
    expect(readUsage([row]).calls[0]?.pairs.map((pair) => pair.action)).toEqual(actions);
  });

  it('does not guess which part of a call a resource belongs to', () => {
    const row = {
      eventSource: 's3.amazonaws.com',
      eventName: 'CopyObject',
      resource: 'arn:aws:s3:::b/k',
      count: 1,
    };
    expect(readUsage([row]).calls[0]?.pairs).toEqual([
      { action: 's3:GetObject' },
      { action: 's3:PutObject' },
    ]);
  });

  it('takes patterns and names as unknown resources', () => {
    for (const resource of ['*', 'arn:aws:s3:::b/*', 'my-bucket', 'arn:aws:s3:::']) {
      expect(readUsage([{ action: 's3:GetObject', resource, count: 1 }]).calls[0]?.pairs).toEqual([
        { action: 's3:GetObject' },
      ]);
    }
  });
});

describe('a collector with a limit', () => {
  const key = (i: number) => record({ requestParameters: { bucketName: 'data', key: `in/${i}` } });

  it('counts every record, and keeps of what is too much the action without the resource', () => {
    const collector = openCollector(3);
    for (let i = 0; i < 100; i += 1) collector.add(key(i));
    const { calls, total } = collector.log();
    expect([total, collector.coarse()]).toEqual([100, 97]);
    expect(calls).toHaveLength(4);
    expect(calls.at(-1)).toMatchObject({ count: 97, pairs: [{ action: 's3:GetObject' }] });
  });

  it('still tells apart what it knew before', () => {
    const collector = openCollector(1);
    for (let i = 0; i < 5; i += 1) collector.add(key(7));
    expect([collector.log().calls.length, collector.coarse()]).toEqual([1, 0]);
  });
});
