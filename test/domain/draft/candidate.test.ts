import { describe, expect, it } from '@jest/globals';
import type { Change } from '../../../domain/change/change.js';
import { proveCandidate } from '../../../domain/draft/candidate.js';
import type { Json } from '../../../domain/json.js';
import { allow, BUCKET, bucket, documentOf, inputOf, managed, ROLE, role, SHARED, used } from './support.js';

const BEFORE = documentOf(allow(['sqs:ListQueues', 'sqs:DeleteQueue']));
const BLOCK = {
  BlockPublicAcls: true,
  IgnorePublicAcls: false,
  BlockPublicPolicy: false,
  RestrictPublicBuckets: false,
};
const account = {
  RoleDetailList: [role(ROLE, { inline: BEFORE })],
  resources: [bucket({ publicAccessBlock: BLOCK })],
};

function offer(
  candidate: Change[],
  usage: readonly unknown[] = [used(ROLE, 'sqs:ListQueues')],
  given: object = account,
) {
  return proveCandidate({ ...inputOf('excessive-permissions', given, usage), candidate });
}

function inline(after: Json): Change {
  return { kind: 'inline-policy', target: { principal: ROLE, name: 'inline' }, before: BEFORE, after };
}

describe('a candidate that somebody else offers', () => {
  it('is proved like the engine’s own', () => {
    expect(offer([inline(documentOf(allow('sqs:ListQueues')))])).toMatchObject({
      kind: 'proved',
      proof: { verdict: 'proved' },
    });
  });

  it('is refused with a witness when it is wider', () => {
    const result = offer([inline(documentOf(allow(['sqs:ListQueues', 'iam:CreateUser'])))]);
    expect(result).toMatchObject({
      kind: 'refused',
      reasonCode: 'wider',
      witness: { action: 'iam:CreateUser' },
    });
  });

  it('is refused when it loses a used request', () => {
    const result = offer([inline(documentOf(allow('sqs:DeleteQueue')))]);
    expect(result).toMatchObject({ kind: 'refused', reasonCode: 'usage-lost' });
    expect(JSON.stringify(result)).toContain('sqs:ListQueues');
  });

  it('is refused when it detaches a policy that held something back', () => {
    const deny = documentOf({ Effect: 'Deny', Action: 'sqs:DeleteQueue', Resource: '*' });
    const given = {
      RoleDetailList: [role(ROLE, { inline: BEFORE }, [SHARED])],
      Policies: [managed(SHARED, deny)],
    };
    const detach: Change = {
      kind: 'policy-attachment',
      target: { principal: ROLE, arn: SHARED },
      before: { attached: true },
      after: null,
    };
    expect(offer([detach], [], given)).toMatchObject({
      kind: 'refused',
      reasonCode: 'wider',
      witness: { action: 'sqs:DeleteQueue' },
    });
  });

  it('is refused when only a Deny gets smaller, since it also holds back what others allow', () => {
    const deny = documentOf({ Effect: 'Deny', Action: ['s3:*', 'sqs:DeleteQueue'], Resource: '*' });
    const given = { RoleDetailList: [role(ROLE, { inline: deny })] };
    const change: Change = {
      ...inline(documentOf({ Effect: 'Deny', Action: 'sqs:DeleteQueue', Resource: '*' })),
      before: deny,
    };
    const result = offer([change], [], given);
    expect(result).toMatchObject({ kind: 'refused', reasonCode: 'wider' });
    expect(JSON.stringify(result)).toContain('A Deny is lost');
  });

  it.each<[string, Change[], string]>([
    ['changes nothing', [], 'empty'],
    [
      'loosens a setting',
      [
        {
          kind: 'public-access-block',
          target: { arn: BUCKET },
          before: BLOCK,
          after: { ...BLOCK, BlockPublicAcls: false },
        },
      ],
      'wider',
    ],
    [
      'AWS would refuse',
      [inline({ Version: '2012-10-17', Statement: [{ Effect: 'Allow' }] })],
      'cloud-limits',
    ],
    [
      'names nobody',
      [{ ...inline(null), target: { principal: `${ROLE}x`, name: 'inline' } }],
      'cloud-limits',
    ],
  ])('is refused when it %s', (_, candidate, reasonCode) => {
    expect(offer(candidate)).toMatchObject({ kind: 'refused', reasonCode });
  });
});
