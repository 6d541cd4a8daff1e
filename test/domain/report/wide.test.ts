import { describe, expect, it } from '@jest/globals';
import { verifyDraftProof } from '../../../domain/draft/verify.js';
import { type AccountInput, parseAccount } from '../../../domain/graph/account.js';
import { lostTogether } from '../../../domain/report/together.js';
import { ACCOUNT, analysisOf, record, reportOf, role, roleArn, statement } from '../../support/analysis.js';

const ARN = `arn:aws:iam::${ACCOUNT}:policy/baseline`;
const baseline = {
  Arn: ARN,
  PolicyName: 'baseline',
  DefaultVersionId: 'v1',
  PolicyVersionList: [
    {
      VersionId: 'v1',
      IsDefaultVersion: true,
      Document: statement({
        Action: ['sqs:CreateQueue', 'sqs:DeleteQueue', 'sns:CreateTopic'],
        Resource: '*',
      }),
    },
  ],
};
const holds = { AttachedManagedPolicies: [{ PolicyArn: ARN, PolicyName: 'baseline' }] };
const names = Array.from({ length: 30 }, (_, i) => `app-${i}`);
const days = Array.from({ length: 91 }, (_, i) =>
  new Date(Date.UTC(2026, 6, 1 + i)).toISOString().slice(0, 10),
);
const records = days.flatMap((day) => [
  record('app-0', 'sqs:CreateQueue', day),
  record('app-29', 'sqs:DeleteQueue', day),
  record('app-29', 'ec2:DescribeInstances', day),
]);

function accountOf(more: readonly string[] = []): AccountInput {
  return {
    RoleDetailList: [...names, ...more].map((name) =>
      role(name, ['ec2:DescribeInstances', 'ec2:TerminateInstances'], holds),
    ),
    Policies: [baseline],
  };
}

describe('a policy that many hold', () => {
  const report = reportOf(analysisOf(accountOf(), records));
  const fixes = report.fixes.filter(({ changes }) => changes.some(({ target }) => target.arn === ARN));

  it('is decided once, over what all its holders use', () => {
    expect(fixes).toHaveLength(1);
    expect(fixes[0]?.subjects).toEqual(names.map(roleArn));
    expect(fixes[0]?.removed.map(({ action }) => action)).toEqual(['sns:CreateTopic']);
    expect(fixes[0]?.changes).toHaveLength(1);
  });

  it('is left out of the fix of each holder, whose proof then needs nobody else', () => {
    const own = report.fixes.find(
      ({ subjects, changes }) => subjects.includes(roleArn('app-29')) && changes[0]?.kind === 'inline-policy',
    );
    const cut = own?.inputs['account'] as unknown as AccountInput;
    expect(cut.RoleDetailList).toHaveLength(1);
    expect(own?.removed.map(({ action }) => action)).toEqual(['ec2:TerminateInstances']);
  });

  it('has proofs that hold, each by itself and all together', () => {
    const { now, digest } = analysisOf(accountOf(), []);
    for (const { proof, inputs } of report.fixes)
      expect(verifyDraftProof({ proof, inputs }, { now, digest })).toMatchObject({ valid: true });
    expect(report.lost).toEqual([]);
  });

  it('is left alone when somebody holds it who is never touched', () => {
    const with30 = reportOf(analysisOf(accountOf(['break-glass-admin']), records));
    const touching = with30.fixes.filter(({ changes }) => changes.some(({ target }) => target.arn === ARN));
    expect(touching).toEqual([]);
    expect(with30.fixes.flatMap(({ subjects }) => subjects)).not.toContain(roleArn('break-glass-admin'));
  });
});

describe('fixes together', () => {
  it('are asked once more whether they deny what was used', () => {
    const before = parseAccount({ RoleDetailList: [role('app', ['sqs:CreateQueue'])] });
    const after = parseAccount({ RoleDetailList: [role('app', ['sqs:DeleteQueue'])] });
    const input = analysisOf({}, [record('app', 'sqs:CreateQueue', '2026-07-01')]);
    expect(lostTogether(before, after, input)).toMatchObject([{ action: 'sqs:CreateQueue', count: 1 }]);
    expect(lostTogether(before, before, input)).toEqual([]);
  });
});
