import type { AccountInput } from '../../../domain/graph/account.js';
import type { Technique } from '../../../domain/graph/technique.js';
import type { Json } from '../../../domain/json.js';

export const ACCOUNT_ID = '111122223333';
const IAM = `arn:aws:iam::${ACCOUNT_ID}`;
export const ATTACKER_ROLE = `${IAM}:role/attacker`;
export const ATTACKER_USER = `${IAM}:user/attacker`;
export const TARGET_ROLE = `${IAM}:role/target`;
export const TARGET_USER = `${IAM}:user/target`;
export const OWN_POLICY = `${IAM}:policy/own`;
export const TARGET_POLICY = `${IAM}:policy/target`;
export const OWN_GROUP = `${IAM}:group/own`;
export const OTHER_GROUP = `${IAM}:group/other`;

/** What a case may vary about the minimal account. Everything absent makes the technique work. */
export interface Variation {
  /** Statements added to the attacker's inline policy. */
  extra?: readonly Json[];
  /** Replaces the resource of the attacker's permissions. */
  resource?: Json;
  condition?: Json;
  scps?: readonly (readonly Json[])[];
  boundary?: Json;
  /** Service that the target trusts. */
  trusts?: string;
  /** Actions that are left out. */
  without?: readonly string[];
  /** The attacker's policy exists but is attached to nobody. */
  detached?: boolean;
  noWorkload?: boolean;
  /** The target's own policy; administrator by default. */
  targetPolicy?: Json;
}

export function policy(...statements: readonly Json[]): Json {
  return { Version: '2012-10-17', Statement: statements };
}
export function allow(action: Json, resource: Json = '*', condition?: Json): Json {
  return {
    Effect: 'Allow',
    Action: action,
    Resource: resource,
    ...(condition === undefined ? {} : { Condition: condition }),
  };
}
export function deny(action: Json, resource: Json = '*'): Json {
  return { Effect: 'Deny', Action: action, Resource: resource };
}
export function trust(principal: Json): Json {
  return policy({ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' });
}

const ADMINISTRATOR = policy(allow('*'));

/** Who attacks with a technique: a user where only a user can. */
export function attackerOf(technique: Technique): string {
  return ['own-user', 'own-group', 'other-group'].includes(technique.target) ? ATTACKER_USER : ATTACKER_ROLE;
}

/** What an answer should name as the end of the path. */
export function goalOf(technique: Technique): string {
  if (technique.target === 'other-group') return OTHER_GROUP;
  if (technique.target.startsWith('own-')) return attackerOf(technique);
  return technique.target === 'other-user' ? TARGET_USER : TARGET_ROLE;
}

/** The smallest account in which the technique is open, or what a variation makes of it. */
export function minimalAccount(technique: Technique, variation: Variation = {}): AccountInput {
  const actions = technique.needs
    .map(({ action }) => action)
    .filter((action) => !variation.without?.includes(action));
  const permissions = policy(
    allow(actions, variation.resource ?? '*', variation.condition),
    ...(variation.extra ?? []),
  );
  const holder =
    technique.target === 'own-policy'
      ? { AttachedManagedPolicies: [{ PolicyName: 'own', PolicyArn: OWN_POLICY }] }
      : {};
  const inline =
    variation.detached === true || technique.target === 'own-policy'
      ? []
      : [{ PolicyName: 'attack', PolicyDocument: permissions }];
  const boundary =
    variation.boundary === undefined
      ? {}
      : { PermissionsBoundary: { PermissionsBoundaryArn: `${IAM}:policy/boundary` } };
  const isUser = attackerOf(technique) === ATTACKER_USER;
  const elevates = technique.elevates === true;
  const targetDocument =
    variation.targetPolicy ?? (elevates ? policy(allow('s3:ListAllMyBuckets')) : ADMINISTRATOR);
  const targetTrust =
    technique.assume === 'as-is'
      ? trust({ AWS: `${IAM}:root` })
      : trust({ Service: variation.trusts ?? technique.services?.[0] ?? 'batch.amazonaws.com' });
  return {
    UserDetailList: [
      ...(isUser
        ? [
            {
              Arn: ATTACKER_USER,
              UserName: 'attacker',
              GroupList: ['own'],
              UserPolicyList: inline,
              ...holder,
              ...boundary,
            },
          ]
        : []),
      ...(technique.target === 'other-user'
        ? [
            {
              Arn: TARGET_USER,
              UserName: 'target',
              UserPolicyList: [{ PolicyName: 'p', PolicyDocument: targetDocument }],
            },
          ]
        : []),
    ],
    GroupDetailList: [
      { Arn: OWN_GROUP, GroupName: 'own' },
      {
        Arn: OTHER_GROUP,
        GroupName: 'other',
        GroupPolicyList: [{ PolicyName: 'p', PolicyDocument: variation.targetPolicy ?? ADMINISTRATOR }],
      },
    ],
    RoleDetailList: [
      ...(isUser
        ? []
        : [
            {
              Arn: ATTACKER_ROLE,
              RoleName: 'attacker',
              AssumeRolePolicyDocument: trust({ Service: 'batch.amazonaws.com' }),
              RolePolicyList: inline,
              ...holder,
              ...boundary,
            },
          ]),
      {
        Arn: TARGET_ROLE,
        RoleName: 'target',
        AssumeRolePolicyDocument: targetTrust,
        ...targetHolder(technique, targetDocument),
      },
    ],
    Policies: [
      managed(OWN_POLICY, variation.detached === true ? policy() : permissions),
      managed(TARGET_POLICY, targetDocument),
      ...(variation.boundary === undefined ? [] : [managed(`${IAM}:policy/boundary`, variation.boundary)]),
    ],
    resources:
      technique.workload === undefined || variation.noWorkload === true
        ? []
        : [{ arn: workloadArn(technique), role: TARGET_ROLE }],
    ...(variation.scps === undefined ? {} : { scps: variation.scps }),
  };
}

function targetHolder(technique: Technique, document: Json) {
  return technique.target === 'policy-of-other-role'
    ? { AttachedManagedPolicies: [{ PolicyName: 'target', PolicyArn: TARGET_POLICY }] }
    : { RolePolicyList: [{ PolicyName: 'p', PolicyDocument: document }] };
}

function managed(arn: string, document: Json) {
  return {
    Arn: arn,
    PolicyName: arn.slice(arn.lastIndexOf('/') + 1),
    PolicyVersionList: [{ VersionId: 'v1', IsDefaultVersion: true, Document: document }],
  };
}

/** An existing workload of the technique's kind. */
export function workloadArn(technique: Technique): string {
  const [template = ''] = technique.workload?.arns ?? [];
  return template.replace('{account}', ACCOUNT_ID).replace(':*:', ':eu-west-1:').replaceAll('*', 'thing');
}
