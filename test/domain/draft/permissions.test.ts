import { describe, expect, it } from '@jest/globals';
import { applyChanges } from '../../../domain/change/apply.js';
import { draftFix } from '../../../domain/draft/draft.js';
import {
  allow,
  documentOf,
  draftOf,
  findingOf,
  fix,
  inputOf,
  managed,
  OTHER,
  ROLE,
  role,
  SHARED,
  USER,
  used,
} from './support.js';

const QUEUES = allow(['sqs:ListQueues', 'sqs:DeleteQueue', 'sns:ListTopics']);
const USE = [used(ROLE, 'sqs:ListQueues')];
const AWS_POLICY = 'arn:aws:iam::aws:policy/ExampleOfAws';

describe('a fix for excessive permissions', () => {
  it('shrinks an inline policy, proves it, and scores both sides', () => {
    const account = { RoleDetailList: [role(ROLE, { inline: documentOf(QUEUES) })] };
    const draft = draftOf(fix('excessive-permissions', account, USE));
    expect(draft.changes).toEqual([
      {
        kind: 'inline-policy',
        target: { principal: ROLE, name: 'inline' },
        before: documentOf(QUEUES),
        after: documentOf(allow(['sqs:ListQueues'])),
      },
    ]);
    expect(draft.proof).toMatchObject({
      verdict: 'proved',
      guardrails: null,
      usage: { total: 12, replayed: 12, newlyDenied: [] },
    });
    expect(draft.proof.noNewAccess.map((each) => [each.of, each.verdict, each.method])).toEqual([
      [ROLE, 'PASS', 'subset'],
    ]);
    expect(draft.proof.paths?.opened).toEqual([]);
    expect(draft.riskAfter.value).toBeLessThanOrEqual(draft.riskBefore.value);
    expect(draft.confidence.value).toBeGreaterThan(0.9);
    expect(draft.draftedBy).toBe('engine');
    expect(Object.keys(draft.proof.inputs).sort()).toEqual([
      'account',
      'changes',
      'finding',
      'usage',
      'window',
    ]);
  });

  it('hands out the certificates that its digests name', () => {
    const account = { RoleDetailList: [role(ROLE, { inline: documentOf(QUEUES) })] };
    const kept = new Map<string, unknown>();
    const draft = draftOf(
      fix('excessive-permissions', account, USE, {
        keepCertificate: (digest, certificate) => kept.set(digest, certificate),
      }),
    );
    expect(draft.proof.noNewAccess.map((each) => kept.has(each.certificateDigest ?? ''))).toEqual([true]);
  });

  it('shrinks a shared policy once, over the use of all its holders, when the log covers the account', () => {
    const account = {
      RoleDetailList: [role(ROLE, {}, [SHARED]), role(OTHER, {}, [SHARED])],
      Policies: [managed(SHARED, documentOf(QUEUES))],
    };
    const draft = draftOf(
      fix('excessive-permissions', account, [...USE, used(OTHER, 'sns:ListTopics')], {
        usageScope: 'account',
      }),
    );
    expect(draft.changes).toEqual([
      {
        kind: 'managed-policy',
        target: { arn: SHARED },
        before: documentOf(QUEUES),
        after: documentOf(allow(['sqs:ListQueues', 'sns:ListTopics'])),
      },
    ]);
    expect(draft.proof.noNewAccess.map((each) => each.of)).toEqual([ROLE, OTHER]);
    expect(draft.proof.usage).toMatchObject({ total: 24, replayed: 24 });
  });

  it('forks a shared policy for this identity when the others’ use is not known', () => {
    const account = {
      RoleDetailList: [role(ROLE, {}, [SHARED]), role(OTHER, {}, [SHARED])],
      Policies: [managed(SHARED, documentOf(QUEUES))],
    };
    const draft = draftOf(fix('excessive-permissions', account, USE));
    expect(draft.changes.map(({ kind, target, after }) => ({ kind, target, after }))).toEqual([
      {
        kind: 'inline-policy',
        target: { principal: ROLE, name: 'Shared-rightsized' },
        after: documentOf(allow(['sqs:ListQueues'])),
      },
      { kind: 'policy-attachment', target: { principal: ROLE, arn: SHARED }, after: null },
    ]);
    expect(draft.proof.noNewAccess.map((each) => [each.of, each.verdict])).toEqual([[ROLE, 'PASS']]);
  });

  it('replaces a policy of AWS by a copy, Deny statements included, and never edits it', () => {
    const deny = { Effect: 'Deny', Action: 'sqs:PurgeQueue', Resource: '*' };
    const account = {
      RoleDetailList: [role(ROLE, {}, [AWS_POLICY])],
      Policies: [managed(AWS_POLICY, documentOf(QUEUES, deny))],
    };
    const draft = draftOf(fix('excessive-permissions', account, USE));
    expect(draft.changes.map((change) => change.kind)).toEqual(['inline-policy', 'policy-attachment']);
    expect(draft.changes[0]?.after).toEqual(documentOf(allow(['sqs:ListQueues']), deny));
  });

  it('gives a user a managed copy, since its inline policies may only be short', () => {
    const account = {
      UserDetailList: [
        {
          Arn: USER,
          UserName: 'ann',
          AttachedManagedPolicies: [{ PolicyArn: AWS_POLICY, PolicyName: 'ExampleOfAws' }],
        },
      ],
      Policies: [managed(AWS_POLICY, documentOf(QUEUES))],
    };
    const finding = findingOf('excessive-permissions', {
      subject: { type: 'identity', id: USER, name: 'ann' },
    });
    const draft = draftOf(fix('excessive-permissions', account, [used(USER, 'sqs:ListQueues')], { finding }));
    const copy = 'arn:aws:iam::123456789012:policy/ExampleOfAws-for-ann';
    expect(draft.changes).toEqual([
      {
        kind: 'managed-policy',
        target: { arn: copy },
        before: null,
        after: documentOf(allow(['sqs:ListQueues'])),
      },
      {
        kind: 'policy-attachment',
        target: { principal: USER, arn: copy },
        before: null,
        after: { attached: true },
      },
      {
        kind: 'policy-attachment',
        target: { principal: USER, arn: AWS_POLICY },
        before: { attached: true },
        after: null,
      },
    ]);
    expect(draft.proof).toMatchObject({ verdict: 'proved', usage: { replayed: 12 } });
  });

  it('shrinks what a user holds through a group when all members are covered', () => {
    const group = 'arn:aws:iam::123456789012:group/Ops';
    const user = (name: string) => ({
      Arn: `arn:aws:iam::123456789012:user/${name}`,
      UserName: name,
      GroupList: ['Ops'],
    });
    const account = {
      UserDetailList: [user('ann'), user('bob')],
      GroupDetailList: [
        {
          Arn: group,
          GroupName: 'Ops',
          GroupPolicyList: [{ PolicyName: 'ops', PolicyDocument: documentOf(QUEUES) }],
        },
      ],
    };
    const finding = findingOf('excessive-permissions', {
      subject: { type: 'identity', id: USER, name: 'ann' },
    });
    const usage = [used(USER, 'sqs:ListQueues')];
    const draft = draftOf(fix('excessive-permissions', account, usage, { finding, usageScope: 'account' }));
    expect(draft.changes).toMatchObject([
      {
        kind: 'inline-policy',
        target: { principal: group, name: 'ops' },
        after: documentOf(allow(['sqs:ListQueues'])),
      },
    ]);
    expect(draft.proof.noNewAccess).toHaveLength(2);
    expect(fix('excessive-permissions', account, usage, { finding })).toMatchObject({
      kind: 'refused',
      reasonCode: 'shared-usage-unknown',
    });
  });

  it('only detaches a policy of which nothing is used', () => {
    const account = {
      RoleDetailList: [role(ROLE, { own: documentOf(allow('sqs:ListQueues')) }, [AWS_POLICY])],
      Policies: [managed(AWS_POLICY, documentOf(allow('ec2:*')))],
    };
    const draft = draftOf(fix('excessive-permissions', account, USE));
    expect(draft.changes).toEqual([
      {
        kind: 'policy-attachment',
        target: { principal: ROLE, arn: AWS_POLICY },
        before: { attached: true },
        after: null,
      },
    ]);
  });

  it('narrows to what was seen, and names what it could not see', () => {
    const account = {
      RoleDetailList: [
        role(ROLE, { inline: documentOf(allow(['s3:GetObject', 's3:PutObject', 'sqs:DeleteQueue'])) }),
      ],
    };
    const usage = [used(ROLE, 's3:GetObject', 'arn:aws:s3:::b/in/1')];
    expect(draftOf(fix('excessive-permissions', account, usage)).changes[0]?.after).toEqual(
      documentOf(allow(['s3:GetObject'], 'arn:aws:s3:::b/in/*')),
    );
    const blind = draftOf(
      fix('excessive-permissions', account, usage, { logging: { management: true, data: [] } }),
    );
    expect(blind.changes[0]?.after).toEqual(documentOf(allow(['s3:GetObject', 's3:PutObject'])));
    expect(blind.proof.verdict).toBe('partial');
    expect(blind.proof.blindSpots.join(' ')).toContain('Data events are not declared as logged for s3');
    expect(blind.confidence.value).toBeLessThan(
      draftOf(fix('excessive-permissions', account, usage)).confidence.value,
    );
  });

  it('keeps what the attached workload needs of its platform', () => {
    const account = {
      RoleDetailList: [
        role(ROLE, { inline: documentOf(allow(['logs:CreateLogStream', 'sqs:DeleteQueue'])) }),
      ],
      resources: [
        {
          arn: 'arn:aws:lambda:eu-west-1:123456789012:function:f',
          type: 'AWS::Lambda::Function',
          role: ROLE,
        },
      ],
    };
    const draft = draftOf(fix('excessive-permissions', account, USE));
    expect(draft.kept).toEqual([
      expect.objectContaining({ action: 'logs:CreateLogStream', reasonCode: 'service-need' }),
    ]);
    expect(draft.proof.workloads).toEqual([expect.objectContaining({ type: 'AWS::Lambda::Function' })]);
  });

  it('takes a person’s edit as a new draft', () => {
    const account = { RoleDetailList: [role(ROLE, { inline: documentOf(QUEUES) })] };
    const ownerOptions = {
      keepActions: ['sqs:DeleteQueue'],
      keepReason: 'clean-up job',
      by: 'p-7',
      previousDigest: 'abc',
    };
    const draft = draftOf(fix('excessive-permissions', account, USE, { ownerOptions }));
    expect(draft.changes[0]?.after).toEqual(documentOf(allow(['sqs:ListQueues', 'sqs:DeleteQueue'])));
    expect(draft.draftedBy).toBe('p-7');
    expect(draft.edit).toEqual({
      by: 'p-7',
      keepActions: ['sqs:DeleteQueue'],
      reason: 'clean-up job',
      previousDigest: 'abc',
    });
    expect(
      fix('excessive-permissions', account, USE, { ownerOptions: { keepActions: ['iam:CreateUser'] } }),
    ).toMatchObject({ kind: 'refused', reasonCode: 'keep-not-allowed' });
  });

  it('uses the platform’s counts where there is no log, and says so', () => {
    const account = { RoleDetailList: [role(ROLE, { inline: documentOf(QUEUES) })] };
    const finding = findingOf('excessive-permissions', {
      evidence: {
        usage: [
          { action: 'sqs:ListQueues', count: 3 },
          { action: 'sqs:DeleteQueue', count: 0 },
        ],
      },
    });
    const draft = draftOf(fix('excessive-permissions', account, [], { finding }));
    expect(draft.changes[0]?.after).toEqual(documentOf(allow(['sqs:ListQueues'])));
    expect(draft.proof.blindSpots.join(' ')).toContain('No log was read');
  });

  it('applies cleanly and has nothing more to do afterwards', () => {
    const account = {
      RoleDetailList: [role(ROLE, { inline: documentOf(QUEUES) }, [AWS_POLICY])],
      Policies: [managed(AWS_POLICY, documentOf(QUEUES))],
    };
    const input = inputOf('excessive-permissions', account, USE);
    const after = applyChanges(account, draftOf(draftFix(input)).changes);
    expect(draftFix({ ...input, account: after })).toMatchObject({
      kind: 'no-change',
      reasonCode: 'nothing-to-remove',
    });
  });
});

