import { describe, expect, it } from '@jest/globals';
import { parsePolicy } from '../../domain/iam/parse.js';
import { canonicalPolicy, toJson } from '../../domain/iam/render.js';
import { campaign, checkPair, isAllowed, POLICY_TYPES, pairOf, pointOf } from './campaign.js';
import { randomPolicy, type WrittenPolicy } from './policies.js';
import { Chance } from './random.js';
import { Neighbourhood } from './requests.js';

describe('a campaign of random policies of every type', () => {
  it('finds no request that contradicts a PASS, no false witness, no certificate that the verifier refuses', () => {
    const { contradictions, pairs, requests } = campaign({ seed: 11, requests: 6_000 });
    expect(contradictions).toEqual([]);
    expect({ pairs: pairs > 150, requests }).toEqual({ pairs: true, requests: 6_000 });
  });

  it('puts a single request within a policy exactly when the evaluator allows it', () => {
    const chance = new Chance(12);
    const decided = { PASS: 0, FAIL: 0, UNKNOWN: 0 };
    for (let i = 0; i < 120; i += 1) {
      const written = randomPolicy(chance, 'identity');
      const document = parsePolicy(written, 'identity');
      const near = new Neighbourhood([document], 'identity', chance);
      for (let k = 0; k < 4; k += 1) {
        const request = near.request();
        // A statement cannot name the resource `*` alone.
        if (request.resource === '*') continue;
        const { verdict } = checkPair(pointOf(request, near), written, 'identity');
        decided[verdict] += 1;
        if (verdict === 'UNKNOWN') continue;
        const allowed = isAllowed(request, document, 'identity');
        expect({ written, request, verdict }).toEqual({
          written,
          request,
          verdict: allowed ? 'PASS' : 'FAIL',
        });
      }
    }
    expect(decided.UNKNOWN / (decided.PASS + decided.FAIL)).toBeLessThan(0.05);
  });

  it('has every policy within itself, itself and more Allow, and less its Deny', () => {
    const chance = new Chance(13);
    for (let i = 0; i < 160; i += 1) {
      const policyType = chance.pick(POLICY_TYPES);
      const [one, other] = pairOf(chance, policyType);
      const only = (effect: string): WrittenPolicy['Statement'] =>
        other.Version === one.Version ? other.Statement.filter(({ Effect }) => Effect === effect) : [];
      const wider = { ...one, Statement: [...one.Statement, ...only('Allow')] };
      const narrower = { ...one, Statement: [...one.Statement, ...only('Deny')] };
      for (const [candidate, reference] of [
        [one, one],
        [one, wider],
        [narrower, one],
      ] as const) {
        const { verdict } = checkPair(candidate, reference, policyType);
        expect({ policyType, candidate, reference, verdict }).toEqual({
          policyType,
          candidate,
          reference,
          verdict: 'PASS',
        });
      }
    }
  });

  it('keeps the meaning when a policy is written anew, and gives what means the same one canonical text', () => {
    const chance = new Chance(14);
    for (let i = 0; i < 120; i += 1) {
      const policyType = chance.pick(POLICY_TYPES);
      const [written] = pairOf(chance, policyType);
      const document = parsePolicy(written, policyType);
      const again = toJson(document) as unknown as WrittenPolicy;
      expect(checkPair(written, again, policyType).verdict).toBe('PASS');
      expect(checkPair(again, written, policyType).verdict).toBe('PASS');
      const shuffled = {
        ...written,
        Statement: chance.some(written.Statement, 9, 9).map((s) => shuffle(s, chance)),
      };
      expect(canonicalPolicy(parsePolicy(shuffled, policyType))).toBe(canonicalPolicy(document));
    }
  });
});

function shuffle(
  statement: WrittenPolicy['Statement'][number],
  chance: Chance,
): WrittenPolicy['Statement'][number] {
  const entries = Object.entries(statement).map(([name, value]): [string, unknown] => [
    name,
    Array.isArray(value) ? chance.some(value, value.length, value.length) : value,
  ]);
  return Object.fromEntries(chance.some(entries, 9, 9)) as unknown as WrittenPolicy['Statement'][number];
}
