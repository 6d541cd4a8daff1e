import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PolicyType } from '../../../domain/iam/document.js';
import { parsePolicy } from '../../../domain/iam/parse.js';
import {
  bindCertificate,
  type Certificate,
  type CertificateNode,
} from '../../../domain/iam/subset/certificate.js';
import { checkSubset, type SubsetAnswer } from '../../../domain/iam/subset/check.js';
import { FACTS } from '../../../domain/iam/subset/facts.js';
import { checkCertificate } from '../../../domain/verify/certificate.js';
import { Refusal } from '../../../domain/verify/values.js';
import { verifyAnswer } from '../../../domain/verify/verify.js';
import { ALL_CASES } from '../iam-subset/cases.js';
import { identityPolicy } from '../iam-subset/policies.js';
import { allow, deny, policy, type Written } from '../iam-subset/statements.js';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

function check(candidate: Written, reference: Written, policyType: PolicyType = 'identity'): SubsetAnswer {
  const parse = (written: Written) => [parsePolicy(written, policyType)];
  const options = { nodes: 3_000 };
  return checkSubset({
    candidate: parse(candidate),
    reference: parse(reference),
    policyType,
    options,
    now: () => 0,
  });
}

function verify(
  certificate: unknown,
  candidate: Written,
  reference: Written,
  policyType = 'identity',
): boolean {
  try {
    checkCertificate(certificate, { candidate, reference, policyType });
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

describe('the verifier', () => {
  it.each(ALL_CASES.filter(([, , , verdict]) => verdict === 'PASS').map((one) => [one[0], one] as const))(
    'accepts the proof of: %s',
    (_, [, candidate, reference, , type]) => {
      const { certificate } = check(candidate, reference, type);
      expect(verify(JSON.parse(JSON.stringify(certificate)), candidate, reference, type)).toBe(true);
    },
  );

  it('accepts the proofs of random policies', () => {
    fc.assert(
      fc.property(identityPolicy, identityPolicy, (p, more) => {
        const denies = more.Statement.filter(({ Effect }) => Effect === 'Deny');
        const narrower = { ...p, Statement: [...p.Statement, ...denies] };
        const { certificate } = check(narrower, p);
        expect(verify(certificate, narrower, p)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('accepts no proof for documents whose inclusion has a counterexample', () => {
    fc.assert(
      fc.property(identityPolicy, identityPolicy, mutation, (p, q, mutate) => {
        const other = check(p, q);
        if (other.verdict !== 'FAIL') return;
        for (const { certificate } of [check(p, p), check(q, q)]) {
          if (certificate === undefined) continue;
          expect(verify(certificate, p, q)).toBe(false);
          expect(verify(mutate(certificate), p, q)).toBe(false);
        }
      }),
      { numRuns: 600 },
    );
  });

  it('accepts no certificate in which a needed leaf was changed', () => {
    const [candidate, reference] = [
      policy(allow('s3:Get*'), allow('sqs:*', 'arn:aws:sqs:r:1:q')),
      policy(allow(['s3:*', 'sqs:*'])),
    ];
    const { certificate } = check(candidate, reference);
    if (certificate === undefined) throw new Error('the pair has a proof');
    expect(verify(certificate, candidate, reference)).toBe(true);
    for (const [o, { nodes }] of certificate.obligations.entries()) {
      for (const [n, node] of nodes.entries()) {
        // Where one literal is impossible by itself, that the statement does not match may be true as well.
        if (Array.isArray(node) && node.length === 1) continue;
        const wrong: CertificateNode[] =
          node === -1
            ? [-2, []]
            : node === -2
              ? [-1, []]
              : typeof node === 'number'
                ? [-1, -2, 99]
                : [-1, -2, []];
        for (const instead of wrong)
          expect(verify(replaced(certificate, o, n, instead), candidate, reference)).toBe(false);
      }
    }
    expect(
      verify({ ...certificate, obligations: certificate.obligations.slice(1) }, candidate, reference),
    ).toBe(false);
    expect(verify({ ...certificate, format: 'other' }, candidate, reference)).toBe(false);
  });
});

function replaced(
  certificate: Certificate,
  obligation: number,
  at: number,
  instead: CertificateNode,
): Certificate {
  const obligations = certificate.obligations.map((each, o) =>
    o !== obligation ? each : { ...each, nodes: each.nodes.map((node, n) => (n === at ? instead : node)) },
  );
  return { ...certificate, obligations };
}

/** Ways to spoil a certificate so that its leaves claim more than they may. */
const mutation: fc.Arbitrary<(certificate: Certificate) => unknown> = fc.constantFrom(
  (c: Certificate) => ({ ...c, obligations: c.obligations.map((each) => ({ ...each, nodes: [-1] })) }),
  (c: Certificate) => ({ ...c, obligations: c.obligations.map((each) => ({ ...each, nodes: [-2] })) }),
  (c: Certificate) => ({ ...c, obligations: c.obligations.map((each) => ({ ...each, nodes: [[]] })) }),
  (c: Certificate) => ({
    ...c,
    obligations: c.obligations.map((each) => ({ ...each, nodes: [[0, 1, 'principal-arn']] })),
  }),
  (c: Certificate) => withLeaves(c, () => -2),
  (c: Certificate) => withLeaves(c, () => -1),
  (c: Certificate) => withLeaves(c, () => [0, 1, 2, 3]),
  (c: Certificate) => withLeaves(c, () => [1]),
);

function withLeaves(certificate: Certificate, leaf: () => CertificateNode): unknown {
  const obligations = certificate.obligations.map((each) => ({
    ...each,
    nodes: each.nodes.map((node) => (typeof node === 'number' && node >= 0 ? node : leaf())),
  }));
  return { ...certificate, obligations };
}

/** A bug of the engine, as the documents that a wrong engine would have taken these for. */
const BUGS: readonly (readonly [
  name: string,
  candidate: Written,
  reference: Written,
  seen: readonly [Written, Written],
])[] = [
  [
    'a Deny of the reference is overlooked',
    policy(allow('s3:*')),
    policy(allow('s3:*'), deny('s3:Put*')),
    [policy(allow('s3:*')), policy(allow('s3:*'))],
  ],
  [
    'a condition of the reference is overlooked',
    policy(allow('s3:*')),
    policy(allow('s3:*', '*', { Bool: { 'aws:SecureTransport': 'true' } })),
    [policy(allow('s3:*')), policy(allow('s3:*'))],
  ],
  [
    'a negation is overlooked',
    policy(allow('s3:*', '*', { StringNotEquals: { 'a:b': 'x' } })),
    policy(allow('s3:*', '*', { StringEquals: { 'a:b': 'x' } })),
    [
      policy(allow('s3:*', '*', { StringEquals: { 'a:b': 'x' } })),
      policy(allow('s3:*', '*', { StringEquals: { 'a:b': 'x' } })),
    ],
  ],
  [
    'a missing key is overlooked',
    policy(allow('s3:*', '*', { StringEqualsIfExists: { 'a:b': 'x' } })),
    policy(allow('s3:*', '*', { StringEquals: { 'a:b': 'x' } })),
    [
      policy(allow('s3:*', '*', { StringEquals: { 'a:b': 'x' } })),
      policy(allow('s3:*', '*', { StringEquals: { 'a:b': 'x' } })),
    ],
  ],
  [
    'a wildcard is taken to cross fields',
    policy(allow('sqs:*', 'arn:aws:sqs:r:1:q')),
    policy(allow('sqs:*', 'arn:aws:sqs:*:q')),
    [policy(allow('sqs:*', 'arn:aws:sqs:r:1:q')), policy(allow('sqs:*', 'arn:aws:sqs:*'))],
  ],
  [
    'a network is taken to be wider',
    policy(allow('s3:*', '*', { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } })),
    policy(allow('s3:*', '*', { IpAddress: { 'aws:SourceIp': '10.0.0.0/9' } })),
    [
      policy(allow('s3:*', '*', { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } })),
      policy(allow('s3:*', '*', { IpAddress: { 'aws:SourceIp': '10.0.0.0/7' } })),
    ],
  ],
  [
    'an end of a range is taken to be within it',
    policy(allow('s3:*', '*', { NumericLessThanEquals: { 'a:n': '9' } })),
    policy(allow('s3:*', '*', { NumericLessThan: { 'a:n': '9' } })),
    [
      policy(allow('s3:*', '*', { NumericLessThanEquals: { 'a:n': '9' } })),
      policy(allow('s3:*', '*', { NumericLessThanEquals: { 'a:n': '9' } })),
    ],
  ],
  [
    'a statement of the candidate is overlooked',
    policy(allow('s3:Get*'), allow('ec2:*')),
    policy(allow('s3:*')),
    [policy(allow('s3:Get*')), policy(allow('s3:*'))],
  ],
  [
    'all of a set is taken for any of it',
    policy(allow('s3:*', '*', { 'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' } })),
    policy(allow('s3:*', '*', { 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'a' } })),
    [
      policy(allow('s3:*', '*', { 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'a' } })),
      policy(allow('s3:*', '*', { 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'a' } })),
    ],
  ],
];

describe('the verifier finds a wrong engine out', () => {
  it.each(BUGS)('when %s', (_, candidate, reference, [seenCandidate, seenReference]) => {
    expect(check(candidate, reference).verdict).toBe('FAIL');
    const { certificate } = check(seenCandidate, seenReference);
    expect(verify(certificate, seenCandidate, seenReference)).toBe(true);
    expect(verify(certificate, candidate, reference)).toBe(false);
  });
});

describe('verifyAnswer', () => {
  const [candidate, reference] = [policy(allow('s3:Get*')), policy(allow('s3:*'))];
  const inputs = { candidate, reference, policyType: 'identity' };
  const { certificate: unbound, ...rest } = check(candidate, reference);
  if (unbound === undefined) throw new Error('the pair has a proof');
  const answer = { ...rest, certificate: bindCertificate(unbound, { candidate, reference }, digest) };

  it('takes the documents from outside and refuses other ones', () => {
    expect(
      verifyAnswer(answer, { ...inputs, reference: policy(allow('s3:GetObject')) }, digest, FACTS).valid,
    ).toBe(false);
    expect(verifyAnswer(answer, { candidate, policyType: 'identity' }, digest, FACTS)).toMatchObject({
      valid: false,
      reason: expect.stringContaining('reference'),
    });
  });

  it('refuses what is not bound to its inputs, or was altered', () => {
    const { inputs: _, ...unnamed } = answer.certificate;
    const { digest: __, ...open } = answer.certificate;
    for (const certificate of [
      unnamed,
      open,
      { ...answer.certificate, inputs: {} },
      { ...answer.certificate, extra: 1 },
    ])
      expect(verifyAnswer({ ...answer, certificate }, inputs, digest, FACTS)).toMatchObject({
        valid: false,
        reason: expect.stringContaining('digest'),
      });
  });

  it.each([
    [null],
    [7],
    ['x'],
    [{}],
    [{ format: 'curtail-subset/1' }],
    [{ format: 'curtail-subset/1', atoms: [], obligations: [7] }],
  ])('refuses %j', (certificate) => {
    expect(verifyAnswer(certificate, inputs, digest, FACTS).valid).toBe(false);
  });

  it('refuses a tree that is too deep to be walked', () => {
    const deep = {
      ...answer.certificate,
      obligations: [{ statement: 'c0.0', nodes: new Array(300_000).fill(0) }],
    };
    expect(verifyAnswer(deep, inputs, digest, FACTS).valid).toBe(false);
  });

  it('refuses an answer that is no PASS', () => {
    expect(verifyAnswer({ ...answer, verdict: 'UNKNOWN' }, inputs, digest, FACTS).valid).toBe(false);
  });
});
