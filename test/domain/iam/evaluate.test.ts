// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are written so
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PolicyError, type Request } from '../../../domain/iam/document.js';
import { decideDocuments, evaluate } from '../../../domain/iam/evaluate.js';
import { evaluatePattern } from '../../../domain/iam/evaluate-pattern.js';
import { parsePolicy } from '../../../domain/iam/parse.js';
import { canonicalPolicy } from '../../../domain/iam/render.js';
import { statementApplies } from '../../../domain/iam/statement.js';

const ALICE = 'arn:aws:iam::111122223333:user/alice';

function request(members: Partial<Request> = {}): Request {
  return { principal: ALICE, action: 's3:GetObject', resource: 'arn:aws:s3:::b/k', context: {}, ...members };
}

function identity(...Statement: unknown[]) {
  return parsePolicy({ Version: '2012-10-17', Statement }, 'identity');
}

describe('evaluate', () => {
  it('names every statement that denies', () => {
    const docs = [
      identity({ Effect: 'Allow', Action: '*', Resource: '*' }),
      identity({ Sid: 'No', Effect: 'Deny', Action: 's3:*', Resource: '*' }),
    ];
    const scp = parsePolicy({ Statement: { Effect: 'Deny', Action: 's3:Get*', Resource: '*' } }, 'scp');
    expect(evaluate(request(), { identity: docs, scps: [[], [scp]] })).toEqual({
      decision: 'ExplicitlyDenied',
      by: [
        { policyType: 'identity', policy: 1, statement: 0, sid: 'No', effect: 'Deny' },
        { policyType: 'scp', level: 1, policy: 0, statement: 0, effect: 'Deny' },
      ],
    });
  });

  it('names every statement that had to allow', () => {
    const all = identity({ Effect: 'Allow', Action: '*', Resource: '*' });
    const { by } = evaluate(request(), { identity: [all], boundaries: [all], scps: [[all]] });
    expect(by.map(({ policyType }) => policyType)).toEqual(['identity', 'boundary', 'scp']);
  });

  it('names the trust policy as such', () => {
    const trust = parsePolicy(
      { Statement: { Effect: 'Allow', Principal: { AWS: ALICE }, Action: 'sts:AssumeRole' } },
      'trust',
    );
    const asked = request({ action: 'sts:AssumeRole', resource: 'arn:aws:iam::111122223333:role/r' });
    expect(evaluate(asked, { identity: [], resource: trust }).by[0]?.policyType).toBe('trust');
  });

  it('takes the identity of a distribution, which has no account', () => {
    const principal = 'arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1';
    const bucket = parsePolicy(
      {
        Statement: {
          Effect: 'Allow',
          Principal: { AWS: principal },
          Action: 's3:GetObject',
          Resource: 'arn:aws:s3:::b/*',
        },
      },
      'resource',
    );
    expect(evaluate(request({ principal }), { identity: [], resource: bucket }).decision).toBe('Allowed');
  });

  it.each(['alice', 'arn:aws:iam::1:user/x', 'arn:aws:iam::111122223333:group/g', 'arn:aws:s3:::b', ''])(
    'refuses the principal %j',
    (principal) => {
      expect(() => evaluate(request({ principal }), { identity: [] })).toThrow(PolicyError);
    },
  );
});

describe('decideDocuments', () => {
  it('leaves the account rules out', () => {
    const doc = identity({ Effect: 'Allow', Action: 'kms:*', Resource: '*' });
    const asked = request({ action: 'kms:Decrypt', resource: 'arn:aws:kms:eu-west-1:444455556666:key/k' });
    expect(decideDocuments(asked, [doc], 'identity').decision).toBe('Allowed');
    expect(evaluate(asked, { identity: [doc] }).decision).toBe('ImplicitlyDenied');
  });
});

describe('statementApplies', () => {
  it('asks one statement of a document', () => {
    const doc = identity(
      { Effect: 'Allow', Action: 's3:Get*', Resource: '*' },
      { Effect: 'Deny', Action: 's3:Put*', Resource: '*' },
    );
    expect(doc.statements.map((each) => statementApplies(doc, each, request(), 'identity'))).toEqual([
      true,
      false,
    ]);
  });
});

