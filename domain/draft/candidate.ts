import type { Change } from '../change/change.js';
import type { Proof, Witness } from '../proof/proof.js';
import { assemble, cloudRefusal } from './assemble.js';
import { isChangeList } from './change-list.js';
import { openCase } from './draft.js';
import type { DraftInput, Plan } from './model.js';

/** A candidate that passed the same proof as the engine's own drafts, or why it did not. */
export type CandidateResult =
  | { kind: 'proved'; proof: Proof }
  | { kind: 'refused'; reasonCode: string; reason: string; witness?: Witness };

/**
 * Proves changes that somebody else offers, a model for instance. They are shown only when all obligations hold;
 * a wider candidate is refused with a request that it would newly allow.
 */
export function proveCandidate(input: DraftInput & { candidate: readonly Change[] }): CandidateResult {
  if (!isChangeList(input.candidate)) {
    return { kind: 'refused', reasonCode: 'malformed', reason: 'The candidate is no list of changes.' };
  }
  if (input.candidate.length === 0) {
    return { kind: 'refused', reasonCode: 'empty', reason: 'The candidate changes nothing.' };
  }
  const the = openCase(input);
  const refusal = cloudRefusal(the, input.candidate);
  if (refusal !== undefined) return { kind: 'refused', reasonCode: 'cloud-limits', reason: refusal };
  const plan: Plan = {
    kind: 'plan',
    changes: input.candidate,
    removed: [],
    kept: [],
    justification: [],
    usedHighRisk: [],
    blindSpots: [],
  };
  const { proof } = assemble(the, plan);
  if (proof.verdict === 'proved' || proof.verdict === 'partial') return { kind: 'proved', proof };
  const wider = proof.noNewAccess.find((each) => each.verdict !== 'PASS');
  if (wider !== undefined) {
    return {
      kind: 'refused',
      reasonCode: wider.verdict === 'FAIL' ? 'wider' : 'undecided',
      reason: `The candidate is not shown to be a reduction for ${wider.of}: ${wider.reason}`,
      ...(wider.witness === undefined ? {} : { witness: wider.witness }),
    };
  }
  const lost = proof.usage?.newlyDenied[0];
  return {
    kind: 'refused',
    reasonCode: 'usage-lost',
    reason:
      lost === undefined
        ? 'The candidate could not be proved.'
        : `The candidate would deny ${lost.action}, which ${lost.principal} used ${lost.count} times.`,
  };
}
