import { describe, expect, it } from '@jest/globals';
import { type ConfidenceInput, confidenceOf } from '../../../domain/risk/confidence.js';

const USAGE = {
  fromIso: '',
  toIso: '',
  total: 100,
  replayed: 100,
  denied: 0,
  otherPrincipal: 0,
  service: 0,
  unmapped: 0,
  notAllowedBefore: 0,
  malformed: 0,
  newlyDenied: [],
};
const BEST: ConfidenceInput = {
  proof: { verdict: 'proved', usage: USAGE, blindSpots: [] },
  window: { fromIso: '2026-01-01', toIso: '2026-07-01' },
  logging: { management: true, data: 'all' },
  keptUnseen: 0,
  seasonal: 0,
};

describe('confidence', () => {
  it('is full when the proof is, over a full window with everything logged', () => {
    expect(confidenceOf(BEST)).toMatchObject({
      value: 1,
      parts: Array.from({ length: 5 }, () => expect.objectContaining({ value: 1 })),
    });
  });

  it.each<[string, Partial<ConfidenceInput>, string]>([
    ['a blind spot', { proof: { ...BEST.proof, verdict: 'partial' } }, 'proof'],
    ['an undecided obligation', { proof: { ...BEST.proof, verdict: 'unproven' } }, 'proof'],
    ['a short window', { window: { fromIso: '2026-06-01', toIso: '2026-07-01' } }, 'window'],
    ['actions kept unseen', { keptUnseen: 3 }, 'logging'],
    ['no management events', { logging: { management: false, data: [] } }, 'logging'],
    [
      'events that were not understood',
      { proof: { ...BEST.proof, usage: { ...USAGE, unmapped: 50 } } },
      'coverage',
    ],
    ['no event at all', { proof: { ...BEST.proof, usage: null } }, 'coverage'],
    ['seasonal use', { seasonal: 2 }, 'seasonality'],
  ])('is less for %s, and the part says why', (_, more, name) => {
    const { value, parts } = confidenceOf({ ...BEST, ...more });
    expect(value).toBeLessThan(1);
    const part = parts.find((each) => each.name === name);
    expect(part?.value).toBeLessThan(1);
    expect(part?.why).not.toBe('');
  });

  it('is never more than the proof, nor than the window supports', () => {
    expect(confidenceOf({ ...BEST, proof: { ...BEST.proof, verdict: 'broken' } }).value).toBe(0);
    expect(confidenceOf({ ...BEST, window: { fromIso: '2026-07-01', toIso: '2026-07-01' } }).value).toBe(0.4);
  });
});