describe('evaluatePattern asks whether any match is allowed', () => {
  const asked = (resource: string) => request({ resource, resourcePattern: true });
  it('finds the resource between pattern and policy', () => {
    const doc = identity({ Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::b/public/*' });
    expect(evaluatePattern(asked('arn:aws:s3:::*/*'), { identity: [doc] }).decision).toBe('Allowed');
    expect(evaluatePattern(asked('arn:aws:s3:::c*'), { identity: [doc] }).decision).toBe('ImplicitlyDenied');
  });

  it('finds the resource on which two layers agree', () => {
    const doc = identity({ Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::b*/x' });
    const boundary = identity({ Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::*c/*' });
    expect(
      evaluatePattern(asked('arn:aws:s3:::*'), { identity: [doc], boundaries: [boundary] }).decision,
    ).toBe('Allowed');
  });

  it('is not fooled by a Deny on a part, nor by a Deny on all', () => {
    const allow = { Effect: 'Allow', Action: '*', Resource: '*' };
    const part = identity(allow, { Effect: 'Deny', Action: 's3:*', Resource: 'arn:aws:s3:::b/secret/*' });
    const whole = identity(allow, { Effect: 'Deny', Action: 's3:*', Resource: 'arn:aws:s3:::*' });
    expect(evaluatePattern(asked('arn:aws:s3:::b/*'), { identity: [part] }).decision).toBe('Allowed');
    expect(evaluatePattern(asked('arn:aws:s3:::b/*'), { identity: [whole] }).decision).toBe(
      'ExplicitlyDenied',
    );
  });

  it('finds the one resource that a Deny on all others leaves', () => {
    const doc = identity(
      { Effect: 'Allow', Action: '*', Resource: '*' },
      { Effect: 'Deny', Action: 's3:*', NotResource: 'arn:aws:s3:::b/only' },
    );
    expect(evaluatePattern(asked('arn:aws:s3:::b/*'), { identity: [doc] }).decision).toBe('Allowed');
  });
});

describe('for every policy and request', () => {
  const actions = fc.constantFrom(
    's3:*',
    'S3:Get*',
    's3:get?bject',
    's3:GetObject',
    'sqs:*',
    '*',
    's3:*Object*',
  );
  const resources = fc.constantFrom(
    '*',
    'arn:aws:s3:::b/*',
    'arn:aws:s3:::b/**',
    'arn:aws:s3:::b/${aws:username}',
    'arn:aws:s3',
    'arn:aws:s3:::?/k*?',
  );
  const list = <T>(item: fc.Arbitrary<T>) => fc.oneof(item, fc.array(item, { maxLength: 3 }));
  const condition = fc.constantFrom(
    undefined,
    { StringEquals: { 'aws:PrincipalTag/T': ['a', 'b'] } },
    { 'ForAllValues:StringNotLike': { 'AWS:tagkeys': ['a*', 'b'] } },
    { StringNotEqualsIfExists: { 'aws:x': '${aws:username}' }, Null: { 'aws:x': false } },
    { Bool: { 'aws:SecureTransport': 'True' } },
  );
  const statement = fc
    .tuple(
      fc.constantFrom('Allow', 'Deny'),
      fc.boolean(),
      list(actions),
      fc.boolean(),
      list(resources),
      condition,
    )
    .map(([Effect, notAction, action, notResource, resource, Condition]) => ({
      Effect,
      [notAction ? 'NotAction' : 'Action']: action,
      [notResource ? 'NotResource' : 'Resource']: resource,
      ...(Condition !== undefined && { Condition }),
    }));
  const document = fc.record({
    Version: fc.constantFrom('2008-10-17', '2012-10-17'),
    Statement: fc.array(statement, { maxLength: 3 }),
  });
  const context = fc.record(
    {
      'aws:PrincipalTag/t': fc.constantFrom('a', 'c'),
      'aws:TagKeys': fc.array(fc.constantFrom('a', 'b', 'ab', 'z')),
      'aws:x': fc.constantFrom('alice', 'bob'),
      'aws:SecureTransport': fc.constantFrom('true', 'false'),
    },
    { requiredKeys: [] },
  );
  const asked = fc.record({
    action: fc.constantFrom('s3:GetObject', 's3:getobject', 's3:PutObjectAcl', 'sqs:SendMessage'),
    resource: fc.constantFrom(
      '*',
      'arn:aws:s3:::b/k',
      'arn:aws:s3:::b/alice',
      'arn:aws:s3:::b/${aws:username}',
      'arn:aws:s3:::b/',
    ),
    context,
  });

  const forEveryone = (written: { Version: string; Statement: object[] }) => ({
    ...written,
    Statement: written.Statement.map((each) => ({ ...each, Principal: '*' })),
  });

  it('canonicalising keeps the meaning', () => {
    fc.assert(
      fc.property(document, asked, (written, members) => {
        const doc = parsePolicy(written, 'identity');
        const again = parsePolicy(canonicalPolicy(doc), 'identity');
        expect(canonicalPolicy(again)).toBe(canonicalPolicy(doc));
        expect(evaluate(request(members), { identity: [again] }).decision).toBe(
          evaluate(request(members), { identity: [doc] }).decision,
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('a further Deny never allows more, and a further Allow never less', () => {
    fc.assert(
      fc.property(document, statement, asked, (written, further, members) => {
        const before = parsePolicy(written, 'identity');
        const after = parsePolicy({ ...written, Statement: [...written.Statement, further] }, 'identity');
        const [was, is] = [before, after].map(
          (doc) => evaluate(request(members), { identity: [doc] }).decision === 'Allowed',
        );
        if (further.Effect === 'Deny') expect(is && !was).toBe(false);
        else expect(was && !is).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it('a boundary, a session policy, an SCP or an endpoint policy never allows more', () => {
    fc.assert(
      fc.property(document, document, asked, (written, limit, members) => {
        const identity = [parsePolicy(written, 'identity')];
        const alone = evaluate(request(members), { identity }).decision === 'Allowed';
        const limited = [
          { identity, boundaries: [parsePolicy(limit, 'boundary')] },
          { identity, scps: [[parsePolicy(limit, 'scp')]] },
          { identity, endpoint: [parsePolicy(forEveryone(limit), 'endpoint')] },
        ].map((policies) => evaluate(request(members), policies).decision === 'Allowed');
        expect(limited.includes(true) && !alone).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it('a document decides as the union of its statements, whatever their order', () => {
    fc.assert(
      fc.property(document, asked, (written, members) => {
        const doc = parsePolicy(written, 'identity');
        const turned = parsePolicy({ ...written, Statement: written.Statement.toReversed() }, 'identity');
        const apart = written.Statement.map((each) =>
          parsePolicy({ ...written, Statement: each }, 'identity'),
        );
        const decided = [[doc], [turned], apart].map(
          (identity) => evaluate(request(members), { identity }).decision,
        );
        expect(new Set(decided).size).toBe(1);
      }),
      { numRuns: 1_000 },
    );
  });
});
