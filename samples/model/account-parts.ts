import type {
  AccountInput,
  ManagedPolicyDetail,
  RoleDetail,
  UserDetail,
} from '../../domain/graph/account.js';
import type { Json } from '../../domain/json.js';
import { arn } from './names.js';
import type { Random } from './random.js';

/** A statement that allows. */
export function allow(
  actions: string | readonly string[],
  resources: string | readonly string[] = '*',
  sid?: string,
): Json {
  return { ...(sid !== undefined && { Sid: sid }), Effect: 'Allow', Action: actions, Resource: resources };
}

/** A policy document of these statements. */
export function document(...statements: Json[]): Json {
  return { Version: '2012-10-17', Statement: statements };
}

/** A trust policy for an AWS service or an AWS principal. */
export function trust(principal: { Service?: string; AWS?: string }): Json {
  return document({ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' });
}

/** A role of the sample account in short. */
export interface RoleSpec {
  name: string;
  path?: string;
  trust: Json;
  inline?: Readonly<Record<string, Json>>;
  attached?: readonly string[];
  created: string;
  lastUsed?: string;
  profile?: boolean;
  tags?: Readonly<Record<string, string>>;
}

/** A role as the authorization details list it. */
export function role(account: string, spec: RoleSpec, random: Random): RoleDetail {
  const path = spec.path ?? '/';
  const roleArn = `arn:aws:iam::${account}:role${path}${spec.name}`;
  const profile = {
    Arn: arn.profile(account, spec.name),
    InstanceProfileName: spec.name,
    Roles: [{ Arn: roleArn }],
  };
  return {
    Path: path,
    RoleName: spec.name,
    RoleId: `AROA${random.hex(17).toUpperCase()}`,
    Arn: roleArn,
    CreateDate: spec.created,
    AssumeRolePolicyDocument: spec.trust,
    InstanceProfileList: spec.profile === true ? [profile] : [],
    RolePolicyList: Object.entries(spec.inline ?? {}).map(([PolicyName, PolicyDocument]) => ({
      PolicyName,
      PolicyDocument,
    })),
    AttachedManagedPolicies: (spec.attached ?? []).map(attachment),
    Tags: Object.entries(spec.tags ?? {}).map(([Key, Value]) => ({ Key, Value })),
    RoleLastUsed: spec.lastUsed === undefined ? {} : { LastUsedDate: spec.lastUsed, Region: 'us-east-1' },
  };
}

/** A user of the sample account in short. */
export interface UserSpec {
  name: string;
  inline?: Readonly<Record<string, Json>>;
  attached?: readonly string[];
  groups?: readonly string[];
  created: string;
  keys?: readonly { id: string; created: string; lastUsed?: string; status?: string }[];
  tags?: Readonly<Record<string, string>>;
}

/** A user with the access keys that ListAccessKeys and GetAccessKeyLastUsed answer. */
export function user(account: string, spec: UserSpec, random: Random): UserDetail {
  return {
    Path: '/',
    UserName: spec.name,
    UserId: `AIDA${random.hex(17).toUpperCase()}`,
    Arn: arn.user(account, spec.name),
    CreateDate: spec.created,
    GroupList: spec.groups ?? [],
    UserPolicyList: Object.entries(spec.inline ?? {}).map(([PolicyName, PolicyDocument]) => ({
      PolicyName,
      PolicyDocument,
    })),
    AttachedManagedPolicies: (spec.attached ?? []).map(attachment),
    Tags: Object.entries(spec.tags ?? {}).map(([Key, Value]) => ({ Key, Value })),
    AccessKeyMetadata: (spec.keys ?? []).map((key) => ({
      UserName: spec.name,
      AccessKeyId: key.id,
      Status: key.status ?? 'Active',
      CreateDate: key.created,
      ...(key.lastUsed !== undefined && {
        AccessKeyLastUsed: { LastUsedDate: key.lastUsed, ServiceName: 's3', Region: 'us-east-1' },
      }),
    })),
  };
}

/** A managed policy with one version. */
export function managed(
  policyArn: string,
  body: Json,
  attachments: number,
  created: string,
  random: Random,
): ManagedPolicyDetail {
  return {
    PolicyName: nameOf(policyArn),
    PolicyId: `ANPA${random.hex(17).toUpperCase()}`,
    Arn: policyArn,
    Path: '/',
    DefaultVersionId: 'v1',
    AttachmentCount: attachments,
    IsAttachable: true,
    CreateDate: created,
    UpdateDate: created,
    PolicyVersionList: [{ Document: body, VersionId: 'v1', IsDefaultVersion: true, CreateDate: created }],
  };
}

/** Managed policies of AWS that the account uses, as AWS publishes them. */
export const AWS_POLICIES = {
  administrator: 'arn:aws:iam::aws:policy/AdministratorAccess',
  lambdaBasic: 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
} as const;

/** The AWS-managed policies that the sample accounts attach. */
export function awsPolicies(random: Random): ManagedPolicyDetail[] {
  const logs = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];
  return [
    managed(AWS_POLICIES.administrator, document(allow('*')), 2, '2015-02-06T18:39:46Z', random),
    managed(AWS_POLICIES.lambdaBasic, document(allow(logs)), 1, '2015-04-09T15:03:43Z', random),
  ];
}

/** One account, its lists in the order of the command line's output. */
export interface SampleAccount {
  id: string;
  name: string;
  details: AccountInput;
}

function attachment(policyArn: string) {
  return { PolicyName: nameOf(policyArn), PolicyArn: policyArn };
}

function nameOf(policyArn: string): string {
  return policyArn.slice(policyArn.lastIndexOf('/') + 1);
}
