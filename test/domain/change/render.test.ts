import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { changeRender } from '../../../client/cli/engine/change-render.js';
import { changeReverse } from '../../../client/cli/engine/change-reverse.js';
import type { Change } from '../../../domain/change/change.js';
import { writeHcl } from '../../../domain/change/render/hcl.js';
import { writeShell } from '../../../domain/change/render/shell.js';
import { label, logicalId } from '../../../domain/change/render/terraform.js';
import { renderChange, summariseChange } from '../../../domain/change/render.js';
import {
  allow,
  BUCKET,
  DATABASE,
  GROUP,
  KEY_ID,
  POLICY,
  READ_ONLY,
  ROLE,
  TRUST,
  USER,
} from './sample-account.js';

function text(change: Change, format: 'policy' | 'terraform' | 'cloudformation' | 'cli'): string {
  return renderChange(change, format).files[0]?.text ?? '';
}

const INLINE: Change = {
  kind: 'inline-policy',
  target: { principal: ROLE, name: 'work' },
  before: allow('s3:*'),
  after: {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['s3:GetObject'],
        // biome-ignore lint/suspicious/noTemplateCurlyInString: an IAM policy variable
        Resource: 'arn:aws:s3:::b/${aws:username}/*',
        Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } },
      },
    ],
  },
};

