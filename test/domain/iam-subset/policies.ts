import fc from 'fast-check';
import type { Request } from '../../../domain/iam/document.js';

const USERNAME = '$'.concat('{aws:username}');

/** Small vocabularies, so that random policies meet often. */
const ACTIONS = [
  's3:GetObject',
  's3:Get*',
  's3:*',
  's3:Put*',
  '*',
  's3:PutObject',
  's3:?etObject',
  'ec2:RunInstances',
  'sqs:*',
  's3:*Object',
];
const RESOURCES = [
  '*',
  'arn:aws:s3:::b1',
  'arn:aws:s3:::b1/*',
  'arn:aws:s3:::b*',
  'arn:aws:s3:::*',
  'arn:aws:s3:*:*:b1/x',
  'arn:aws:s3:::b1/a?c',
  'arn:aws:*',
  `arn:aws:s3:::b1/${USERNAME}/*`,
  `arn:aws:s3:::b1/${USERNAME}/a`,
  'arn:aws:s3:::b1/alice/*',
  'arn:aws:sqs:us-east-1:123456789012:q',
];
const TEXTS = ['a', 'ab', 'b', 'A', 'alice', USERNAME, 'a*', '*b', '?', '*'];
const TESTS: readonly (readonly [string, string, readonly string[]])[] = [
  ...[
    'StringEquals',
    'StringNotEquals',
    'StringLike',
    'StringNotLike',
    'StringEqualsIgnoreCase',
    'StringEqualsIfExists',
    'StringNotLikeIfExists',
  ].map((operator) => [operator, 'x:text', TEXTS] as const),
  ...[
    'ForAnyValue:StringLike',
    'ForAllValues:StringLike',
    'ForAnyValue:StringNotLike',
    'ForAllValues:StringNotEquals',
    'StringEquals',
    'StringNotEquals',
    'ForAnyValue:StringEqualsIfExists',
  ].map((operator) => [operator, 'x:set', TEXTS] as const),
  ...[
    'NumericLessThan',
    'NumericGreaterThanEquals',
    'NumericEquals',
    'NumericNotEquals',
    'NumericLessThanEqualsIfExists',
  ].map((operator) => [operator, 'x:number', ['1', '2', '2.5', '3']] as const),
  ...['IpAddress', 'NotIpAddress', 'IpAddressIfExists'].map(
    (operator) =>
      [
        operator,
        'aws:SourceIp',
        ['10.0.0.0/8', '10.0.0.0/9', '10.128.0.0/9', '10.1.2.3', '2001:db8::/32', '0.0.0.0/0'],
      ] as const,
  ),
  ...['ArnLike', 'ArnNotEquals'].map(
    (operator) => [operator, 'x:arn', ['arn:aws:s3:::b1', 'arn:aws:s3:::*', 'arn:*:s3:::b?', '*']] as const,
  ),
  ['Bool', 'aws:SecureTransport', ['true', 'false']],
  ['BoolIfExists', 'aws:SecureTransport', ['true', 'false']],
  ...['x:text', 'x:set', 'x:number', 'aws:username', 'aws:SecureTransport'].map(
    (key) => ['Null', key, ['true', 'false']] as const,
  ),
  ...['DateLessThan', 'DateGreaterThan'].map(
    (operator) => [operator, 'aws:CurrentTime', ['2026-01-01T00:00:00Z', '2026-06-01T00:00:00Z']] as const,
  ),
];

const list = (values: readonly string[]): fc.Arbitrary<string[]> =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 });

const test = fc
  .constantFrom(...TESTS)
  .chain(([operator, key, values]) => list(values).map((chosen) => ({ [operator]: { [key]: chosen } })));

const condition = fc.array(test, { maxLength: 2 }).map((tests) => {
  const block: Record<string, Record<string, string[]>> = {};
  for (const each of tests) {
    for (const [operator, keys] of Object.entries(each)) block[operator] = { ...block[operator], ...keys };
  }
  return block;
});

const statement = fc.record({
  Effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
  action: list(ACTIONS),
  notAction: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
  resource: list(RESOURCES),
  notResource: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
  Condition: condition,
});

/** A random identity policy, as JSON. */
export const identityPolicy = fc
  .record({
    statements: fc.array(statement, { minLength: 1, maxLength: 3 }),
    version: fc.constantFrom('2012-10-17', '2012-10-17', '2008-10-17'),
  })
  .map(({ statements, version }) => ({
    Version: version,
    Statement: statements.map(({ Effect, action, notAction, resource, notResource, Condition }) => ({
      Effect,
      [notAction ? 'NotAction' : 'Action']: action,
      [notResource ? 'NotResource' : 'Resource']: resource,
      Condition,
    })),
  }));

const maybe = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(values, { nil: undefined });

/** A random request near the constants of the random policies. */
export const nearRequest: fc.Arbitrary<Request> = fc
  .record({
    action: fc.constantFrom(
      's3:GetObject',
      's3:GetBucketAcl',
      's3:PutObject',
      's3:SetObject',
      'ec2:RunInstances',
      'sqs:SendMessage',
      's3:DeleteObject',
    ),
    resource: fc.constantFrom(
      '*',
      'arn:aws:s3:::b1',
      'arn:aws:s3:::b2',
      'arn:aws:s3:::b1/x',
      'arn:aws:s3:::b1/abc',
      'arn:aws:s3:::b1/alice/a',
      'arn:aws:s3:::b1/bob/a',
      'arn:aws:s3:::b1/alice/z/y',
      'arn:aws:sqs:us-east-1:123456789012:q',
      'arn:aws-cn:s3:::b1',
    ),
    text: maybe(fc.constantFrom('a', 'ab', 'b', 'A', 'alice', 'bob', 'zb', '*', '', 'AB')),
    set: maybe(
      fc.uniqueArray(fc.constantFrom('a', 'ab', 'b', 'A', 'alice', 'zb', 'q'), {
        minLength: 1,
        maxLength: 3,
      }),
    ),
    number: maybe(fc.constantFrom('0', '1', '1.5', '2', '2.5', '3', '9')),
    ip: maybe(fc.constantFrom('10.0.0.1', '10.200.0.1', '10.1.2.3', '11.0.0.1', '2001:db8::1', '::1')),
    arn: maybe(
      fc.constantFrom(
        'arn:aws:s3:::b1',
        'arn:aws:s3:::b2',
        'arn:aws-cn:s3:::b1',
        'arn:aws:sqs:us-east-1:1:q',
      ),
    ),
    secure: maybe(fc.constantFrom('true', 'false')),
    username: maybe(fc.constantFrom('alice', 'bob', 'a')),
    now: maybe(
      fc.constantFrom(
        '2025-01-01T00:00:00Z',
        '2026-01-01T00:00:00Z',
        '2026-03-01T00:00:00Z',
        '2027-01-01T00:00:00Z',
      ),
    ),
  })
  .map(({ action, resource, text, set, number, ip, arn, secure, username, now }) => ({
    principal:
      username === undefined
        ? 'arn:aws:iam::123456789012:role/r'
        : `arn:aws:iam::123456789012:user/${username}`,
    action,
    resource,
    context: {
      ...(text !== undefined && { 'x:text': text }),
      ...(set !== undefined && { 'x:set': set }),
      ...(number !== undefined && { 'x:number': number }),
      ...(ip !== undefined && { 'aws:SourceIp': ip }),
      ...(arn !== undefined && { 'x:arn': arn }),
      ...(secure !== undefined && { 'aws:SecureTransport': secure }),
      ...(now !== undefined && { 'aws:CurrentTime': now }),
    },
  }));
