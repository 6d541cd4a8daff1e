import { describe, expect, it } from '@jest/globals';
import { type Coverage, type CoverageInput, coverageOf } from '../../../domain/coverage/coverage.js';
import { gapsOf, openTrailCollector } from '../../../domain/coverage/trail.js';
import { parseAccount } from '../../../domain/graph/account.js';
import { readUsage } from '../../../domain/usage/log.js';
import { event } from '../anomaly/trail.js';

const ID = '123456789012';
const WINDOW = { fromIso: '2026-07-01T00:00:00Z', toIso: '2026-09-29T00:00:00Z' };

function role(
  name: string,
  actions: readonly string[],
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    Arn: `arn:aws:iam::${ID}:role/${name}`,
    RoleName: name,
    AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] },
    RolePolicyList: [
      {
        PolicyName: 'own',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
        },
      },
    ],
    ...more,
  };
}

function daily(
  fromDay: number,
  toDay: number,
  change: Record<string, unknown> = {},
): Record<string, unknown>[] {
  const records: Record<string, unknown>[] = [];
  for (let day = fromDay; day < toDay; day += 1) {
    for (let hour = 0; hour < 12; hour += 1) {
      const eventTime = new Date(Date.UTC(2026, 6, 1 + day, hour)).toISOString().replace('.000', '');
      records.push({
        ...event({ principal: `arn:aws:iam::${ID}:role/reader`, day: 0, hour }),
        eventTime,
        ...change,
      });
    }
  }
  return records;
}

function judge(given: {
  roles: readonly Record<string, unknown>[];
  records?: readonly Record<string, unknown>[];
  resources?: readonly Record<string, unknown>[];
  change?: Partial<CoverageInput>;
}): Coverage {
  const records = given.records ?? daily(0, 91);
  const trail = openTrailCollector();
  for (const record of records) trail.add(record);
  const facts = trail.byAccount().get(ID);
  return coverageOf({
    account: parseAccount({ RoleDetailList: given.roles, resources: given.resources ?? [] }),
    accountId: ID,
    log: readUsage(records),
    logging: { management: true, data: [] },
    window: WINDOW,
    ...(facts === undefined ? {} : { trail: facts }),
    ...given.change,
  });
}

describe('coverage of an account', () => {
  it('calls an identity provable when nothing stands in the way', () => {
    const coverage = judge({ roles: [role('reader', ['iam:ListRoles', 'ec2:DescribeInstances'])] });
    expect(coverage).toMatchObject({ provable: 1, editable: 1, share: 1, gaps: [], settings: [] });
  });

  it('names the data events that are missing and the one setting that raises the share most', () => {
    const coverage = judge({
      roles: [
        role('files', ['s3:GetObject', 'iam:ListRoles']),
        role('more-files', ['s3:PutObject']),
        role('both', ['s3:GetObject', 'dynamodb:GetItem']),
        role('fine', ['ec2:DescribeInstances']),
      ],
    });
    expect(coverage.dataEvents.missing).toEqual(['dynamodb', 's3']);
    expect(coverage).toMatchObject({ provable: 1, share: 0.25 });
    const [all, s3] = coverage.settings;
    expect(all).toMatchObject({ code: 'data-events:*', unlocks: 3, shareAfter: 1 });
    expect(s3).toMatchObject({ code: 'data-events:s3', unlocks: 2, concerns: 3, shareAfter: 0.75 });
    expect(coverage.identities.find(({ arn }) => arn.endsWith('/files'))).toMatchObject({
      granted: 2,
      decidable: 1,
    });
  });

  it.each<[string, Partial<CoverageInput>, string]>([
    [
      'a short window',
      { window: { fromIso: '2026-09-01T00:00:00Z', toIso: '2026-09-29T00:00:00Z' } },
      'window',
    ],
    [
      'management events that are not recorded',
      { logging: { management: false, data: 'all' } },
      'management-events',
    ],
  ])('names %s', (_name, change, code) => {
    const coverage = judge({ roles: [role('reader', ['iam:ListRoles'])], change });
    expect(coverage.provable).toBe(0);
    expect(coverage.settings[0]).toMatchObject({ code, unlocks: 1, shareAfter: 1 });
  });

  it('finds days without records and regions without a trail', () => {
    const coverage = judge({
      roles: [role('reader', ['iam:ListRoles'])],
      records: [...daily(0, 40), ...daily(43, 91)],
      resources: [{ arn: `arn:aws:lambda:eu-west-1:${ID}:function:f`, type: 'AWS::Lambda::Function' }],
    });
    expect(coverage.gaps).toEqual([{ fromDay: '2026-08-10', toDay: '2026-08-12', days: 3 }]);
    expect(coverage.regions.unread).toEqual(['eu-west-1']);
    expect(coverage.settings.map(({ code }) => code).sort()).toEqual(['region:eu-west-1', 'trail']);
  });

  it('notices that IAM saw a role at work when the trail did not', () => {
    const coverage = judge({
      roles: [role('ghost', ['iam:ListRoles'], { RoleLastUsed: { LastUsedDate: '2026-09-10T00:00:00Z' } })],
    });
    expect(coverage.identities[0]?.blockers).toEqual([{ kind: 'contradicted', lastUsedDay: '2026-09-10' }]);
  });

  it('does not count what nobody may edit', () => {
    const linked = role('AWSServiceRoleForSupport', ['iam:ListRoles'], {
      Arn: `arn:aws:iam::${ID}:role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport`,
    });
    expect(judge({ roles: [linked] })).toMatchObject({ editable: 0, share: 0 });
  });

  it('says that it is blind without a trail', () => {
    const coverage = judge({ roles: [role('reader', ['iam:ListRoles'])], records: [] });
    expect(coverage.identities[0]?.standing).toBe('blind');
  });
});

describe('gaps of a trail', () => {
  it('takes quiet days of a quiet account for chance', () => {
    const facts = {
      days: new Map([
        ['2026-07-01', 1],
        ['2026-07-09', 2],
      ]),
      regions: new Set<string>(),
      dataServices: new Set<string>(),
    };
    const window = { fromIso: '2026-07-01T00:00:00Z', toIso: '2026-07-09T00:00:00Z' };
    expect(gapsOf(facts, window)).toEqual([]);
    const busy = { ...facts, days: new Map([...facts.days].map(([day, count]) => [day, count * 100])) };
    expect(gapsOf(busy, window)).toEqual([{ fromDay: '2026-07-02', toDay: '2026-07-08', days: 7 }]);
  });
});
