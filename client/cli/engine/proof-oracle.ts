import { type PolicyDocument, PolicyError } from '../../../domain/iam/document.js';
import { parsePolicy } from '../../../domain/iam/parse.js';
import { checkSubset, checkUsagePreserved } from '../../../domain/iam/subset/check.js';
import { readUsage } from '../../../domain/usage/log.js';
import type { Question } from '../../../domain/verify/certificate.js';
import type { Oracle } from '../../../domain/verify/sizing.js';

/**
 * The engine as the verifier sees it: it may suggest proofs, which are then checked without it, and it knows which
 * IAM actions the calls of a log ask for.
 */
export function engineOracle(): Oracle {
  const parsed = new WeakMap<object, readonly PolicyDocument[]>();
  const parse = (documents: unknown): readonly PolicyDocument[] => {
    const list: readonly unknown[] = Array.isArray(documents) ? documents : [documents];
    const known = parsed.get(list);
    if (known !== undefined) return known;
    const made = list.map((document) => parsePolicy(document, 'identity'));
    parsed.set(list, made);
    return made;
  };
  return {
    askedBy: (item) => readUsage([item]).calls[0]?.pairs ?? [],
    prove(question) {
      try {
        return certificateOf(question, parse);
      } catch (error) {
        // Documents that the engine refuses have no proof; the verifier says so.
        if (error instanceof PolicyError) return undefined;
        throw error;
      }
    },
  };
}

function certificateOf(
  { reference, candidate, asked }: Question,
  parse: (documents: unknown) => readonly PolicyDocument[],
): unknown {
  const now = (): number => performance.now();
  const [before, after] = [parse(candidate), parse(reference)];
  return asked === undefined
    ? checkSubset({ reference: after, candidate: before, policyType: 'identity', now }).certificate
    : checkUsagePreserved({ request: asked, before, after, policyType: 'identity', now }).certificate;
}
