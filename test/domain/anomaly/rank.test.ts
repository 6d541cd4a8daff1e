import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { rankEvents, rankPrincipals } from '../../../domain/anomaly/rank.js';
import { event, routine } from './trail.js';

const WORKER = 'arn:aws:iam::123456789012:role/worker';
const OTHER = 'arn:aws:iam::123456789012:role/other';
const MONTH = [...routine(WORKER, 30), ...routine(OTHER, 30)];

describe('ranking identities by what is unusual for each', () => {
  it.each([
    [
      'a first action',
      { eventSource: 'iam.amazonaws.com', eventName: 'CreateAccessKey' },
      /iam:CreateAccessKey/,
    ],
    ['a first region', { awsRegion: 'ap-southeast-1' }, /the region ap-southeast-1/],
    [
      'a first role assumption',
      {
        eventSource: 'sts.amazonaws.com',
        eventName: 'AssumeRole',
        requestParameters: { roleArn: 'arn:aws:iam::123456789012:role/admin' },
      },
      /assuming arn:aws:iam::123456789012:role\/admin/,
    ],
    ['a first network', { sourceIPAddress: '185.220.101.4' }, /calls from 185\.220\.0\.0\/16/],
    ['a toolkit for penetration tests', { userAgent: 'aws-cli/2.1 kali-linux' }, /penetration tests/],
  ])('finds %s', (_name, change, why) => {
    const odd = event({ principal: WORKER, day: 29, hour: 10, ...change });
    const [first, second] = rankPrincipals([...MONTH, odd]);
    expect(first?.principal).toBe(WORKER);
    expect(first?.score).toBeGreaterThan((second?.score ?? 1) + 0.1);
    expect(first?.why.join('\n')).toMatch(why);
  });

  it('finds a jump in volume against the own baseline', () => {
    const many = Array.from({ length: 400 }, (_, i) =>
      event({ principal: WORKER, day: 29, hour: 10, id: `v${i}` }),
    );
    const [first] = rankPrincipals([...MONTH, ...many]);
    expect(first?.principal).toBe(WORKER);
    expect(first?.why.join('\n')).toMatch(/calls from .* where 4 are usual/);
  });

  it('finds a burst of refused calls', () => {
    const probes = ['ListUsers', 'ListRoles', 'GetUser', 'ListPolicies'].map((eventName) =>
      event({
        principal: WORKER,
        day: 20,
        hour: 3,
        eventSource: 'iam.amazonaws.com',
        eventName,
        errorCode: 'AccessDenied',
      }),
    );
    const [first] = rankPrincipals([...MONTH, ...probes]);
    expect(first?.principal).toBe(WORKER);
    expect(first?.why.join('\n')).toMatch(/4 refused calls of 4 different actions/);
  });

  it('finds a burst of failed calls, for less than as many refused ones', () => {
    const burst = (errorCode: string) =>
      Array.from({ length: 12 }, (_, i) =>
        event({ principal: WORKER, day: 20, hour: 10, id: `f${i}`, errorCode }),
      );
    const [failed] = rankPrincipals([...MONTH, ...burst('NoSuchBucket')]);
    const [refused] = rankPrincipals([...MONTH, ...burst('AccessDenied')]);
    expect([failed?.principal, refused?.principal]).toEqual([WORKER, WORKER]);
    expect(failed?.why.join('\n')).toMatch(/12 failed calls of 1 action/);
    expect(failed?.score).toBeLessThan(refused?.score ?? 0);
  });

  it('finds the night more unusual than an hour of overtime', () => {
    const at = (hour: number) =>
      rankPrincipals([...MONTH, event({ principal: WORKER, day: 29, hour })])[0]?.score ?? 0;
    expect(at(3)).toBeGreaterThan(at(11));
    expect(at(3)).toBeGreaterThan(0.1);
  });

  it('says how long nothing of the kind was seen', () => {
    const odd = event({
      principal: WORKER,
      day: 29,
      hour: 10,
      eventSource: 'sts.amazonaws.com',
      eventName: 'AssumeRole',
      requestParameters: { roleArn: 'arn:aws:iam::123456789012:role/admin' },
    });
    const [first] = rankPrincipals([...MONTH, odd]);
    expect(first?.why).toContain(
      'First seen; nobody else did it before either: assuming arn:aws:iam::123456789012:role/admin (29 active days before).',
    );
  });

  it('finds what is odd at the beginning of the log too', () => {
    const odd = event({
      principal: WORKER,
      day: 0,
      hour: 1,
      eventSource: 'iam.amazonaws.com',
      eventName: 'CreateUser',
    });
    expect(rankPrincipals([odd, ...MONTH])[0]?.principal).toBe(WORKER);
  });

  it('does not mind an identity that does something else every day', () => {
    const explorer = 'arn:aws:iam::123456789012:user/explorer';
    const varied = Array.from({ length: 30 }, (_, day) =>
      event({
        principal: explorer,
        day,
        hour: 9,
        eventSource: 'ec2.amazonaws.com',
        eventName: `DescribeThing${day}`,
      }),
    );
    const odd = event({
      principal: WORKER,
      day: 29,
      hour: 9,
      eventSource: 'ec2.amazonaws.com',
      eventName: 'DescribeHosts',
    });
    expect(rankPrincipals([...MONTH, ...varied, odd])[0]?.principal).toBe(WORKER);
  });

  it('counts a session for its role and says nothing of services', () => {
    const ranked = rankPrincipals([
      ...MONTH,
      {
        ...event({ principal: WORKER, day: 1, hour: 1 }),
        userIdentity: { type: 'AWSService', invokedBy: 'x' },
      },
    ]);
    expect(ranked.map(({ principal }) => principal).sort()).toEqual([OTHER, WORKER]);
  });
});

describe('ranking events', () => {
  it('puts the odd events first and names every record', () => {
    const odd = event({
      principal: WORKER,
      day: 29,
      hour: 10,
      id: 'odd',
      eventSource: 'iam.amazonaws.com',
      eventName: 'CreateAccessKey',
    });
    const ranked = rankEvents([...MONTH, odd, 'not a record']);
    expect(ranked).toHaveLength(MONTH.length + 2);
    expect(ranked[0]?.event).toBe('odd');
    expect(ranked.find(({ event: id }) => id === `#${MONTH.length + 1}`)?.score).toBe(0);
  });

  it('gives scores between 0 and 1 in falling order, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.anything(), fc.constantFrom(...MONTH)), { maxLength: 40 }),
        (records) => {
          const scores = rankEvents(records).map(({ score }) => score);
          expect(scores).toHaveLength(records.length);
          expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
          expect([...scores].sort((a, b) => b - a)).toEqual(scores);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is the same whatever the order of the input', () => {
    const odd = event({
      principal: WORKER,
      day: 12,
      hour: 10,
      eventSource: 'iam.amazonaws.com',
      eventName: 'CreateUser',
    });
    const records = [...MONTH, odd];
    expect(rankPrincipals([...records].reverse())).toEqual(rankPrincipals(records));
    expect(rankEvents([...records].reverse())).toEqual(rankEvents(records));
  });
});
