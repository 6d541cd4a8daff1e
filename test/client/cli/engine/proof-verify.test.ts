import { describe, expect, it } from '@jest/globals';
import { policyRightsize, sha256 } from '../../../../client/cli/engine/policy-rightsize.js';
import { proofVerify } from '../../../../client/cli/engine/proof-verify.js';
import { rightsizeInputs } from '../../../../domain/iam/rightsize/rightsize.js';
import { readUsage } from '../../../../domain/usage/log.js';
import { DEFAULT_LOGGING } from '../../../../domain/usage/logging.js';

const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sqs:*', Resource: '*' }] };
const policies = [{ name: 'inline', managed: 'inline' as const, document }];
const usage = [{ action: 'sqs:ListQueues', count: 3, lastUsed: '2026-05-01', outcome: 'ok' }, 7];

function sized() {
  const { proof, policies: result } = policyRightsize({
    policies,
    usage,
    window: { from: '2026-01-01', to: '2026-07-01' },
  });
  const inputs = rightsizeInputs(
    {
      policies,
      usage: readUsage(usage),
      window: { fromIso: '2026-01-01', toIso: '2026-07-01' },
      options: { resources: 'prefix', logging: DEFAULT_LOGGING, keepDependent: true },
      now: () => 0,
      digest: sha256,
    },
    result,
  );
  return { proof, inputs };
}

describe('curtail proof verify', () => {
  it('does a right-sizing again from its inputs', () => {
    expect(proofVerify(sized())).toMatchObject({ valid: true });
  });

  it.each<[string, (given: ReturnType<typeof sized>) => unknown, string]>([
    [
      'another result',
      ({ proof, inputs }) => ({ proof, inputs: { ...inputs, result: policies } }),
      'not the one',
    ],
    [
      'another count',
      ({ proof, inputs }) => ({ inputs, proof: { ...proof, usage: { ...proof.usage, replayed: 9 } } }),
      'obligations',
    ],
    ['no digests', ({ proof: { digests: _, ...proof }, inputs }) => ({ proof, inputs }), 'names no inputs'],
  ])('refuses %s', (_, tamper, words) => {
    const answer = proofVerify(tamper(sized()));
    expect(answer.valid).toBe(false);
    expect(answer.reason).toContain(words);
  });

  it('points at what is not a proof', () => {
    expect(() => proofVerify({ proof: {}, inputs: {} })).toThrow(
      expect.objectContaining({ pointer: expect.stringContaining('/proof') }),
    );
  });
});