describe('a change as Terraform', () => {
  it('reads as people write it, and a policy variable stays one', () => {
    expect(text(INLINE, 'terraform')).toBe(`resource "aws_iam_role_policy" "worker_work" {
  name = "work"
  role = "Worker"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = "arn:aws:s3:::b/$\${aws:username}/*"
        Condition = {
          StringEquals = {
            "aws:PrincipalOrgID" = "o-1"
          }
        }
      },
    ]
  })
}

# Needed only while Terraform does not manage it yet; delete this block after the first apply.
import {
  to = aws_iam_role_policy.worker_work
  id = "Worker:work"
}
`);
  });

  it('a removal says how, and how to only forget it', () => {
    const detach: Change = {
      kind: 'policy-attachment',
      target: { principal: USER, arn: READ_ONLY },
      before: { attached: true },
      after: null,
    };
    expect(
      text(detach, 'terraform'),
    ).toBe(`# ${READ_ONLY} is detached from ${USER}: delete the resource block aws_iam_user_policy_attachment.ana_read_only_access and apply this.
# Is it not in Terraform's state yet? Then first: terraform import aws_iam_user_policy_attachment.ana_read_only_access 'ana/${READ_ONLY}'
# Shall Terraform only forget it? Then instead: terraform state rm aws_iam_user_policy_attachment.ana_read_only_access
removed {
  from = aws_iam_user_policy_attachment.ana_read_only_access

  lifecycle {
    destroy = true
  }
}
`);
  });

  it.each<[name: string, change: Change, expected: RegExp]>([
    [
      'managed policy',
      {
        kind: 'managed-policy',
        target: { arn: POLICY },
        before: allow('ec2:*'),
        after: allow('ec2:DescribeInstances'),
      },
      /resource "aws_iam_policy" "shared" \{\n {2}name = "Shared"\n {2}path = "\/team\/"\n {2}policy = jsonencode/,
    ],
    [
      'trust policy',
      { kind: 'trust-policy', target: { principal: ROLE }, before: TRUST, after: TRUST },
      /assume_role_policy = jsonencode/,
    ],
    [
      'access key',
      {
        kind: 'access-key',
        target: { principal: USER, name: KEY_ID },
        before: { status: 'Active' },
        after: { status: 'Inactive' },
      },
      /resource "aws_iam_access_key" "ana_akiasample0000000001" \{\n {2}user {3}= "ana"\n {2}status = "Inactive"/,
    ],
    [
      'disabled role',
      { kind: 'role', target: { principal: ROLE }, before: { disabled: false }, after: { disabled: true } },
      /resource "aws_iam_role_policy" "worker_disabled"/,
    ],
    [
      'deleted role',
      { kind: 'role', target: { principal: ROLE }, before: { disabled: true }, after: null },
      /from = aws_iam_role\.worker/,
    ],
    [
      'public access block',
      {
        kind: 'public-access-block',
        target: { arn: BUCKET },
        before: null,
        after: {
          BlockPublicAcls: true,
          IgnorePublicAcls: true,
          BlockPublicPolicy: true,
          RestrictPublicBuckets: false,
        },
      },
      /block_public_acls {7}= true\n {2}ignore_public_acls {6}= true\n {2}block_public_policy {5}= true\n {2}restrict_public_buckets = false/,
    ],
    [
      'encryption',
      {
        kind: 'encryption',
        target: { arn: BUCKET },
        before: null,
        after: { algorithm: 'aws:kms', kmsKey: 'arn:k' },
      },
      /apply_server_side_encryption_by_default \{\n {6}sse_algorithm {5}= "aws:kms"\n {6}kms_master_key_id = "arn:k"/,
    ],
    [
      'access log',
      { kind: 'access-logging', target: { arn: BUCKET }, before: null, after: { target: 'logs/a/b/' } },
      /target_bucket = "logs"\n {2}target_prefix = "a\/b\/"/,
    ],
    [
      'database',
      {
        kind: 'database-public-access',
        target: { arn: DATABASE },
        before: { public: true },
        after: { public: false },
      },
      /publicly_accessible = false/,
    ],
    [
      'bucket policy',
      { kind: 'resource-policy', target: { arn: BUCKET }, before: allow('s3:*'), after: null },
      /from = aws_s3_bucket_policy\.sample_bucket/,
    ],
  ])('%s', (_name, change, expected) => {
    expect(text(change, 'terraform')).toMatch(expected);
  });
});

describe('a change as AWS command lines', () => {
  it.each<[name: string, change: Change, line: string]>([
    [
      'inline policy of a group',
      { kind: 'inline-policy', target: { principal: GROUP, name: 'p' }, before: allow('s3:*'), after: null },
      'aws iam delete-group-policy --group-name builders --policy-name p',
    ],
    [
      'managed policy',
      { kind: 'managed-policy', target: { arn: POLICY }, before: allow('a:*'), after: allow('a:b') },
      `aws iam create-policy-version --policy-arn ${POLICY} --policy-document '${JSON.stringify(allow('a:b'))}' --set-as-default`,
    ],
    [
      'attachment',
      {
        kind: 'policy-attachment',
        target: { principal: ROLE, arn: POLICY },
        before: { attached: true },
        after: null,
      },
      `aws iam detach-role-policy --role-name Worker --policy-arn ${POLICY}`,
    ],
    [
      'access key',
      {
        kind: 'access-key',
        target: { principal: USER, name: KEY_ID },
        before: { status: 'Active' },
        after: { status: 'Inactive' },
      },
      `aws iam update-access-key --user-name ana --access-key-id ${KEY_ID} --status Inactive`,
    ],
    [
      'database',
      {
        kind: 'database-public-access',
        target: { arn: DATABASE },
        before: { public: true },
        after: { public: false },
      },
      'aws rds modify-db-instance --db-instance-identifier orders --no-publicly-accessible --apply-immediately --region eu-central-1',
    ],
    [
      'no logging',
      { kind: 'access-logging', target: { arn: BUCKET }, before: { target: 'l/' }, after: null },
      "aws s3api put-bucket-logging --bucket sample-bucket --bucket-logging-status '{}'",
    ],
    [
      'a table without a key of ours',
      {
        kind: 'encryption',
        target: { arn: 'arn:aws:dynamodb:eu-west-1:123456789012:table/t' },
        before: { algorithm: 'aws:kms' },
        after: null,
      },
      'aws dynamodb update-table --table-name t --sse-specification Enabled=false --region eu-west-1',
    ],
  ])('%s', (_name, change, line) => {
    expect(text(change, 'cli').split('\n')[3]).toBe(line);
  });

  it('no argument can leave its quotes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (argument) => {
        const line =
          writeShell([['aws', argument]], 'x')
            .split('\nset -eu\n')[1]
            ?.slice(0, -1) ?? '';
        // Outside of single quotes only harmless characters and escaped quotes may stand.
        const outside = line.slice(4).replaceAll(/\\'|'[^']*'/g, '');
        expect(outside).toMatch(/^[A-Za-z0-9_@%+=:,./-]*$/);
      }),
    );
  });

  it('a summary cannot leave its comment', () => {
    expect(writeShell([['true']], 'a\nrm -rf\u2028b\rc')).toBe('#!/bin/sh\n# a rm -rf b c\nset -eu\ntrue\n');
  });
});

