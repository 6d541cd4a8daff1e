import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PolicyDocument } from '../../../domain/iam/document.js';
import { decideDocuments } from '../../../domain/iam/evaluate.js';
import { parsePolicy } from '../../../domain/iam/parse.js';
import { checkSubset, type SubsetAnswer } from '../../../domain/iam/subset/check.js';
import { identityPolicy, nearRequest } from './policies.js';

const policy = identityPolicy.map((written) => parsePolicy(written, 'identity'));

/** The clock stands still, so that no answer depends on the machine. */
function check(candidate: readonly PolicyDocument[], reference: readonly PolicyDocument[]): SubsetAnswer {
  return checkSubset({
    candidate,
    reference,
    policyType: 'identity',
    options: { nodes: 3_000 },
    now: () => 0,
  });
}

const runs = { numRuns: 400 };

describe('subset of random identity policies', () => {
  it('a policy is within itself', () => {
    fc.assert(
      fc.property(policy, (p) => {
        expect(check([p], [p]).verdict).toBe('PASS');
      }),
      runs,
    );
  });

  it('a policy is within itself and more Allow statements', () => {
    fc.assert(
      fc.property(policy, policy, (p, more) => {
        const allows = more.statements.filter(({ effect }) => effect === 'Allow');
        const wider = { ...more, statements: allows };
        expect(check([p], [p, wider]).verdict).toBe('PASS');
      }),
      runs,
    );
  });

  it('a policy with more Deny statements is within it', () => {
    fc.assert(
      fc.property(policy, policy, (p, more) => {
        const denies = more.statements.filter(({ effect }) => effect === 'Deny');
        expect(check([p, { ...more, statements: denies }], [p]).verdict).toBe('PASS');
      }),
      runs,
    );
  });

  it('inclusion is transitive: it never fails where two steps pass', () => {
    fc.assert(
      fc.property(policy, policy, policy, (a, b, c) => {
        if (check([a], [b]).verdict !== 'PASS' || check([b], [c]).verdict !== 'PASS') return;
        expect(check([a], [c]).verdict).not.toBe('FAIL');
      }),
      runs,
    );
  });

  it('no request near the constants contradicts a PASS', () => {
    fc.assert(
      fc.property(
        policy,
        policy,
        fc.array(nearRequest, { minLength: 30, maxLength: 60 }),
        (p, q, requests) => {
          if (check([p], [q]).verdict !== 'PASS') return;
          for (const request of requests) {
            if (decideDocuments(request, [p], 'identity').decision !== 'Allowed') continue;
            expect({ request, decision: decideDocuments(request, [q], 'identity').decision }).toEqual({
              request,
              decision: 'Allowed',
            });
          }
        },
      ),
      { numRuns: 1_500 },
    );
  });

  it('a FAIL carries a request that the evaluator confirms', () => {
    fc.assert(
      fc.property(policy, policy, (p, q) => {
        const { verdict, witness } = check([p], [q]);
        expect(witness !== undefined).toBe(verdict === 'FAIL');
        if (witness === undefined) return;
        expect(decideDocuments(witness, [p], 'identity').decision).toBe('Allowed');
        expect(decideDocuments(witness, [q], 'identity').decision).not.toBe('Allowed');
      }),
      runs,
    );
  });
});
