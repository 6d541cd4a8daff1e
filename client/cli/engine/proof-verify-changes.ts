import { z } from 'zod';
import { proofInputs } from '../../../domain/draft/assemble.js';
import { isChangeList } from '../../../domain/draft/change-list.js';
import { openCase } from '../../../domain/draft/draft.js';
import type { DraftInput } from '../../../domain/draft/model.js';
import { type Verification, verifyDraftProof } from '../../../domain/draft/verify.js';
import { PolicyError } from '../../../domain/iam/document.js';
import { isRecord } from '../../../domain/json.js';
import type { Proof } from '../../../domain/proof/proof.js';
import { sha256 } from './digest.js';
import { draftInputOf } from './draft.js';
import { pathsFixInputOf } from './paths-fix.js';

type Raw = Readonly<Record<string, unknown>>;

/** As much of a draft's proof as its verification reads. */
const ProofShape = z.looseObject({
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
  blindSpots: z.array(z.string()),
  inputs: z.record(z.string(), z.string()),
  engine: z.string(),
  catalogue: z.string(),
});

/** Verifies the proof of changes to an account, from the line that was asked or from the parts that its digests name. */
export function verifyChanges(written: Raw, inputs: Raw): Verification {
  const shape = ProofShape.safeParse(written);
  if (!shape.success) return { valid: false, reason: 'this is no proof of a draft' };
  const proof = shape.data as unknown as Proof;
  if (proof.verdict === 'unproven' || proof.verdict === 'broken')
    return { valid: false, reason: `the proof says of itself that it is ${proof.verdict}` };
  try {
    const parts =
      Array.isArray(inputs['usage']) || inputs['usage'] === undefined ? partsOf(inputs, proof) : inputs;
    return verifyDraftProof({ proof, inputs: parts }, { now: () => performance.now(), digest: sha256 });
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return { valid: false, reason: `the inputs cannot be read: ${error.message}` };
  }
}

/** What a line asked, as the parts that a proof of changes names. @throws PolicyError */
function partsOf(line: Raw, proof: Proof): Raw {
  const { changes, change } = line;
  const listed = changes ?? (Array.isArray(change) ? change : [change]);
  if (!isChangeList(listed)) return line;
  const window = isRecord(proof.usage)
    ? { fromIso: proof.usage.fromIso, toIso: proof.usage.toIso }
    : undefined;
  const input: DraftInput = 'finding' in line ? draftInputOf(line, window) : pathsFixInputOf(line, window);
  return proofInputs(openCase(input), listed);
}
