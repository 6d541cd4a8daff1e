// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are written so
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PolicyError, type PolicyType } from '../../../domain/iam/document.js';
import { MAX_DOCUMENT_CHARS, parsePolicy } from '../../../domain/iam/parse.js';
import { canonicalPolicy, toJson } from '../../../domain/iam/render.js';

const TYPES: readonly PolicyType[] = [
  'identity',
  'resource',
  'trust',
  'boundary',
  'scp',
  'rcp',
  'endpoint',
  'session',
];

function statement(members: Record<string, unknown>): unknown {
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:Get*', Resource: '*', ...members }],
  };
}

function faultOf(input: unknown, type: PolicyType = 'identity'): { type: string; pointer: string } {
  try {
    parsePolicy(input, type);
  } catch (error) {
    if (error instanceof PolicyError) return { type: error.type, pointer: error.pointer };
    throw error;
  }
  return { type: 'none', pointer: '' };
}

describe('parsePolicy reads', () => {
  it('single values and lists alike', () => {
    const single = parsePolicy(
      { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } },
      'identity',
    );
    const lists = parsePolicy(
      { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: ['s3:*'], Resource: ['*'] }] },
      'identity',
    );
    expect(single).toEqual(lists);
  });

  it('JSON text and percent-encoded text as the IAM API returns it', () => {
    const text = JSON.stringify(statement({ Sid: 'Read %' }));
    expect(parsePolicy(encodeURIComponent(text), 'identity')).toEqual(parsePolicy(text, 'identity'));
    expect(parsePolicy(text, 'identity')).toEqual(parsePolicy(JSON.parse(text), 'identity'));
  });

  it('a missing version as the old one', () => {
    expect(parsePolicy({ Statement: [] }, 'identity').version).toBe('2008-10-17');
  });

  it.each([
    ['StringEquals', { operator: 'StringEquals', ifExists: false }],
    ['stringequals', { operator: 'StringEquals', ifExists: false }],
    ['ForAllValues:StringLikeIfExists', { operator: 'StringLike', ifExists: true, set: 'ForAllValues' }],
    ['foranyvalue:arnnotlike', { operator: 'ArnNotLike', ifExists: false, set: 'ForAnyValue' }],
    ['NullIfExists', { operator: 'Null', ifExists: false }],
    ['BinaryEquals', { operator: 'BinaryEquals', ifExists: false }],
  ])('the operator %s', (name, parsed) => {
    const [read] = parsePolicy(
      statement({ Condition: { [name]: { 'aws:x': ['a', true, 1.5] } } }),
      'identity',
    ).statements;
    expect(read?.conditions).toEqual([{ ...parsed, key: 'aws:x', values: ['a', 'true', '1.5'] }]);
  });

  it.each([
    ['*', { everyone: true, aws: [] }],
    [{ AWS: '*' }, { everyone: true, aws: ['*'] }],
    [
      { AWS: ['111122223333', 'AROACKCEVSQ6C2EXAMPLE'] },
      { everyone: false, aws: ['111122223333', 'AROACKCEVSQ6C2EXAMPLE'] },
    ],
    [{ Service: 'ec2.amazonaws.com' }, { service: ['ec2.amazonaws.com'] }],
    [{ Federated: 'accounts.google.com' }, { federated: ['accounts.google.com'] }],
    [{ CanonicalUser: 'ab12' }, { canonicalUser: ['ab12'] }],
    [{ AWS: 'arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1' }, { everyone: false }],
    [{}, { everyone: false, aws: [] }],
  ])('the principal %j', (Principal, expected) => {
    const [read] = parsePolicy(statement({ Principal }), 'resource').statements;
    expect(read?.principal).toMatchObject(expected);
  });

  it('NotPrincipal, NotAction, NotResource', () => {
    const [read] = parsePolicy(
      { Statement: { Effect: 'Deny', NotPrincipal: '*', NotAction: 'a:b', NotResource: '*' } },
      'resource',
    ).statements;
    expect([read?.principal?.negated, read?.action.negated, read?.resource?.negated]).toEqual([
      true,
      true,
      true,
    ]);
  });
});

