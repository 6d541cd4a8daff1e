import { describe, expect, it } from '@jest/globals';
import { verifyDraftProof } from '../../../domain/draft/verify.js';
import type { AccountInput } from '../../../domain/graph/account.js';
import { ACCOUNT, analysisOf, record, reportOf, role, roleArn, statement } from '../../support/analysis.js';

const policy = (name: string, actions: readonly string[]) => ({
  Arn: `arn:aws:iam::${ACCOUNT}:policy/${name}`,
  PolicyName: name,
  DefaultVersionId: 'v1',
  PolicyVersionList: [
    {
      VersionId: 'v1',
      IsDefaultVersion: true,
      Document: statement({ Action: [...actions], Resource: '*' }),
    },
  ],
});
const shared = policy('shared', ['sqs:CreateQueue', 'sqs:DeleteQueue', 'sns:CreateTopic']);
const holdsShared = {
  RolePolicyList: [],
  AttachedManagedPolicies: [{ PolicyArn: shared.Arn, PolicyName: 'shared' }],
};
const account: AccountInput = {
  RoleDetailList: [
    role('app', ['sqs:CreateQueue', 'ec2:TerminateInstances'], {
      Tags: [
        { Key: 'Team', Value: 'Shop' },
        { Key: 'env', Value: 'prod' },
      ],
    }),
    role('one', [], holdsShared),
    role('two', [], holdsShared),
    role('deployer', ['iam:PassRole', 'lambda:CreateFunction', 'lambda:InvokeFunction']),
    role('admin', ['*']),
    role('other-admin', ['*']),
    role('reader', ['s3:GetObject']),
    role('break-glass-admin', ['*']),
  ],
  Policies: [shared],
};
const days = Array.from({ length: 91 }, (_, i) =>
  new Date(Date.UTC(2026, 6, 1 + i)).toISOString().slice(0, 10),
);
const records = days.flatMap((day) => [
  record('app', 'sqs:CreateQueue', day),
  record('one', 'sqs:CreateQueue', day),
  record('two', 'sqs:DeleteQueue', day),
  record('admin', 'ec2:DescribeInstances', day),
]);

describe('a report', () => {
  const report = reportOf(analysisOf(account, records));
  const identity = (name: string) => report.identities.find(({ arn }) => arn === roleArn(name));

  it('measures everybody before and after, worst first, and adds up', () => {
    expect(report.identities).toHaveLength(8);
    const risks = report.identities.map(({ risk }) => risk.value);
    expect(risks).toEqual([...risks].sort((a, b) => b - a));
    expect(identity('app')).toMatchObject({
      team: 'Shop',
      environment: 'production',
      calls: 91,
      overPermission: { index: 50, granted: 2, decidable: 2, unused: 1 },
      effective: { before: 2, after: 1 },
      evidence: 'provable',
    });
    const sum = report.identities.reduce((total, { effective }) => total + effective.before, 0);
    expect(report.whatIf.effective.before).toBe(sum);
  });

  it('counts what the log cannot show neither as used nor as unused', () => {
    expect(identity('reader')).toMatchObject({
      overPermission: { index: null, granted: 1, decidable: 0, unused: 0 },
      unseen: 1,
    });
  });

  it('makes one fix of a shared policy, over what all its holders use', () => {
    const fix = report.fixes.find(({ subjects }) => subjects.includes(roleArn('one')));
    expect(fix?.subjects).toEqual([roleArn('one'), roleArn('two')]);
    expect(fix?.removed.map(({ action }) => action)).toEqual(['sns:CreateTopic']);
  });

  it('leaves break-glass identities alone and says so', () => {
    expect(identity('break-glass-admin')?.outcome).toMatchObject({ reasonCode: 'never-touch' });
  });

  it('shows the paths of one identity by one technique as one, and whether the fixes close them', () => {
    const toAdmin = report.paths.filter(
      ({ from, gain }) => from === roleArn('deployer') && gain === 'administrator',
    );
    expect(toAdmin.length).toBeGreaterThan(0);
    for (const path of toAdmin) expect(path.closed).toBe(true);
    const ends = toAdmin.flatMap(({ to, also }) => [to, ...also]);
    expect(ends).toEqual(expect.arrayContaining([roleArn('admin'), roleArn('other-admin')]));
    expect(report.whatIf.openPaths.after).toBeLessThan(report.whatIf.openPaths.before);
  });

  it('carries proofs that hold when they are computed again from the inputs beside them', () => {
    const { now, digest } = analysisOf(account, []);
    expect(report.fixes.length).toBeGreaterThan(3);
    for (const { proof, inputs } of report.fixes)
      expect(verifyDraftProof({ proof, inputs }, { now, digest })).toMatchObject({ valid: true });
  });

  it('keeps a proof’s inputs to the part of the account that the fix is about', () => {
    const app = report.fixes.find(({ subjects }) => subjects.includes(roleArn('app')));
    const cut = app?.inputs['account'] as unknown as AccountInput;
    expect(cut.RoleDetailList?.map(({ Arn }) => Arn)).toEqual([roleArn('app')]);
  });

  it('is the same for the same input', () => {
    expect(JSON.stringify(reportOf(analysisOf(account, records)))).toBe(JSON.stringify(report));
  });
});

describe('the scope', () => {
  it.each([
    [{ team: 'shop' }, ['app']],
    [{ environment: 'production' }, ['app']],
    [{ environment: 'prod' }, ['app']],
    [{ team: 'shop', environment: 'dev' }, []],
  ])('of %j is decided by tags', (scope, names) => {
    const { identities } = reportOf(analysisOf(account, records, { scope }));
    expect(identities.map(({ name }) => name)).toEqual(names);
  });
});

describe('without a trail', () => {
  const report = reportOf(analysisOf(account, []));

  it('nothing is called unused, and no index is made up', () => {
    expect(report.whatIf.overPermission).toBeNull();
    expect(report.identities.flatMap(({ unused }) => unused)).toEqual([]);
    expect(report.accounts[0]?.coverage.share).toBe(0);
  });

  it('only escalation paths are broken', () => {
    const subjects = new Set(report.fixes.flatMap((fix) => fix.subjects));
    expect(subjects).toEqual(new Set([roleArn('deployer')]));
    expect(report.whatIf.openPaths.after).toBe(0);
  });
});

describe('a trend', () => {
  it('says what moved since an earlier report', () => {
    const earlier = {
      generatedIso: '2026-07-01T00:00:00.000Z',
      overPermission: 90,
      effective: 10,
      openPaths: 0,
      provable: 0,
      accounts: new Map([[ACCOUNT, 90]]),
      identities: new Map<string, number | null>([
        [roleArn('app'), 20],
        [roleArn('one'), 100],
        [roleArn('reader'), null],
        [roleArn('retired'), 50],
      ]),
    };
    const { trend } = reportOf(analysisOf(account, records, { earlier }));
    expect(trend).toMatchObject({
      sinceIso: earlier.generatedIso,
      overPermission: { before: 90 },
      worse: [{ of: roleArn('app'), before: 20, after: 50 }],
      better: [{ of: roleArn('one'), before: 100 }],
      gone: [roleArn('retired')],
    });
    expect(trend?.appeared).toHaveLength(5);
  });
});
