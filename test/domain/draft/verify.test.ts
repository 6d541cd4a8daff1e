import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { proofInputs } from '../../../domain/draft/assemble.js';
import { draftFix, openCase } from '../../../domain/draft/draft.js';
import { verifyDraftProof } from '../../../domain/draft/verify.js';
import { canonicalJson } from '../../../domain/json.js';
import type { Proof } from '../../../domain/proof/proof.js';
import { ADMIN, allow, BUCKET, bucket, documentOf, draftOf, inputOf, ROLE, role, used } from './support.js';

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
const prover = { now: () => performance.now(), digest };
const LAMBDA = ['iam:PassRole', 'lambda:CreateFunction', 'lambda:InvokeFunction', 's3:GetObject'];
const everybody = documentOf(allow('s3:GetObject', `${BUCKET}/*`, { Principal: '*' }));
const account = {
  RoleDetailList: [
    role(ROLE, { inline: documentOf(allow(LAMBDA)) }),
    role(ADMIN, { all: documentOf(allow('*')) }),
  ],
  resources: [bucket({ policy: everybody, public: true })],
};
const usage = [
  used(ROLE, 's3:GetObject', 'arn:aws:s3:::b/in/1'),
  used(ADMIN, 'ec2:RunInstances'),
  'malformed',
];

function drafted(kind: 'escalation-path' | 'public-data') {
  const input = inputOf(kind, account, usage, { digest });
  const { proof, changes } = draftOf(draftFix(input));
  return JSON.parse(JSON.stringify({ proof, inputs: proofInputs(openCase(input), changes) })) as {
    proof: Proof;
    inputs: Record<string, unknown>;
  };
}

describe('verifying a proof', () => {
  it.each(['escalation-path', 'public-data'] as const)('of a fix for %s computes it again', (kind) => {
    expect(verifyDraftProof(drafted(kind), prover)).toMatchObject({ valid: true });
  });

  type Given = ReturnType<typeof drafted>;
  const rebound = (given: Given, name: string, value: unknown): Given => ({
    inputs: { ...given.inputs, [name]: value },
    proof: { ...given.proof, inputs: { ...given.proof.inputs, [name]: digest(canonicalJson(value)) } },
  });

  it.each<[string, (given: Given) => Given, string]>([
    [
      'another usage',
      (given) => ({ ...given, inputs: { ...given.inputs, usage: { rows: [], malformed: 0 } } }),
      'not the one',
    ],
    ['a missing input', ({ proof, inputs: { account: _, ...inputs } }) => ({ proof, inputs }), 'is missing'],
    [
      'an input that the proof does not bind',
      ({ proof, inputs }) => ({ inputs, proof: { ...proof, inputs: {} } }),
      'does not name',
    ],
    [
      'a usage that was rewritten together with its digest',
      (given) => rebound(given, 'usage', { rows: [], malformed: 0 }),
      'usage comes out differently',
    ],
    ['a usage of an odd shape', (given) => rebound(given, 'usage', { rows: 7 }), 'shape'],
    [
      'an account that was rewritten together with its digest',
      (given) => rebound(given, 'account', {}),
      'cannot be computed',
    ],
    [
      'changes of an odd shape',
      (given) => rebound(given, 'changes', [{ kind: 'odd', target: {}, before: null, after: null }]),
      'shape',
    ],
    [
      'a nicer verdict',
      ({ proof, inputs }) => ({ inputs, proof: { ...proof, verdict: 'proved' } }),
      'amount to partial',
    ],
    [
      'a claimed PASS',
      ({ proof, inputs }) => ({
        inputs,
        proof: { ...proof, noNewAccess: proof.noNewAccess.map((each) => ({ ...each, of: ADMIN })) },
      }),
      'no new access',
    ],
    [
      'a hidden blind spot',
      ({ proof, inputs }) => ({ inputs, proof: { ...proof, blindSpots: [] } }),
      'does not admit',
    ],
    [
      'an invented closed path',
      ({ proof, inputs }) => ({ inputs, proof: { ...proof, paths: null } }),
      'paths',
    ],
    [
      'another engine',
      ({ proof, inputs }) => ({ inputs, proof: { ...proof, engine: 'other/9' } }),
      'engine other/9',
    ],
  ])('fails for %s', (_, tamper, words) => {
    const result = verifyDraftProof(tamper(drafted('escalation-path')), prover);
    expect(result.valid).toBe(false);
    expect(result.reason).toContain(words);
  });
});
