import { z } from 'zod';
import { FACTS } from '../../../domain/iam/subset/facts.js';
import { isRecord } from '../../../domain/json.js';
import { type Verification, verifyAnswer, verifySizing } from '../../../domain/verify/verify.js';
import { sha256 } from './digest.js';
import { checkShape } from './input.js';
import { engineOracle } from './proof-oracle.js';
import { verifyChanges } from './proof-verify-changes.js';

type Raw = Readonly<Record<string, unknown>>;
const LineShape = z.object({
  proof: z.record(z.string(), z.unknown()),
  inputs: z.record(z.string(), z.unknown()),
});

const EXPECTED =
  '{"proof": what policy check, policy rightsize, draft or paths fix answered, "inputs": what it was asked}';

/**
 * `curtail proof verify`: whether a proof follows from its inputs, which may be the line that was asked. What `policy
 * check` and `policy rightsize` prove goes to the verifier that shares nothing with the engine; the proof of a draft
 * or of a broken path is computed again.
 * @throws PolicyError pointing into the line
 */
export function proofVerify(line: unknown): Verification {
  const shape = checkShape(LineShape, line, EXPECTED);
  const { proof, inputs } = taken(shape.proof, shape.inputs);
  if (isRecord(proof['digests'])) return verifySizing(proof, inputs, engineOracle(), sha256);
  if (isRecord(proof['inputs']) && proof['format'] === undefined) return verifyChanges(proof, inputs);
  return verifyAnswer(proof, inputs, sha256, FACTS);
}

/** An answer holds its proof beside what was proved, which then is one of the inputs. */
function taken(answer: Raw, inputs: Raw): { proof: Raw; inputs: Raw } {
  const { proof, policies, change } = answer;
  if (!isRecord(proof)) return { proof: answer, inputs };
  return {
    proof,
    inputs: {
      ...(policies === undefined ? {} : { result: policies }),
      ...(change == null ? {} : { changes: Array.isArray(change) ? change : [change] }),
      ...inputs,
    },
  };
}
