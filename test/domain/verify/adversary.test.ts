import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { PolicyError, type PolicyType } from '../../../domain/iam/document.js';
import {
  bindCertificate,
  type Certificate,
  type CertificateNode,
} from '../../../domain/iam/subset/certificate.js';
import { FACTS } from '../../../domain/iam/subset/facts.js';
import { checkCertificate } from '../../../domain/verify/certificate.js';
import { Refusal } from '../../../domain/verify/values.js';
import { verifyAnswer } from '../../../domain/verify/verify.js';
import { checkPair, POLICY_TYPES, pairOf } from '../../campaign/campaign.js';
import { randomPolicy, type WrittenPolicy } from '../../campaign/policies.js';
import { Chance } from '../../campaign/random.js';
import { ENGINE_BUGS } from './engine-bugs.js';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

function isAccepted(
  certificate: unknown,
  candidate: WrittenPolicy,
  reference: WrittenPolicy,
  policyType: PolicyType,
): boolean {
  try {
    checkCertificate(certificate, { candidate, reference, policyType });
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

interface Proved {
  policyType: PolicyType;
  candidate: WrittenPolicy;
  reference: WrittenPolicy;
  certificate: Certificate;
}

/** A pair with a proof that says something. */
function proved(chance: Chance): Proved {
  for (;;) {
    const policyType = chance.pick(POLICY_TYPES);
    const [candidate, reference] = pairOf(chance, policyType);
    const { certificate } = checkPair(candidate, reference, policyType);
    if (certificate?.obligations.some(({ nodes }) => nodes.length > 0) === true)
      return { policyType, candidate, reference, certificate };
  }
}

/** One part of a certificate made another. */
function mutate(certificate: Certificate, chance: Chance): Certificate {
  const copy = structuredClone(certificate) as { -readonly [K in keyof Certificate]: Certificate[K] };
  const atoms = [...copy.atoms];
  const obligations = copy.obligations.map(({ statement, nodes }) => ({ statement, nodes: [...nodes] }));
  const one = chance.pick(obligations);
  const at = chance.below(one.nodes.length);
  const node: CertificateNode | undefined = one.nodes[at];
  const kinds: (() => void)[] = [
    () =>
      one.nodes.splice(
        at,
        1,
        chance.pick<CertificateNode>([-1, -2, [], [0], [1], chance.below(atoms.length + 2)]),
      ),
    () => one.nodes.splice(at, 1),
    () => one.nodes.splice(at, 0, chance.pick([-1, -2, 0])),
    () => obligations.splice(obligations.indexOf(one), 1),
    () => {
      one.statement = chance.pick(['c0.0', 'c0.1', 'c0.2', 'c9.9']);
    },
    () => {
      atoms[chance.below(atoms.length)] = chance.pick([...atoms, 'r0.0.action', 'c0.0.resource', 'nowhere']);
    },
    () => {
      if (typeof node === 'object')
        one.nodes[at] = node.map((each) => (typeof each === 'number' ? each ^ 1 : each));
    },
    () => {
      if (typeof node === 'object')
        one.nodes[at] = [...node.slice(1), chance.pick(['principal-arn', 'vpc-endpoint', 'no-fact'])];
    },
    () => {
      copy.policyType = chance.pick(POLICY_TYPES);
    },
    () => {
      copy.arns = copy.arns === 'typed' ? 'string' : 'typed';
    },
  ];
  chance.pick(kinds)();
  return { ...copy, atoms, obligations };
}

describe('1,000 mutated certificates', () => {
  it('are all refused when the seal was left as it was', () => {
    const chance = new Chance(21);
    let tried = 0;
    while (tried < 1_000) {
      const { policyType, candidate, reference, certificate } = proved(chance);
      const bound = bindCertificate(certificate, { candidate, reference }, digest);
      const inputs = { candidate, reference, policyType };
      expect(verifyAnswer(bound, inputs, digest, FACTS)).toMatchObject({ valid: true });
      for (let i = 0; i < 10; i += 1) {
        const mutant = { ...bound, ...mutate(certificate, chance) };
        if (JSON.stringify(mutant) === JSON.stringify(bound)) continue;
        tried += 1;
        expect(verifyAnswer(mutant, inputs, digest, FACTS).valid).toBe(false);
      }
    }
  });

  it('are all refused for documents whose inclusion does not hold, whatever the seal', () => {
    const chance = new Chance(22);
    let tried = 0;
    while (tried < 1_000) {
      const policyType = chance.pick(POLICY_TYPES);
      const [candidate, reference] = pairOf(chance, policyType);
      if (checkPair(candidate, reference, policyType).verdict !== 'FAIL') continue;
      const both = { ...reference, Statement: [...reference.Statement, ...candidate.Statement] };
      for (const [one, other] of [
        [candidate, candidate],
        [reference, reference],
        [candidate, both],
      ] as const) {
        const { certificate } = checkPair(one, other, policyType);
        if (certificate === undefined || certificate.obligations.every(({ nodes }) => nodes.length === 0))
          continue;
        for (let i = 0; i < 4; i += 1) {
          tried += 1;
          expect(isAccepted(mutate(certificate, chance), candidate, reference, policyType)).toBe(false);
        }
      }
    }
  });
});

describe('engines with a bug', () => {
  it('are more than fifty', () => {
    expect(ENGINE_BUGS.length).toBeGreaterThan(50);
  });

  it.each(ENGINE_BUGS)('give no accepted proof: %s', (_, side, misread) => {
    const chance = new Chance(23);
    let found = 0;
    for (let i = 0; i < 4_000 && found < 3; i += 1) {
      const policyType = chance.pick(POLICY_TYPES);
      const written = randomPolicy(chance, policyType);
      const seen = misread(written);
      if (JSON.stringify(seen) === JSON.stringify(written) || seen.Statement.length === 0) continue;
      const [candidate, reference] = side === 'reference' ? [seen, written] : [written, seen];
      const proof = answered(seen, seen, policyType);
      if (proof?.certificate === undefined || answered(candidate, reference, policyType)?.verdict !== 'FAIL')
        continue;
      found += 1;
      expect({
        candidate,
        reference,
        accepted: isAccepted(proof.certificate, candidate, reference, policyType),
      }).toEqual({ candidate, reference, accepted: false });
    }
    expect(found).toBe(3);
  });
});

/** The engine's answer; undefined for documents that it refuses. */
function answered(candidate: WrittenPolicy, reference: WrittenPolicy, policyType: PolicyType) {
  try {
    return checkPair(candidate, reference, policyType);
  } catch (error) {
    if (error instanceof PolicyError) return undefined;
    throw error;
  }
}
