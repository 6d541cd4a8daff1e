import { describe, expect, it } from '@jest/globals';
import type { PolicyType } from '../../../domain/iam/document.js';
import { decideDocuments } from '../../../domain/iam/evaluate.js';
import { parsePolicy } from '../../../domain/iam/parse.js';
import { checkSubset, checkUsagePreserved, type SubsetAnswer } from '../../../domain/iam/subset/check.js';
import { CASES } from './cases.js';
import { allow, deny, policy, type Written } from './statements.js';

/** A clock that stands still, so that no answer depends on the machine. */
const now = (): number => 0;

function check(candidate: Written, reference: Written, policyType: PolicyType = 'identity'): SubsetAnswer {
  const parse = (written: Written) => [parsePolicy(written, policyType)];
  return checkSubset({ candidate: parse(candidate), reference: parse(reference), policyType, now });
}

describe.each(Object.entries(CASES))('checkSubset: %s', (_, cases) => {
  it.each(cases.map((one) => [one[0], one] as const))(
    '%s',
    (name, [, candidate, reference, verdict, type]) => {
      const answer = check(candidate, reference, type);
      expect(answer.verdict).toBe(verdict);
      expect(answer.witness !== undefined).toBe(verdict === 'FAIL');
      expect(answer.certificate !== undefined).toBe(verdict === 'PASS');
      if (verdict === 'UNKNOWN')
        expect(answer).toMatchObject({ reasonCode: 'open-reading', reason: expect.stringContaining(name) });
    },
  );
});

describe('checkSubset', () => {
  it('names the facts that a proof rests on', () => {
    const facts = CASES.FACTS.filter(([, , , verdict]) => verdict === 'PASS');
    for (const [, candidate, reference] of facts)
      expect(check(candidate, reference).assumptions).not.toHaveLength(0);
    expect(check(policy(allow('s3:Get*')), policy(allow('s3:*'))).assumptions).toEqual([]);
  });

  it('prefers a witness that some service knows', () => {
    const { witness } = check(policy(allow('s3:*')), policy(allow('s3:Get*')));
    expect(witness).toMatchObject({ hypothetical: false, action: expect.stringMatching(/^s3:(?!Get)/) });
  });

  it('says when no catalogue knows the action of a witness', () => {
    const { verdict, witness } = check(policy(allow('s3:GetObject*x')), policy(allow('s3:GetObject')));
    expect(verdict).toBe('FAIL');
    expect(witness?.hypothetical).toBe(true);
  });

  it('finds the same actions again in statements that are cut otherwise, and the one that is gone', () => {
    const actions = Array.from({ length: 400 }, (_, i) => `s${i % 9}:Action${i}`);
    const apart = (part: (i: number) => number) =>
      Array.from({ length: 40 }, (_, k) => allow(actions.filter((_, i) => part(i) === k)));
    const crosswise = apart((i) => i % 40);
    const inOrder = apart((i) => Math.floor(i / 10));
    const cuts = [[allow(actions)], crosswise, inOrder];
    for (const one of cuts)
      for (const other of cuts) expect(check(policy(...one), policy(...other)).verdict).toBe('PASS');
    const answer = check(policy(...inOrder), policy(...crosswise.slice(0, -1)));
    expect(answer).toMatchObject({
      verdict: 'FAIL',
      witness: { action: expect.stringMatching(/^s\d:action(39|79|[1-3]\d9)$/i) },
    });
  });

  it('does not look at statements of other services, and does at those of all', () => {
    const many = Array.from({ length: 50 }, (_, i) => allow(`x${i}:*`));
    for (const one of [
      allow('*:GetObject'),
      allow('s?:Get*'),
      { ...allow('*'), Action: undefined, NotAction: 'ec2:*' },
    ])
      expect(check(policy(allow('s3:GetObject')), policy(...many, one)).verdict).toBe('PASS');
    expect(check(policy(allow('s3:GetObject')), policy(...many)).verdict).toBe('FAIL');
  });

  it('is done with patterns of thousands of wildcards, right or unknown', () => {
    const stars = (n: number, end: string) => policy(allow(`s3:${'*a'.repeat(n)}${end}`));
    expect(check(stars(999, '*b'), stars(1_000, '')).verdict).not.toBe('PASS');
    expect(check(stars(200, '*a'), stars(200, '*')).verdict).toBe('PASS');
    expect(
      check(policy(allow(`s3:${'?'.repeat(2_000)}`)), policy(allow(`s3:${'*?'.repeat(1_000)}`))).verdict,
    ).toBe('PASS');
  });

  it('takes several documents of a side together', () => {
    const [all, no] = [policy(allow('s3:*')), policy(deny('s3:Put*'))].map((written) =>
      parsePolicy(written, 'identity'),
    );
    if (all === undefined || no === undefined) throw new Error('two documents were written');
    expect(checkSubset({ candidate: [all, no], reference: [all], policyType: 'identity', now }).verdict).toBe(
      'PASS',
    );
    expect(checkSubset({ candidate: [all], reference: [all, no], policyType: 'identity', now }).verdict).toBe(
      'FAIL',
    );
  });

  it.each([
    ['nodes', { nodes: 3 }, now, 'budget-nodes'],
    ['time', { budgetMs: 5 }, ticking(), 'budget-time'],
  ] as const)('is UNKNOWN when its %s are used up', (_, options, clock, code) => {
    const [candidate, reference] = [
      policy(allow('s3:*')),
      policy(allow('s3:a'), allow('s3:b'), allow('s3:c')),
    ].map((written) => [parsePolicy(written, 'identity')]);
    const answer = checkSubset({
      candidate: candidate ?? [],
      reference: reference ?? [],
      policyType: 'identity',
      options,
      now: clock,
    });
    expect(answer).toMatchObject({ verdict: 'UNKNOWN', reasonCode: code });
  });

  it('finds a request beyond thousands of statements', () => {
    const many = policy(...Array.from({ length: 2_000 }, (_, i) => allow('s3:Get*', `arn:aws:s3:::b${i}/*`)));
    expect(check(policy(allow('s3:GetObject')), many).verdict).toBe('FAIL');
    expect(check(policy(allow('s3:GetObject', 'arn:aws:s3:::b1999/x')), many).verdict).toBe('PASS');
  });

  it('compares resources as plain text when asked to', () => {
    const [candidate, reference] = [
      policy(allow('sqs:*', 'arn:aws:sqs:r:1:q')),
      policy(allow('sqs:*', 'arn:aws:sqs:*q')),
    ].map((written) => [parsePolicy(written, 'identity')]);
    const question = {
      candidate: candidate ?? [],
      reference: reference ?? [],
      policyType: 'identity',
      now,
    } as const;
    expect(checkSubset({ ...question, options: { arns: 'string' } }).verdict).toBe('PASS');
    expect(checkSubset(question).verdict).toBe('FAIL');
    const turned = { ...question, candidate: question.reference, reference: question.candidate };
    expect(checkSubset({ ...turned, options: { arns: 'string' } }).verdict).toBe('FAIL');
  });
});

