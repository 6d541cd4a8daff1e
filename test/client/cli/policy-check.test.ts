import { describe, expect, it } from '@jest/globals';
import { policyCheck } from '../../../client/cli/engine/policy-check.js';
import { PolicyError } from '../../../domain/iam/document.js';

function doc(Action: string): unknown {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] };
}

function defined(name: string, policies: unknown) {
  return new Map([[name, { policies, parsed: new Map<string, unknown>() }]]);
}

describe('policy check', () => {
  it('proves that a narrower policy allows nothing new, and says how long it took', () => {
    const answer = policyCheck({
      policyType: 'identity',
      reference: doc('s3:*'),
      candidate: [doc('s3:Get*')],
    });
    expect(answer.verdict).toBe('PASS');
    expect(answer.ms).toBeGreaterThanOrEqual(0);
  });

  it('shows a request that a wider policy allows', () => {
    const answer = policyCheck({ policyType: 'identity', reference: doc('s3:Get*'), candidate: doc('s3:*') });
    expect(answer.verdict).toBe('FAIL');
    expect(answer.witness?.action).toMatch(/^s3:(?!Get)/);
  });

  it('takes a named reference, or a named pair', () => {
    const line = { policyType: 'identity', use: 'r' };
    expect(policyCheck({ ...line, candidate: doc('s3:GetObject') }, defined('r', doc('s3:*'))).verdict).toBe(
      'PASS',
    );
    expect(policyCheck(line, defined('r', { reference: doc('s3:*'), candidate: doc('sqs:*') })).verdict).toBe(
      'FAIL',
    );
  });

  it.each<[string, unknown, string, string]>([
    ['no candidate', { policyType: 'identity', reference: doc('s3:*') }, 'InvalidInput', ''],
    [
      'an unknown type',
      { policyType: 'user', reference: doc('s3:*'), candidate: doc('s3:*') },
      'InvalidInput',
      '/policyType',
    ],
    [
      'a malformed document',
      { policyType: 'identity', reference: [doc('s3:*'), doc('s3')], candidate: doc('s3:*') },
      'InvalidAction',
      '/reference/1/Statement/0/Action',
    ],
    [
      'a budget that is none',
      { policyType: 'identity', reference: [], candidate: [], options: { budgetMs: -1 } },
      'InvalidInput',
      '/options/budgetMs',
    ],
  ])('refuses %s', (_what, line, type, pointer) => {
    expect.assertions(2);
    try {
      policyCheck(line);
    } catch (error) {
      expect(error).toBeInstanceOf(PolicyError);
      expect(error).toMatchObject({ type, pointer });
    }
  });
});
