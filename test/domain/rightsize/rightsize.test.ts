import { describe, expect, it } from '@jest/globals';
import { allow, documentOf, inline, OTHER, ROLE, size, statementsOf, used } from './support.js';

const NO_DATA = { logging: { management: true, data: [] } };

describe('what goes and what stays', () => {
  it('drops unused actions and keeps order, sid, condition and the shape of the rest', () => {
    const condition = { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } };
    const document = documentOf(
      allow(['ec2:StopInstances', 'ec2:StartInstances', 'ec2:TerminateInstances'], '*', {
        Sid: 'Machines',
        Condition: condition,
      }),
      allow('sns:CreateTopic'),
      allow(['sqs:ListQueues']),
    );
    expect(statementsOf(document, [used('ec2:StartInstances'), used('sqs:ListQueues')])).toEqual([
      {
        Sid: 'Machines',
        Effect: 'Allow',
        Action: ['ec2:StartInstances'],
        Resource: '*',
        Condition: condition,
      },
      { Effect: 'Allow', Action: ['sqs:ListQueues'], Resource: '*' },
    ]);
  });

  it('replaces a pattern by what was used of it', () => {
    expect(statementsOf(documentOf(allow('s3:*')), [used('s3:GetObject'), used('s3:PutObject')])).toEqual([
      allow(['s3:GetObject', 's3:PutObject']),
    ]);
  });

  it('leaves a line of which everything is used as its author wrote it', () => {
    const document = documentOf(allow(['s3:GetObjec?', 'sqs:sendmessage']));
    expect(statementsOf(document, [used('s3:GetObject'), used('sqs:SendMessage')])).toEqual([
      allow(['s3:GetObjec?', 'sqs:sendmessage']),
    ]);
  });

  it('writes out what is used of a NotAction', () => {
    const document = documentOf({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' });
    expect(statementsOf(document, [used('ec2:DescribeInstances'), used('iam:ListRoles')])).toEqual([
      allow('ec2:DescribeInstances'),
    ]);
  });

  it('never touches a Deny', () => {
    const deny = { Effect: 'Deny', NotAction: ['s3:Get*'], Resource: ['arn:aws:s3:::secret/*'] };
    const statements = statementsOf(documentOf(deny, allow(['s3:GetObject', 's3:PutObject'])), [
      used('s3:GetObject'),
    ]);
    expect(statements).toEqual([deny, allow(['s3:GetObject'])]);
  });

  it('keeps what failed for another reason than authorisation, and drops what was refused', () => {
    const document = documentOf(allow(['ec2:StartInstances', 'ec2:StopInstances']));
    const usage = [
      used('ec2:StartInstances', undefined, { outcome: 'error' }),
      used('ec2:StopInstances', undefined, { outcome: 'denied' }),
    ];
    expect(statementsOf(document, usage)).toEqual([allow(['ec2:StartInstances'])]);
  });

  it('keeps a use that is rare or long ago, and says when it was', () => {
    const months = { '2025-12': 1, '2026-03': 1, '2026-06': 1 };
    const { kept, removed } = size(
      [inline(documentOf(allow(['athena:StartQueryExecution', 'athena:StopQueryExecution'])))],
      [
        used('athena:StartQueryExecution', undefined, {
          count: 3,
          months,
          firstUsed: '2025-12-31',
          lastUsed: '2026-06-30',
        }),
      ],
    );
    expect(kept).toEqual([
      {
        action: 'athena:StartQueryExecution',
        reasonCode: 'used-seasonal',
        reason: 'Used 3 times, first on 2025-12-31, last on 2026-06-30; in every third month.',
      },
    ]);
    expect(removed).toEqual([
      {
        action: 'athena:StopQueryExecution',
        reasonCode: 'unused',
        reason: 'Not used in the 181 days from 2026-01-01 to 2026-07-01.',
      },
    ]);
  });

  it.each<[string, string, string, readonly unknown[], Parameters<typeof size>[2]]>([
    ['a data event that is not logged', 's3:GetObject', 'data-events-not-logged', [], NO_DATA],
    ['PassRole', 'iam:PassRole', 'no-event', [], {}],
    [
      'what a used action depends on',
      'iam:CreateServiceLinkedRole',
      'dependent',
      [used('autoscaling:CreateAutoScalingGroup')],
      {},
    ],
    [
      'what a person wants',
      'ec2:StopInstances',
      'kept-by-person',
      [],
      { keepActions: ['ec2:stopinstances'], keepReason: 'the runbook needs it' },
    ],
    [
      'what a workload needs',
      'xray:PutTraceSegments',
      'service-need',
      [],
      { serviceNeeds: new Map([['xray:puttracesegments', 'traces']]) },
    ],
  ])('keeps %s', (_, action, reasonCode, usage, options) => {
    const document = documentOf(
      allow([action, 'ec2:TerminateInstances', 'autoscaling:CreateAutoScalingGroup']),
    );
    const { kept, policies } = size([inline(document)], usage, options);
    expect(kept.find((each) => each.action === action)?.reasonCode).toBe(reasonCode);
    expect(JSON.stringify(policies)).toContain(action);
    expect(JSON.stringify(policies)).not.toContain('ec2:TerminateInstances');
  });

  it('removes a dependent action when asked not to keep it', () => {
    const document = documentOf(allow(['iam:CreateServiceLinkedRole', 'autoscaling:CreateAutoScalingGroup']));
    const statements = statementsOf(document, [used('autoscaling:CreateAutoScalingGroup')], {
      keepDependent: false,
    });
    expect(statements).toEqual([allow(['autoscaling:CreateAutoScalingGroup'])]);
  });

  it('removes nothing when management events are not logged', () => {
    const document = documentOf(allow('ec2:*'));
    expect(statementsOf(document, [], { logging: { management: false, data: [] } })).toEqual([
      allow('ec2:*'),
    ]);
  });

  it('says in words what each removed high-risk action would have allowed, and flags the used ones', () => {
    const document = documentOf(allow(['iam:PutRolePolicy', 'kms:ScheduleKeyDeletion', 'kms:Decrypt']));
    const { removed, usedHighRisk } = size([inline(document)], [used('kms:Decrypt')]);
    for (const each of removed) expect(each.reason).toMatch(/^With \S+ its holder can .*\. Not used in/);
    expect(removed).toHaveLength(2);
    expect(usedHighRisk).toEqual([
      expect.objectContaining({ action: 'kms:Decrypt', reason: expect.stringContaining('Used 10 times') }),
    ]);
  });

  it('folds services of which nothing is left when everything was allowed, but never a high-risk action', () => {
    const { removed } = size([inline(documentOf(allow('*')))], [used('s3:GetObject')]);
    const actions = removed.map((each) => each.action);
    expect(actions).toEqual(expect.arrayContaining(['ec2:*', 'ec2:TerminateInstances', 's3:DeleteBucket']));
    expect(actions).not.toContain('ec2:RunInstances');
    expect(removed.length).toBeLessThan(1500);
  });

  it('justifies every line that is left', () => {
    const { justification, policies } = size(
      [inline(documentOf(allow(['s3:*'], '*', { Sid: 'Store' }), allow('sqs:*')))],
      [used('s3:GetObject'), used('sqs:SendMessage')],
    );
    expect(justification.map((each) => [each.statement, each.action])).toEqual([
      ['Store', 's3:GetObject'],
      ['#1', 'sqs:SendMessage'],
    ]);
    expect(policies).toHaveLength(1);
  });

  it('empties a policy of which nothing was used', () => {
    expect(statementsOf(documentOf(allow('ec2:*')), [])).toEqual([]);
  });
});

describe('whose policy it is', () => {
  const document = documentOf(allow(['sqs:ListQueues', 'sns:ListTopics', 'ec2:DescribeHosts']));
  const shared = {
    name: 'shared',
    managed: 'customer' as const,
    arn: 'arn:aws:iam::123456789012:policy/shared',
    attachedTo: [ROLE, OTHER],
    document,
  };

  it('right-sizes a shared policy over the union of its holders’ use', () => {
    const result = size(
      [shared],
      [
        used('sqs:ListQueues', undefined, { principal: ROLE }),
        used('sns:ListTopics', undefined, { principal: OTHER }),
      ],
    );
    expect(result.policies[0]?.document).toEqual(documentOf(allow(['sqs:ListQueues', 'sns:ListTopics'])));
    expect(result.proof.noNewAccess.map((each) => [each.of, each.verdict])).toEqual([
      [ROLE, 'PASS'],
      [OTHER, 'PASS'],
    ]);
    expect(result.proof.usage).toMatchObject({ total: 20, replayed: 20, otherPrincipal: 0, newlyDenied: [] });
  });

  it('leaves a shared policy alone when the log does not cover every holder', () => {
    const result = size([shared], [used('sqs:ListQueues', undefined, { principal: ROLE })]);
    expect(result.policies).toEqual([shared]);
    expect(result.untouched).toEqual([
      expect.objectContaining({ policy: 'shared', reasonCode: 'shared-usage-unknown' }),
    ]);
  });

  it('right-sizes it when the log is declared to cover all, idle holders included', () => {
    const result = size([shared], [used('sqs:ListQueues', undefined, { principal: ROLE })], {
      covered: 'all',
    });
    expect(result.policies[0]?.document).toEqual(documentOf(allow(['sqs:ListQueues'])));
  });

  it('does not count other principals’ use', () => {
    const result = size(
      [inline(document)],
      [used('sqs:ListQueues'), used('sns:ListTopics', undefined, { principal: OTHER })],
    );
    expect(result.policies[0]?.document).toEqual(documentOf(allow(['sqs:ListQueues'])));
    expect(result.proof.usage).toMatchObject({ total: 20, replayed: 10, otherPrincipal: 10 });
  });

  it.each([
    [
      'an AWS-managed policy',
      { managed: 'aws' as const, arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
      ROLE,
      'aws-managed',
    ],
    [
      'a policy that only its ARN shows to be AWS’s',
      { managed: 'customer' as const, arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
      ROLE,
      'aws-managed',
    ],
    [
      'a role of IAM Identity Center',
      {},
      'arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_01',
      'sso-reserved',
    ],
    [
      'a service-linked role',
      {},
      'arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS',
      'service-linked',
    ],
  ])('never edits %s', (_, more, principal, reasonCode) => {
    const policy = inline(documentOf(allow('*')), more);
    const result = size([policy], [], {}, { principal });
    expect(result.policies).toEqual([policy]);
    expect(result.untouched.map((each) => each.reasonCode)).toEqual([reasonCode]);
  });

  it('does not list as removed what another policy still allows', () => {
    const aws = inline(documentOf(allow('ec2:Describe*')), {
      name: 'aws',
      managed: 'aws',
      arn: 'arn:aws:iam::aws:policy/X',
    });
    const result = size([inline(documentOf(allow(['ec2:DescribeHosts', 'ec2:RunInstances']))), aws], []);
    expect(result.removed.map((each) => each.action)).toEqual(['ec2:RunInstances']);
    expect(result.blindSpots.join(' ')).toContain('ec2:DescribeHosts');
  });
});

describe('size limits', () => {
  it('presses actions together only as far as AWS’s limit asks', () => {
    const statement = allow('*');
    const result = size(
      [inline(documentOf(statement), { managed: 'customer', attachedTo: [ROLE] })],
      [],
      NO_DATA,
    );
    const text = JSON.stringify(result.policies[0]?.document);
    expect(text.length).toBeLessThanOrEqual(6144);
    expect(result.blindSpots.join(' ')).toContain('size limit');
    expect(result.proof.noNewAccess[0]?.verdict).toBe('PASS');
    expect(text).not.toContain('"*"]');
  });

  it('knows that a user has room for less than a role', () => {
    const actions = Array.from({ length: 120 }, (_, i) => `ec2:Describe${'X'.repeat(10)}${i}`);
    const usage = actions.map((action) => ({ action, count: 1, lastUsed: '2026-06-01', outcome: 'ok' }));
    const sizedFor = (principal: string) =>
      size([inline(documentOf(allow('ec2:Describe*')))], usage, {}, { principal });
    const [user, role] = ['user/ann', 'role/App'].map((name) =>
      sizedFor(`arn:aws:iam::123456789012:${name}`),
    );
    expect(JSON.stringify(role?.policies[0]?.document).length).toBeGreaterThan(2048);
    expect(JSON.stringify(user?.policies[0]?.document).length).toBeLessThanOrEqual(2048);
  });

  it('leaves a policy as it is when it cannot be made to fit, and says so', () => {
    const document = documentOf({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' });
    const result = size([inline(document, { managed: 'customer', attachedTo: [ROLE] })], [], NO_DATA);
    expect(result.policies[0]?.document).toEqual(document);
    expect(result.untouched.map((each) => each.reasonCode)).toEqual(['size-limit']);
  });
});