describe('a change as a policy or a template', () => {
  it('policy is the state itself', () => {
    expect(renderChange(INLINE, 'policy').files).toEqual([
      { name: 'inline_policy_worker_work.json', text: `${JSON.stringify(INLINE.after, null, 2)}\n` },
    ]);
  });

  it('CloudFormation names the resource and says what stays', () => {
    const template = JSON.parse(
      text(
        { kind: 'trust-policy', target: { principal: ROLE }, before: TRUST, after: TRUST },
        'cloudformation',
      ),
    );
    expect(template).toEqual({
      AWSTemplateFormatVersion: '2010-09-09',
      Description: expect.stringMatching(/^Replace the trust policy of the role Worker.*the others stay\.$/),
      Resources: {
        Worker: {
          Type: 'AWS::IAM::Role',
          Properties: { RoleName: 'Worker', AssumeRolePolicyDocument: TRUST },
        },
      },
    });
  });

  it('what a form cannot say is refused with one that can', () => {
    const odd: Change = {
      kind: 'resource-policy',
      target: { arn: 'arn:aws:events:eu-central-1:123456789012:event-bus/b' },
      before: null,
      after: allow('a:b'),
    };
    expect(() => renderChange(odd, 'cli')).toThrow(/use the format policy/);
    expect(text(odd, 'policy')).toContain('a:b');
  });
});

describe('names', () => {
  it('labels and ids contain only what the languages allow, whatever they are made of', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (a, b) => {
        expect(label(a, b)).toMatch(/^[a-z][a-z0-9_]*$/);
        expect(logicalId(a, b)).toMatch(/^[A-Za-z0-9]*$/);
      }),
    );
  });

  it('an HCL string is one token, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const line = writeHcl([{ type: 'locals', labels: [], arguments: [['a', { literal: value }]] }]);
        const token = /^locals \{\n {2}a = (".*")\n\}\n$/su.exec(line)?.[1] ?? '';
        expect(JSON.parse(token.replaceAll('$${', '${').replaceAll('%%{', '%{'))).toBe(value);
        expect(token).not.toMatch(/(^|[^$])(\$\$)*\$\{/);
      }),
    );
  });
});

describe('the command line', () => {
  it('renders and reverses', () => {
    expect(changeRender({ change: INLINE, format: 'policy' }).files).toHaveLength(1);
    expect(changeReverse({ change: INLINE }).change).toEqual({
      ...INLINE,
      before: INLINE.after,
      after: INLINE.before,
    });
  });
  it.each<[name: string, run: () => unknown, pointer: string]>([
    ['a kind', () => changeRender({ change: { ...INLINE, kind: 'magic' } }), '/change/kind'],
    ['a format', () => changeRender({ change: INLINE, format: 'magic' }), '/format'],
    ['a change', () => changeReverse({}), '/change'],
    ['a target', () => changeReverse({ change: { ...INLINE, target: { name: 1 } } }), '/change/target/name'],
    ['anything', () => changeReverse(null), ''],
  ])('points at %s that is wrong', (_name, run, pointer) => {
    expect(run).toThrow(expect.objectContaining({ type: 'InvalidInput', pointer }));
  });
  it('every kind has a sentence', () => {
    expect(summariseChange(INLINE)).toBe('Replace the inline policy work of the role Worker.');
  });
});
