import { describe, expect, it } from '@jest/globals';
import { applyChanges } from '../../../domain/change/apply.js';
import { type AccountInput, parseAccount } from '../../../domain/graph/account.js';
import { contrastPaths } from '../../../domain/graph/compare.js';
import { GUARD_POLICY } from '../../../domain/graph/cut.js';
import { type FixAnswer, fixPaths } from '../../../domain/graph/fix.js';
import { TECHNIQUES, techniqueById } from '../../../domain/graph/techniques.js';
import { readUsage } from '../../../domain/usage/log.js';
import {
  ACCOUNT_ID,
  allow,
  attackerOf,
  minimalAccount,
  policy,
  TARGET_ROLE,
  trust,
} from './minimal-account.js';

function changesOf(answer: FixAnswer) {
  return answer.kind === 'fix' ? answer.changes : [];
}

describe('fixPaths', () => {
  it.each(TECHNIQUES.map((technique) => [technique.id, technique] as const))(
    'closes %s and opens nothing',
    (_id, technique) => {
      const account = minimalAccount(technique);
      const from = attackerOf(technique);
      const answer = fixPaths({ account, from, technique: technique.id });
      expect(answer.kind).toBe('fix');
      const after = parseAccount(applyChanges(account, changesOf(answer)));
      const { closed, opened } = contrastPaths(parseAccount(account), after, { from: [from] });
      expect(closed.map((path) => path.technique)).toContain(technique.id);
      expect(opened).toEqual([]);
      expect(changesOf(answer)).toHaveLength(1);
    },
  );

  const lambda = techniqueById('lambda-001');
  if (lambda === undefined) throw new Error('the catalogue lacks lambda-001');
  const account = minimalAccount(lambda);
  const from = attackerOf(lambda);
  const used = (rows: readonly Record<string, unknown>[]) =>
    readUsage(rows.map((row) => ({ count: 3, lastUsed: '2026-01-01', outcome: 'ok', ...row })));

  it('keeps what is used and cuts what is not', () => {
    const usage = used([{ action: 'lambda:InvokeFunction' }, { action: 'iam:PassRole' }]);
    const [change] = changesOf(fixPaths({ account, from, technique: 'lambda-001', usage }));
    expect(JSON.stringify(change?.after)).toContain('lambda:InvokeFunction');
    expect(JSON.stringify(change?.after)).toContain('iam:PassRole');
    expect(JSON.stringify(change?.after)).not.toContain('lambda:CreateFunction');
  });
  it('denies on the target alone when the action is used elsewhere', () => {
    const usage = used([
      { action: 'lambda:InvokeFunction' },
      { action: 'lambda:CreateFunction' },
      { action: 'iam:PassRole', resource: `arn:aws:iam::${ACCOUNT_ID}:role/other` },
    ]);
    expect(changesOf(fixPaths({ account, from, to: TARGET_ROLE, usage }))).toMatchObject([
      {
        kind: 'inline-policy',
        target: { name: GUARD_POLICY },
        before: null,
        after: { Statement: [{ Effect: 'Deny', Action: 'iam:PassRole', Resource: TARGET_ROLE }] },
      },
    ]);
  });
  it('gives up when everything is used', () => {
    const usage = used(lambda.needs.map(({ action }) => ({ action })));
    expect(fixPaths({ account, from, usage })).toMatchObject({
      kind: 'none',
      reasonCode: 'all-steps-in-use',
    });
  });
  it('denies what a wildcard or a shared policy grants', () => {
    const wide: AccountInput = {
      ...account,
      RoleDetailList: [
        {
          Arn: from,
          RoleName: 'attacker',
          AssumeRolePolicyDocument: trust({ Service: 'ec2.amazonaws.com' }),
          RolePolicyList: [{ PolicyName: 'p', PolicyDocument: policy(allow(['lambda:*', 'iam:Pass*'])) }],
        },
        ...(account.RoleDetailList ?? []).slice(1),
      ],
    };
    const [change, ...more] = changesOf(fixPaths({ account: wide, from }));
    expect(more).toEqual([]);
    expect(change).toMatchObject({
      target: { name: GUARD_POLICY },
      after: { Statement: [{ Effect: 'Deny', Action: 'iam:PassRole', Resource: '*' }] },
    });
  });
  it('takes a name out of a trust policy where no permission is needed', () => {
    const b = `arn:aws:iam::${ACCOUNT_ID}:role/b`;
    const trusting: AccountInput = {
      RoleDetailList: [
        {
          Arn: from,
          RoleName: 'attacker',
          AssumeRolePolicyDocument: trust({ Service: 'ec2.amazonaws.com' }),
        },
        {
          Arn: b,
          RoleName: 'b',
          AssumeRolePolicyDocument: trust({ AWS: [from, `arn:aws:iam::${ACCOUNT_ID}:role/c`] }),
          RolePolicyList: [{ PolicyName: 'p', PolicyDocument: policy(allow('*')) }],
        },
      ],
    };
    const answer = fixPaths({ account: trusting, from });
    const after = parseAccount(applyChanges(trusting, changesOf(answer)));
    expect(contrastPaths(parseAccount(trusting), after, { from: [from] })).toMatchObject({
      closed: [{ technique: 'assume-role' }],
      opened: [],
    });
  });
  it('has nothing to do without an open path', () => {
    expect(fixPaths({ account, from, technique: 'ec2-001' })).toMatchObject({
      kind: 'none',
      reasonCode: 'no-open-path',
    });
  });
});