function ticking(): () => number {
  let ms = 0;
  return () => {
    ms += 10;
    return ms;
  };
}

describe('checkUsagePreserved', () => {
  const before = [
    parsePolicy(
      policy(allow('s3:*', 'arn:aws:s3:::b/*', { Bool: { 'aws:SecureTransport': 'true' } })),
      'identity',
    ),
  ];
  const request = {
    action: 's3:GetObject',
    resource: 'arn:aws:s3:::b/k',
    principal: 'arn:aws:iam::111111111111:role/r',
  };

  it.each([
    [
      'the same condition',
      allow('s3:GetObject', 'arn:aws:s3:::b/*', { Bool: { 'aws:SecureTransport': 'true' } }),
      'PASS',
    ],
    ['a looser condition', allow('s3:Get*'), 'PASS'],
    ['another action', allow('s3:PutObject'), 'FAIL'],
    ['another key', allow('s3:GetObject', 'arn:aws:s3:::b/other'), 'FAIL'],
    ['a condition more', allow('s3:GetObject', '*', { StringEquals: { 'aws:SourceVpc': 'vpc-1' } }), 'FAIL'],
    [
      'a condition on the caller',
      allow('s3:GetObject', '*', { StringEquals: { 'aws:PrincipalAccount': '111111111111' } }),
      'PASS',
    ],
    [
      'a condition on another caller',
      allow('s3:GetObject', '*', { StringEquals: { 'aws:PrincipalAccount': '222222222222' } }),
      'FAIL',
    ],
  ])('%s', (_, statement, verdict) => {
    const after = [parsePolicy(policy(statement), 'identity')];
    const answer = checkUsagePreserved({ request, before, after, policyType: 'identity', now });
    expect(answer.verdict).toBe(verdict);
    if (answer.witness === undefined) return;
    expect(decideDocuments(answer.witness, before, 'identity').decision).toBe('Allowed');
  });

  it('takes an unknown resource as any', () => {
    const after = [parsePolicy(policy(allow('s3:*', 'arn:aws:s3:::b/x*')), 'identity')];
    const anywhere = { action: 's3:GetObject' };
    expect(
      checkUsagePreserved({ request: anywhere, before, after, policyType: 'identity', now }).verdict,
    ).toBe('FAIL');
  });
});