describe('no fix', () => {
  const account = { RoleDetailList: [role(ROLE, { inline: documentOf(QUEUES) })] };
  const monthly = {
    count: 6,
    months: { '2026-01': 1, '2026-02': 1, '2026-03': 1, '2026-04': 1, '2026-05': 1, '2026-06': 1 },
  };

  it.each([
    [
      'a permission that is used monthly',
      ['sqs:DeleteQueue'],
      [used(ROLE, 'sqs:DeleteQueue', undefined, monthly)],
      'permission-used',
      'a few times in every month',
    ],
    ['a permission that is gone', ['iam:CreateUser', 'ec2:*'], USE, 'already-fixed', 'no longer holds'],
  ])('is needed for %s', (_, unusedPermissions, usage, reasonCode, words) => {
    const finding = findingOf('excessive-permissions', { evidence: { unusedPermissions } });
    const result = fix('excessive-permissions', account, usage, { finding });
    expect(result).toMatchObject({ kind: 'no-change', reasonCode });
    expect(JSON.stringify(result)).toContain(words);
  });

  it('is possible when the log shows nothing', () => {
    expect(
      fix('excessive-permissions', account, [], { logging: { management: false, data: [] } }),
    ).toMatchObject({ kind: 'no-change', reasonCode: 'log-cannot-show' });
  });

  it.each([
    ['arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_01', 'sso-reserved'],
    [
      'arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS',
      'service-linked',
    ],
    ['arn:aws:iam::123456789012:role/Nobody', 'unknown-subject'],
  ])('is drafted for %s', (id, reasonCode) => {
    const finding = findingOf('excessive-permissions', { subject: { type: 'identity', id, name: 'x' } });
    expect(fix('excessive-permissions', account, USE, { finding })).toMatchObject({
      kind: 'refused',
      reasonCode,
    });
  });

  it.each(['azure', 'gcp', 'kubernetes'] as const)('is drafted for %s', (cloud) => {
    expect(
      fix('excessive-permissions', account, USE, { finding: findingOf('excessive-permissions', { cloud }) }),
    ).toMatchObject({ kind: 'refused', reasonCode: 'cloud-not-supported' });
  });

  it.each(['external-access', 'stale-data', 'other'] as const)('is drafted for the kind %s', (kind) => {
    expect(fix(kind, account, USE)).toMatchObject({ kind: 'refused', reasonCode: 'kind-not-supported' });
  });
});
