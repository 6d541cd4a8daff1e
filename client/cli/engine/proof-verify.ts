import { z } from 'zod';
import { type Verification, verifyDraftProof, versionFault } from '../../../domain/draft/verify.js';
import type { RightsizeResult } from '../../../domain/iam/rightsize/model.js';
import { rightsizeFault } from '../../../domain/iam/rightsize/verify.js';
import { isRecord } from '../../../domain/json.js';
import type { Proof } from '../../../domain/proof/proof.js';
import { verifyAnswer } from '../../../domain/verify/verify.js';
import { checkShape } from './input.js';
import { sha256 } from './policy-rightsize.js';

const Digests = z.record(z.string(), z.string());
const LineShape = z.object({
  proof: z.looseObject({
    verdict: z.enum(['proved', 'partial', 'unproven', 'broken']),
    noNewAccess: z.array(
      z.looseObject({
        of: z.string(),
        verdict: z.enum(['PASS', 'FAIL', 'UNKNOWN']),
        method: z.enum(['subset', 'setting']),
        reasonCode: z.string(),
      }),
    ),
    usage: z.unknown(),
    paths: z.unknown().optional(),
    blindSpots: z.array(z.string()).default([]),
    /** Of a draft. */
    inputs: Digests.optional(),
    /** Of `curtail policy rightsize`. */
    digests: Digests.optional(),
    engine: z.string(),
    catalogue: z.string(),
  }),
  inputs: z.record(z.string(), z.unknown()),
});

const EXPECTED = '{"proof": as policy check, draft or policy rightsize gives it, "inputs": {name: JSON}}';

/**
 * `curtail proof verify`: whether a proof follows from its inputs. The certificate of a `policy check` goes to the
 * verifier that shares nothing with the engine; the proof of a draft or a right-sizing is computed again.
 * @throws PolicyError pointing into the line
 */
export function proofVerify(line: unknown): Verification {
  if (
    isRecord(line) &&
    isRecord(line['proof']) &&
    ('certificate' in line['proof'] || 'format' in line['proof'])
  ) {
    return verifyAnswer(line['proof'], line['inputs'], sha256);
  }
  const { proof, inputs } = checkShape(LineShape, line, EXPECTED);
  const prover = { now: () => performance.now(), digest: sha256 };
  if (proof.inputs !== undefined) {
    return verifyDraftProof({ proof: proof as unknown as Proof, inputs }, prover);
  }
  if (proof.digests === undefined) {
    return { valid: false, reason: 'the proof names no inputs, so nothing binds it to anything' };
  }
  const sized = { ...proof, inputs: proof.digests } as unknown as RightsizeResult['proof'];
  const fault = versionFault(proof) ?? rightsizeFault({ proof: sized, inputs }, prover);
  return fault === undefined
    ? {
        valid: true,
        reason: `right-sizing the inputs again gives the same policies and the same obligations: ${proof.verdict}`,
      }
    : { valid: false, reason: fault };
}
