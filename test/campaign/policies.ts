import type { PolicyType } from '../../domain/iam/document.js';
import type { Chance } from './random.js';

/** A `Condition` block as JSON. */
export type Conditions = Record<string, Record<string, string[]>>;
/** A statement as JSON. */
export interface WrittenStatement {
  Effect: 'Allow' | 'Deny';
  Principal?: unknown;
  NotPrincipal?: unknown;
  Action?: string[];
  NotAction?: string[];
  Resource?: string[];
  NotResource?: string[];
  Condition?: Conditions;
}
/** A policy document as JSON. */
export interface WrittenPolicy {
  Version: '2012-10-17' | '2008-10-17';
  Statement: WrittenStatement[];
}

const variable = (name: string): string => `\${${name}}`;
const ACCOUNT = '111122223333';
const OTHER = '444455556666';

const ACTIONS = [
  ...['*', 's3:*', 's3:Get*', 's3:GetObject', 's3:PutObject', 's3:?etObject', 's3:*Object', 's3:List*'],
  ...['s3:ListBucket', 'sqs:*', 'sqs:SendMessage', 'S3:getobject', 'ec2:Describe*', '*:Get*', 's*:*t*'],
];
const TRUST_ACTIONS = ['sts:*', 'sts:AssumeRole', 'sts:Assume*', 'sts:TagSession', 'sts:AssumeRoleWithSAML'];
const RESOURCES = [
  ...[
    '*',
    'arn:aws:s3:::*',
    'arn:aws:s3:::b1',
    'arn:aws:s3:::b1/*',
    'arn:aws:s3:::b*',
    'arn:aws:s3:*:*:b1/x',
  ],
  ...[
    'arn:aws:s3:::b1/a?c',
    'arn:aws:s3:::b1/a*c',
    'arn:*:s3:::b1/*',
    'arn:aws:*',
    `arn:aws:sqs:us-east-1:${ACCOUNT}:q`,
  ],
  ...[`arn:aws:sqs:*:${ACCOUNT}:q*`, `arn:aws:sqs:us-*-1:*:q`, `arn:aws:sqs:us-east-1:${OTHER}:*`],
  ...[
    `arn:aws:s3:::b1/${variable('aws:username')}/*`,
    `arn:aws:s3:::b1/${variable("aws:PrincipalTag/team, 'none'")}/*`,
  ],
  ...['arn:aws:s3:::b1/alice/*', `arn:aws:s3:::b1/${variable('*')}`, 'arn:aws:s3:::b1/home/*'],
];
const PRINCIPALS: readonly unknown[] = [
  ...['*', { AWS: '*' }, { AWS: ACCOUNT }, { AWS: `arn:aws:iam::${ACCOUNT}:root` }, { AWS: OTHER }],
  ...[{ AWS: `arn:aws:iam::${ACCOUNT}:user/alice` }, { AWS: `arn:aws:iam::${ACCOUNT}:role/app/r` }],
  ...[
    { AWS: [`arn:aws:iam::${ACCOUNT}:role/app/r`, OTHER] },
    { AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/r/s` },
  ],
  ...[{ Service: 'lambda.amazonaws.com' }, { Service: ['ec2.amazonaws.com', 'lambda.amazonaws.com'] }],
  ...[{ Federated: 'cognito-identity.amazonaws.com' }, { CanonicalUser: 'c'.repeat(64) }],
  ...[{ AWS: `arn:aws:iam::${ACCOUNT}:user/alice`, Service: 'lambda.amazonaws.com' }],
];

const TEXTS = ['a', 'ab', 'b', 'A', 'alice', 'a*', '*b', '?', '*', 'a?*', '*a*', variable('aws:username')];
const EXACT = ['a', 'ab', 'b', 'A', 'alice', 'AB', variable('aws:username')];
const NUMBERS = ['1', '2', '2.5', '3', '-1', '10'];
const DATES = ['2026-01-01T00:00:00Z', '2026-06-01T00:00:00Z', '2026-06-01'];
const EPOCHS = ['1767225600', '1780272000'];
const NETS = [
  '10.0.0.0/8',
  '10.0.0.0/9',
  '10.128.0.0/9',
  '10.1.2.3',
  '0.0.0.0/0',
  '2001:db8::/32',
  '192.0.2.0/24',
];
const ARNS = [
  `arn:aws:iam::${ACCOUNT}:role/*`,
  `arn:aws:iam::${ACCOUNT}:user/alice`,
  'arn:aws:s3:::b?',
  'arn:aws:s3:::*',
  'arn:*:s3:::b1',
  '*',
];
const CALLERS = [
  `arn:aws:iam::${ACCOUNT}:role/*`,
  `arn:aws:iam::${ACCOUNT}:role/app/r`,
  `arn:aws:iam::${ACCOUNT}:user/*`,
  `arn:aws:iam::*:user/alice`,
  'arn:aws:iam::*:*',
];
const TAGS = ['team', 'env', 'Team', 't*'];
const ORG = ['o-abc', 'o-xyz', 'o-*'];
const PATHS = ['o-abc/r-1/ou-1/*', 'o-abc/*', 'o-xyz/r-1/*'];

type Test = readonly [operators: readonly string[], key: string, values: readonly string[]];
const LIKE = ['StringLike', 'StringNotLike', 'StringLikeIfExists', 'StringNotLikeIfExists'];
const SAME = ['StringEquals', 'StringNotEquals', 'StringEqualsIfExists', 'StringNotEqualsIfExists'];
const CASELESS = ['StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase'];
const ARN = ['ArnLike', 'ArnEquals', 'ArnNotLike', 'ArnNotEqualsIfExists', 'ArnLikeIfExists'];
const each = (set: string, operators: readonly string[]): string[] =>
  operators.map((name) => `${set}:${name}`);
const NUMERIC = [
  'NumericEquals',
  'NumericNotEquals',
  'NumericLessThan',
  'NumericLessThanEquals',
  'NumericGreaterThan',
  'NumericGreaterThanEqualsIfExists',
];
const DATE = [
  'DateEquals',
  'DateNotEquals',
  'DateLessThan',
  'DateLessThanEqualsIfExists',
  'DateGreaterThan',
  'DateGreaterThanEquals',
];

const TESTS: readonly Test[] = [
  [LIKE, 'x:text', TEXTS],
  [SAME, 'x:text', EXACT],
  [CASELESS, 'x:plain', ['a', 'Ab', 'ALICE']],
  [[...each('ForAnyValue', [...LIKE, ...SAME]), ...each('ForAllValues', [...LIKE, ...SAME])], 'x:set', TEXTS],
  [['StringEquals', 'StringNotEquals', 'StringLike'], 'x:set', EXACT],
  [[...each('ForAnyValue', NUMERIC), ...each('ForAllValues', NUMERIC)], 'x:numbers', NUMBERS],
  [NUMERIC, 'x:number', NUMBERS],
  [DATE, 'aws:CurrentTime', DATES],
  [NUMERIC, 'aws:EpochTime', EPOCHS],
  [['IpAddress', 'NotIpAddress', 'IpAddressIfExists', 'NotIpAddressIfExists'], 'aws:SourceIp', NETS],
  [['IpAddress', 'NotIpAddress'], 'aws:VpcSourceIp', NETS],
  [ARN, 'x:arn', ARNS],
  [ARN, 'aws:PrincipalArn', CALLERS],
  [['StringEquals', 'StringLike', 'StringNotEquals'], 'aws:PrincipalAccount', [ACCOUNT, OTHER]],
  [SAME, 'aws:ResourceAccount', [ACCOUNT, OTHER]],
  [SAME, 'aws:username', ['alice', 'bob']],
  [['StringEquals', 'StringNotEquals'], 'aws:PrincipalType', ['User', 'AssumedRole', 'Account']],
  [['StringEquals', 'StringLike'], 'aws:PrincipalOrgID', ORG],
  [['ForAnyValue:StringLike', 'ForAllValues:StringLike'], 'aws:PrincipalOrgPaths', PATHS],
  [['Bool', 'BoolIfExists'], 'aws:SecureTransport', ['true', 'false']],
  [['Bool', 'BoolIfExists'], 'aws:MultiFactorAuthPresent', ['true', 'false']],
  [['StringEquals', 'StringNotEqualsIfExists'], 'aws:SourceVpce', ['vpce-1', 'vpce-2']],
  [['StringEquals', 'StringNotEquals'], 'aws:SourceVpc', ['vpc-1', 'vpc-2']],
  [LIKE, 's3:prefix', ['home/*', 'home/a', '']],
  [
    [
      ...each('ForAllValues', ['StringEquals', 'StringLike']),
      ...each('ForAnyValue', ['StringEquals', 'StringNotEquals']),
    ],
    'aws:TagKeys',
    TAGS,
  ],
  [SAME, 'aws:RequestTag/team', EXACT],
  [SAME, 'aws:ResourceTag/team', EXACT],
  [SAME, 's3:ResourceTag/team', EXACT],
  [['BinaryEquals'], 'x:binary', ['QmluYXJ5', 'QQ==']],
  ...[
    'x:text',
    'x:set',
    'x:number',
    'aws:username',
    'aws:SourceIp',
    'aws:RequestTag/team',
    'aws:SourceVpce',
    's3:prefix',
    'aws:TagKeys',
  ].map((key): Test => [['Null'], key, ['true', 'false']]),
];

/** What a policy of the type may say. */
interface Vocabulary {
  principals: boolean;
  resources: boolean;
  actions: readonly string[];
}

function vocabularyOf(policyType: PolicyType): Vocabulary {
  const principals = ['resource', 'trust', 'endpoint', 'rcp'].includes(policyType);
  const trust = policyType === 'trust';
  return { principals, resources: !trust, actions: trust ? TRUST_ACTIONS : ACTIONS };
}

/** A random policy of the type; small vocabularies, so that two of them meet often. */
export function randomPolicy(chance: Chance, policyType: PolicyType): WrittenPolicy {
  const Statement = Array.from({ length: 1 + chance.below(3) }, () => randomStatement(chance, policyType));
  return { Version: chance.once(6) ? '2008-10-17' : '2012-10-17', Statement };
}

/** A random statement. */
export function randomStatement(
  chance: Chance,
  policyType: PolicyType,
  Effect: 'Allow' | 'Deny' = chance.once(3) ? 'Deny' : 'Allow',
): WrittenStatement {
  const { principals, resources, actions } = vocabularyOf(policyType);
  const Condition = randomConditions(chance, chance.pick([0, 0, 1, 1, 2, 3]));
  return {
    Effect,
    ...(principals && randomPrincipal(chance, policyType, Effect)),
    [chance.once(6) ? 'NotAction' : 'Action']: chance.some(actions, 1, 3),
    ...(resources && { [chance.once(6) ? 'NotResource' : 'Resource']: chance.some(RESOURCES, 1, 3) }),
    ...(Object.keys(Condition).length > 0 && { Condition }),
  };
}

function randomPrincipal(
  chance: Chance,
  policyType: PolicyType,
  Effect: 'Allow' | 'Deny',
): Partial<WrittenStatement> {
  if (policyType === 'rcp') return { Principal: '*' };
  const negated = Effect === 'Deny' && policyType === 'resource' && chance.once(3);
  const named = negated ? PRINCIPALS.filter((principal) => principal !== '*') : PRINCIPALS;
  return { [negated ? 'NotPrincipal' : 'Principal']: chance.pick(named) };
}

/** Some condition tests, several of one operator joined as JSON joins them. */
export function randomConditions(chance: Chance, count: number): Conditions {
  const block: Conditions = {};
  for (let i = 0; i < count; i += 1) {
    const [operators, key, values] = chance.pick(TESTS);
    const operator = chance.pick(operators);
    block[operator] = { ...block[operator], [key]: chance.some(values, 1, operator === 'Null' ? 1 : 3) };
  }
  return block;
}