describe('parsePolicy refuses', () => {
  const look = '\u0455'; // Cyrillic, looks like an s
  it.each<[string, unknown, PolicyType, string, string]>([
    ['a list', [], 'identity', 'NotAPolicy', ''],
    ['null', null, 'identity', 'NotAPolicy', ''],
    ['an empty text', '', 'identity', 'InvalidJson', ''],
    [
      'a key that is there twice',
      '{"Statement":[{"Effect":"Deny","Effect":"Allow"}]}',
      'identity',
      'DuplicateKey',
      '/Statement/0/Effect',
    ],
    ['__proto__ in text', '{"__proto__":{},"Statement":[]}', 'identity', 'UnknownElement', '/__proto__'],
    [
      '__proto__ as an operator',
      JSON.parse(
        '{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"__proto__":{"a:b":"c"}}}}',
      ),
      'identity',
      'UnknownOperator',
      '/Statement/Condition/__proto__',
    ],
    ['a broken percent sign', '%7B%zz', 'identity', 'InvalidJson', ''],
    ['deep nesting', '['.repeat(100_000), 'identity', 'TooDeep', ''],
    ['a long text', ' '.repeat(MAX_DOCUMENT_CHARS + 1), 'identity', 'DocumentTooLarge', ''],
    [
      'a large value',
      statement({ Resource: Array.from({ length: 60_000 }, () => 'arn:aws:s3:::bucket/key') }),
      'identity',
      'DocumentTooLarge',
      '',
    ],
    ['another version', { Version: '2012-10-18', Statement: [] }, 'identity', 'InvalidVersion', '/Version'],
    ['no statement', { Version: '2012-10-17' }, 'identity', 'MissingElement', ''],
    ['an unknown element', { Statement: [], Extra: 1 }, 'identity', 'UnknownElement', '/Extra'],
    [
      'a misspelt element',
      statement({ Actions: 'a:b' }),
      'identity',
      'UnknownElement',
      '/Statement/0/Actions',
    ],
    ['a statement that is text', { Statement: ['x'] }, 'identity', 'InvalidStatement', '/Statement/0'],
    [
      'an effect in another case',
      statement({ Effect: 'allow' }),
      'identity',
      'InvalidEffect',
      '/Statement/0/Effect',
    ],
    [
      'Action beside NotAction',
      statement({ NotAction: 'a:b' }),
      'identity',
      'ConflictingElements',
      '/Statement/0',
    ],
    [
      'Resource beside NotResource',
      statement({ NotResource: '*' }),
      'identity',
      'ConflictingElements',
      '/Statement/0',
    ],
    [
      'no action',
      { Statement: { Effect: 'Allow', Resource: '*' } },
      'identity',
      'MissingElement',
      '/Statement',
    ],
    [
      'no resource',
      { Statement: { Effect: 'Allow', Action: 'a:b' } },
      'identity',
      'MissingElement',
      '/Statement',
    ],
    [
      'an action that is a number',
      statement({ Action: ['a:b', 1] }),
      'identity',
      'InvalidValue',
      '/Statement/0/Action/1',
    ],
    [
      'an action without a service',
      statement({ Action: 'GetObject' }),
      'identity',
      'InvalidAction',
      '/Statement/0/Action',
    ],
    [
      'an action that only looks like one',
      statement({ Action: [`${look}3:GetObject`] }),
      'identity',
      'InvalidAction',
      '/Statement/0/Action/0',
    ],
    [
      'a variable in an action',
      statement({ Action: 's3:${aws:username}' }),
      'identity',
      'InvalidAction',
      '/Statement/0/Action',
    ],
    [
      'a resource that is no ARN',
      statement({ Resource: 'bucket/*' }),
      'identity',
      'InvalidResource',
      '/Statement/0/Resource',
    ],
    [
      'a short ARN in a session policy',
      statement({ Resource: ['arn:aws:s3'] }),
      'session',
      'ShortArn',
      '/Statement/0/Resource/0',
    ],
    [
      'a resource in a trust policy',
      statement({ Principal: '*' }),
      'trust',
      'ProhibitedElement',
      '/Statement/0',
    ],
    [
      'a principal in an identity policy',
      statement({ Principal: '*' }),
      'identity',
      'ProhibitedElement',
      '/Statement/0/Principal',
    ],
    [
      'a principal in an SCP',
      statement({ NotPrincipal: '*' }),
      'scp',
      'ProhibitedElement',
      '/Statement/0/NotPrincipal',
    ],
    ['an RCP without a principal', statement({}), 'rcp', 'MissingElement', '/Statement/0'],
    [
      'Principal beside NotPrincipal',
      statement({ Principal: '*', NotPrincipal: '*' }),
      'resource',
      'ConflictingElements',
      '/Statement/0',
    ],
    [
      'a principal of an unknown kind',
      statement({ Principal: { User: 'x' } }),
      'resource',
      'InvalidPrincipal',
      '/Statement/0/Principal/User',
    ],
    [
      'a wildcard within a principal',
      statement({ Principal: { AWS: 'arn:aws:iam::111122223333:role/*' } }),
      'resource',
      'WildcardPrincipal',
      '/Statement/0/Principal/AWS',
    ],
    [
      'a principal that is no ARN',
      statement({ Principal: { AWS: ['alice'] } }),
      'resource',
      'InvalidPrincipal',
      '/Statement/0/Principal/AWS/0',
    ],
    [
      'an unknown operator',
      statement({ Condition: { StringIs: { 'a:b': 'c' } } }),
      'identity',
      'UnknownOperator',
      '/Statement/0/Condition/StringIs',
    ],
    [
      'a set operator on Null',
      statement({ Condition: { 'ForAllValues:Null': { 'a:b': 'true' } } }),
      'identity',
      'UnknownOperator',
      '/Statement/0/Condition/ForAllValues:Null',
    ],
    [
      'a condition key without a prefix',
      statement({ Condition: { StringEquals: { prefix: 'c' } } }),
      'identity',
      'InvalidConditionKey',
      '/Statement/0/Condition/StringEquals/prefix',
    ],
    [
      'one key in two cases',
      statement({ Condition: { StringEquals: { 'a:b': 'c', 'A:B': 'd' } } }),
      'identity',
      'DuplicateKey',
      '/Statement/0/Condition/StringEquals/A:B',
    ],
    [
      'a condition value that is an object',
      statement({ Condition: { StringEquals: { 'a:b': [{}] } } }),
      'identity',
      'InvalidCondition',
      '/Statement/0/Condition/StringEquals/a:b/0',
    ],
    [
      'a condition that is a list',
      statement({ Condition: [] }),
      'identity',
      'InvalidCondition',
      '/Statement/0/Condition',
    ],
    ['a sid that is a number', statement({ Sid: 1 }), 'identity', 'InvalidValue', '/Statement/0/Sid'],
  ])('%s', (_what, input, policyType, type, pointer) => {
    expect(faultOf(input, policyType)).toEqual({ type, pointer });
  });

  it('with a text that says how to mend it', () => {
    expect(() => parsePolicy(statement({ Actions: 'a:b' }), 'identity')).toThrow(/did you mean "Action"/);
    expect(() => parsePolicy(statement({ Action: `${look}3:Get` }), 'identity')).toThrow(/U\+0455/);
  });

  it('anything else only by a typed error', () => {
    const member = fc.oneof(
      fc.jsonValue({ maxDepth: 4 }),
      fc.constantFrom('Allow', 'Deny', '*', 's3:*', {}, []),
    );
    const statements = fc.dictionary(
      fc.constantFrom(
        'Sid',
        'Effect',
        'Principal',
        'NotPrincipal',
        'Action',
        'NotAction',
        'Resource',
        'NotResource',
        'Condition',
      ),
      member,
    );
    const hostile = fc.oneof(
      fc.jsonValue({ maxDepth: 6 }),
      fc.string(),
      fc.json(),
      fc.record({ Version: fc.constant('2012-10-17'), Statement: fc.oneof(fc.array(statements), member) }),
    );
    fc.assert(
      fc.property(hostile, fc.constantFrom(...TYPES), (input, type) => {
        expect(typeof faultOf(input, type).type).toBe('string');
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('toJson and canonicalPolicy', () => {
  const written = {
    Version: '2012-10-17',
    Id: 'p',
    Statement: [
      {
        Sid: 'A',
        Effect: 'Allow',
        Principal: { AWS: ['111122223333', '*'], Service: 'ec2.amazonaws.com' },
        Action: ['s3:Get*', 's3:List*'],
        Resource: '*',
        Condition: {
          'ForAnyValue:StringLikeIfExists': { 'aws:TagKeys': ['a*', 'b'] },
          Null: { 'aws:x': 'true' },
        },
      },
      { Effect: 'Deny', NotPrincipal: '*', NotAction: 's3:*', NotResource: ['arn:aws:s3:::b'] },
    ],
  };

  it('round trip', () => {
    const doc = parsePolicy(written, 'resource');
    expect(parsePolicy(toJson(doc), 'resource')).toEqual(doc);
  });

  it('give one text to what means the same', () => {
    const other = parsePolicy(
      {
        Statement: [
          { Effect: 'Allow', Action: ['s3:LIST*', 's3:get*', 's3:Get*'], Resource: ['*', 'arn:aws:s3:::b'] },
        ],
      },
      'identity',
    );
    const same = parsePolicy(
      {
        Version: '2012-10-17',
        Id: 'x',
        Statement: { Sid: 'S', Effect: 'Allow', Action: ['S3:Get*', 's3:List**'], Resource: '*' },
      },
      'identity',
    );
    expect(canonicalPolicy(other)).toBe(canonicalPolicy(same));
  });

  it.each([
    ['the effect', { Effect: 'Deny' }],
    ['an action', { Action: 's3:Put*' }],
    ['the case of a resource', { Resource: 'arn:aws:s3:::B' }],
    ['a condition', { Condition: { Bool: { 'aws:SecureTransport': 'true' } } }],
  ])('tell apart what differs in %s', (_what, members) => {
    const plain = parsePolicy(statement({ Resource: 'arn:aws:s3:::b' }), 'identity');
    const other = parsePolicy(statement({ Resource: 'arn:aws:s3:::b', ...members }), 'identity');
    expect(canonicalPolicy(other)).not.toBe(canonicalPolicy(plain));
  });

  it('keep the version where variables are written', () => {
    const old = parsePolicy(
      { Statement: { Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::${aws:username}' } },
      'identity',
    );
    expect(canonicalPolicy(old)).toContain('2008-10-17');
  });
});
