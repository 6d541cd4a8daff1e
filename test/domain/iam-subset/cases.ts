import type { PolicyType } from '../../../domain/iam/document.js';
import { allow, deny, grant, policy, trust, type Written } from './statements.js';
import { VARIABLES } from './variable-cases.js';

/** A pair whose answer is known: what is asked, candidate, reference, verdict, and the type where it is not identity. */
export type Case = readonly [
  name: string,
  candidate: Written,
  reference: Written,
  verdict: string,
  type?: PolicyType,
];

const s3 = (condition: Parameters<typeof allow>[2]): Written => policy(allow('s3:*', '*', condition));
const sixteens = Array.from({ length: 256 }, (_, i) => `10.${i}.0.0/16`);
const infixes = Array.from({ length: 40 }, (_, i) => `*a${i}z*`);
const ACCOUNT = '111111111111';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/x`;
const variable = (text: string): string => text.replace('@', '$');

const SCOPE: readonly Case[] = [
  ['the same policy', policy(allow('s3:GetObject')), policy(allow('s3:GetObject')), 'PASS'],
  [
    'a case of an action makes no difference',
    policy(allow('S3:getobject')),
    policy(allow('s3:GetObject')),
    'PASS',
  ],
  [
    'an action within a wildcard',
    policy(allow('s3:GetObject', 'arn:aws:s3:::b/*')),
    policy(allow('s3:Get*', 'arn:aws:s3:::b*')),
    'PASS',
  ],
  ['a wildcard beyond another', policy(allow('s3:*')), policy(allow('s3:Get*')), 'FAIL'],
  ['every action has a service', policy(allow('*')), policy(allow('*:*')), 'PASS'],
  ['a union covers a pattern', policy(allow('s3:a*')), policy(allow(['s3:a', 's3:a?*'])), 'PASS'],
  ['two statements cover a pattern', policy(allow('s3:a*')), policy(allow('s3:a'), allow('s3:a?*')), 'PASS'],
  ['a union with a hole', policy(allow('s3:a*')), policy(allow(['s3:a', 's3:a??*'])), 'FAIL'],
  ['a Deny narrows', policy(allow('s3:*'), deny('s3:Put*')), policy(allow('s3:*')), 'PASS'],
  ['a lost Deny widens', policy(allow('s3:*')), policy(allow('s3:*'), deny('s3:Put*')), 'FAIL'],
  [
    'a Deny of all but a service',
    policy(allow('*'), { Effect: 'Deny', NotAction: 's3:*', Resource: '*' }),
    policy(allow('s3:*')),
    'PASS',
  ],
  [
    'a field of an account-less ARN is empty',
    policy(allow('s3:*', 'arn:aws:s3:::b1')),
    policy(allow('s3:*', 'arn:aws:s3:*:*:b*')),
    'PASS',
  ],
  [
    'a star ends at a field',
    policy(allow('sqs:*', 'arn:aws:sqs:r:1:q')),
    policy(allow('sqs:*', 'arn:aws:sqs:*:q')),
    'FAIL',
  ],
  ['"*" holds what no ARN does', policy(allow('s3:*')), policy(allow('s3:*', 'arn:aws:s3:::*')), 'FAIL'],
];

const CONDITIONS: readonly Case[] = [
  [
    'fewer values',
    s3({ StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }),
    s3({ StringEquals: { 'aws:PrincipalOrgID': ['o-1', 'o-2'] } }),
    'PASS',
  ],
  ['a lost condition', s3({}), s3({ StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }), 'FAIL'],
  [
    'a value and its negation are everything',
    s3({}),
    policy(
      allow('s3:*', '*', { StringNotEquals: { 'a:b': 'x' } }),
      allow('s3:*', '*', { StringEquals: { 'a:b': 'x' } }),
    ),
    'PASS',
  ],
  [
    'either case is more than two spellings',
    s3({ StringEqualsIgnoreCase: { 'a:b': 'k' } }),
    s3({ StringEquals: { 'a:b': ['k', 'K'] } }),
    'FAIL',
  ],
  [
    'a network covered by its halves',
    s3({ IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }),
    s3({ IpAddress: { 'aws:SourceIp': sixteens } }),
    'PASS',
  ],
  [
    'one part of a network is missing',
    s3({ IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }),
    s3({ IpAddress: { 'aws:SourceIp': sixteens.slice(1) } }),
    'FAIL',
  ],
  [
    'both versions of IP',
    s3({ IpAddress: { 'aws:SourceIp': '::/0' } }),
    s3({ IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } }),
    'FAIL',
  ],
  [
    'a key that is there is true or false',
    s3({ Null: { 'aws:SecureTransport': 'false' } }),
    s3({ Bool: { 'aws:SecureTransport': ['true', 'false'] } }),
    'PASS',
  ],
  [
    'less is within less or equal',
    s3({ NumericLessThan: { 'a:n': '10' } }),
    s3({ NumericLessThanEquals: { 'a:n': '10' } }),
    'PASS',
  ],
  [
    'less or equal is not within less',
    s3({ NumericLessThanEquals: { 'a:n': '10' } }),
    s3({ NumericLessThan: { 'a:n': '10' } }),
    'FAIL',
  ],
  [
    'any value of a set',
    s3({ 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'a' } }),
    s3({ 'ForAnyValue:StringLike': { 'aws:TagKeys': 'a*' } }),
    'PASS',
  ],
  [
    'all values of a set',
    s3({ 'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' } }),
    s3({ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['a', 'b'] } }),
    'PASS',
  ],
  [
    'all of none is true',
    s3({ 'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' } }),
    s3({ 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'a' } }),
    'FAIL',
  ],
  [
    'any and all together',
    s3({
      'ForAnyValue:StringLike': { 'aws:TagKeys': 'a*' },
      'ForAllValues:StringEquals': { 'aws:TagKeys': ['b', 'ab'] },
    }),
    s3({ 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'ab' } }),
    'PASS',
  ],
  [
    'IfExists lets a missing key through',
    s3({ StringEqualsIfExists: { 'a:b': 'x' } }),
    s3({ StringEquals: { 'a:b': 'x' } }),
    'FAIL',
  ],
  [
    'many infixes, one not covered',
    s3({ StringLike: { 'k:a': infixes } }),
    s3({ StringLike: { 'k:a': infixes.slice(1) } }),
    'FAIL',
  ],
  [
    'many infixes, each in a statement',
    s3({ StringLike: { 'k:a': infixes.slice(1) } }),
    policy(...infixes.map((p) => allow('s3:*', '*', { StringLike: { 'k:a': p } }))),
    'PASS',
  ],
  [
    'a variable stays the same',
    policy(allow('s3:*', variable('arn:aws:s3:::b/@{aws:username}/a'))),
    policy(allow('s3:*', variable('arn:aws:s3:::b/@{aws:username}/*'))),
    'PASS',
  ],
  [
    'a variable may be any text',
    policy(allow('s3:*', variable('arn:aws:s3:::b/@{aws:username}/a'))),
    policy(allow('s3:*', 'arn:aws:s3:::b/*')),
    'PASS',
  ],
  [
    'a text is not any variable',
    policy(allow('s3:*', 'arn:aws:s3:::b/x/a')),
    policy(allow('s3:*', variable('arn:aws:s3:::b/@{aws:username}/*'))),
    'FAIL',
  ],
];

const FACTS: readonly Case[] = [
  [
    'a role is of its account',
    s3({ ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${ACCOUNT}:role/prod-*` } }),
    s3({ StringEquals: { 'aws:PrincipalAccount': ACCOUNT } }),
    'PASS',
  ],
  [
    'an account is more than its roles',
    s3({ StringEquals: { 'aws:PrincipalAccount': ACCOUNT } }),
    s3({ ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${ACCOUNT}:role/*` } }),
    'FAIL',
  ],
  [
    'a user name is of a user',
    s3({ StringEquals: { 'aws:username': 'bob' } }),
    s3({ StringEquals: { 'aws:PrincipalType': 'User' } }),
    'PASS',
  ],
  [
    'a requested tag is among the tag keys',
    policy(
      allow('ec2:*', '*', {
        StringEquals: { 'aws:RequestTag/Env': 'x' },
        'ForAllValues:StringEquals': { 'aws:TagKeys': 'Other' },
      }),
    ),
    policy(allow('sqs:*')),
    'PASS',
  ],
  [
    'a tag by two names',
    policy(allow('ec2:*', '*', { StringEquals: { 'ec2:ResourceTag/Env': 'x' } })),
    policy(allow('ec2:*', '*', { StringEquals: { 'aws:ResourceTag/Env': 'x' } })),
    'PASS',
  ],
  [
    'a time by two names',
    s3({ NumericGreaterThan: { 'aws:EpochTime': '1767225600' } }),
    s3({ DateGreaterThan: { 'aws:CurrentTime': '2025-01-01T00:00:00Z' } }),
    'PASS',
  ],
  [
    'paths of another organisation',
    s3({
      StringEquals: { 'aws:PrincipalOrgID': 'o-1' },
      'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': 'o-2/*' },
    }),
    policy(allow('sqs:*')),
    'PASS',
  ],
  [
    'an endpoint hides the address',
    s3({ StringEquals: { 'aws:SourceVpce': 'vpce-1' } }),
    s3({ Null: { 'aws:SourceIp': 'true' } }),
    'PASS',
  ],
  [
    'a prefix is only there when listing',
    s3({ StringEquals: { 's3:prefix': 'x' } }),
    policy(allow('s3:ListBucket*')),
    'PASS',
  ],
  [
    'the account of the resource',
    policy(allow('sqs:*', `arn:aws:sqs:us-east-1:${ACCOUNT}:*`)),
    policy(allow('sqs:*', '*', { StringEquals: { 'aws:ResourceAccount': ACCOUNT } })),
    'PASS',
  ],
];

const PRINCIPALS: readonly Case[] = [
  [
    'a role is in its account',
    policy(trust({ AWS: ROLE })),
    policy(trust({ AWS: ACCOUNT })),
    'PASS',
    'trust',
  ],
  [
    'an account is more than a role',
    policy(trust({ AWS: ACCOUNT })),
    policy(trust({ AWS: ROLE })),
    'FAIL',
    'trust',
  ],
  [
    'an account by its id or root',
    policy(trust({ AWS: `arn:aws:iam::${ACCOUNT}:root` })),
    policy(trust({ AWS: ACCOUNT })),
    'PASS',
    'trust',
  ],
  [
    'a session is of its role',
    policy(trust({ AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/x/s` })),
    policy(trust({ AWS: `arn:aws:iam::${ACCOUNT}:role/path/x` })),
    'PASS',
    'trust',
  ],
  ['everyone is more than an account', policy(trust('*')), policy(trust({ AWS: ACCOUNT })), 'FAIL', 'trust'],
  [
    'no principal, no match',
    policy({ Effect: 'Allow', Action: 'sts:AssumeRole' }),
    policy(trust({ AWS: ROLE })),
    'PASS',
    'trust',
  ],
  [
    'a role by condition',
    policy(grant('*', { ArnEquals: { 'aws:PrincipalArn': ROLE } })),
    policy(grant({ AWS: ROLE })),
    'PASS',
    'resource',
  ],
  [
    'a role by principal',
    policy(grant({ AWS: ROLE })),
    policy(grant('*', { ArnEquals: { 'aws:PrincipalArn': ROLE } })),
    'PASS',
    'resource',
  ],
  [
    'an account by condition',
    policy(grant('*', { StringEquals: { 'aws:PrincipalAccount': ACCOUNT } })),
    policy(grant({ AWS: ACCOUNT })),
    'PASS',
    'resource',
  ],
  [
    'another account by condition',
    policy(grant('*', { StringEquals: { 'aws:PrincipalAccount': '222222222222' } })),
    policy(grant({ AWS: ACCOUNT })),
    'FAIL',
    'resource',
  ],
];

const READINGS: readonly Case[] = [
  [
    'star-service',
    policy(trust({ Service: 'lambda.amazonaws.com' })),
    policy(trust({ AWS: '*' })),
    'UNKNOWN',
    'trust',
  ],
  [
    'plain-multi',
    s3({ 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'a' } }),
    s3({ StringEquals: { 'aws:TagKeys': 'a' } }),
    'UNKNOWN',
  ],
  [
    'empty-set',
    s3({ 'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' }, Null: { 'aws:TagKeys': 'false' } }),
    s3({ 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'a' } }),
    'UNKNOWN',
  ],
  [
    'account-notprincipal',
    policy({ Effect: 'Allow', NotPrincipal: { AWS: ACCOUNT }, Action: 'sts:AssumeRole' }),
    policy({ Effect: 'Allow', NotPrincipal: { AWS: [ACCOUNT, ROLE] }, Action: 'sts:AssumeRole' }),
    'UNKNOWN',
    'trust',
  ],
  [
    'unresolved-negated',
    policy(allow('s3:*'), deny('s3:*', '*', { StringNotEquals: { 'a:b': variable('@{aws:username}') } })),
    policy(allow('s3:*', '*', { Null: { 'aws:username': 'false' } })),
    'UNKNOWN',
  ],
];

export const CASES = { SCOPE, CONDITIONS, VARIABLES, FACTS, PRINCIPALS, READINGS };
export const ALL_CASES: readonly Case[] = Object.values(CASES).flat();
