import type { AccountInput } from '../../../domain/graph/account.js';
import type { Json } from '../../../domain/json.js';

export const ROLE = 'arn:aws:iam::123456789012:role/app/Worker';
export const USER = 'arn:aws:iam::123456789012:user/ana';
export const GROUP = 'arn:aws:iam::123456789012:group/builders';
export const POLICY = 'arn:aws:iam::123456789012:policy/team/Shared';
export const READ_ONLY = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
export const BUCKET = 'arn:aws:s3:::sample-bucket';
export const DATABASE = 'arn:aws:rds:eu-central-1:123456789012:db:orders';
export const KEY_ID = 'AKIASAMPLE0000000001';

export function allow(...actions: string[]): Json {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
}

export const TRUST: Json = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

export const PUBLIC_READ: Json = {
  Version: '2012-10-17',
  Statement: [
    { Sid: 'Everyone', Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `${BUCKET}/*` },
  ],
};

/** A small account with one of everything that a change can touch. */
export function sampleAccount(): AccountInput {
  return {
    UserDetailList: [
      {
        Arn: USER,
        UserName: 'ana',
        GroupList: ['builders'],
        AttachedManagedPolicies: [{ PolicyName: 'ReadOnlyAccess', PolicyArn: READ_ONLY }],
        AccessKeyMetadata: [{ UserName: 'ana', AccessKeyId: KEY_ID, Status: 'Active' }],
      },
    ],
    GroupDetailList: [{ Arn: GROUP, GroupName: 'builders', GroupPolicyList: [] }],
    RoleDetailList: [
      {
        Arn: ROLE,
        RoleName: 'Worker',
        AssumeRolePolicyDocument: TRUST,
        RolePolicyList: [{ PolicyName: 'work', PolicyDocument: allow('s3:*', 'sqs:*') }],
        AttachedManagedPolicies: [{ PolicyName: 'Shared', PolicyArn: POLICY }],
      },
    ],
    Policies: [
      {
        Arn: POLICY,
        PolicyName: 'Shared',
        DefaultVersionId: 'v1',
        AttachmentCount: 1,
        PolicyVersionList: [{ VersionId: 'v1', IsDefaultVersion: true, Document: allow('ec2:*') }],
      },
    ],
    resources: [
      { arn: BUCKET, type: 'AWS::S3::Bucket', public: true, policy: PUBLIC_READ },
      { arn: DATABASE, type: 'AWS::RDS::DBInstance', public: true },
    ],
  };
}
