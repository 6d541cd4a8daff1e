import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Finding, SEVERITIES } from '../../../domain/finding/finding.js';
import { treatmentOf } from '../../../domain/finding/treatment.js';
import { belowFloor } from '../../../domain/finding/triage.js';

type About = Parameters<typeof treatmentOf>[0];
const FLOOR = { severity: 'medium', score: 0 } as const;

function about(more: Partial<Finding>): About {
  return {
    severity: 'low',
    labels: [],
    kind: 'public-data',
    tags: {},
    subject: { type: 'store', id: 'arn:aws:s3:::b', name: 'b' },
    ...more,
  };
}

describe('what is done about a finding', () => {
  it.each<[name: string, more: Partial<Finding>, kind: string, reason: RegExp]>([
    ['severe', { severity: 'high' }, 'deep-analysis', /^taken up: severity high, score 70/],
    [
      'a little severe, about health data',
      { labels: ['PHI.diagnosis'] },
      'deep-analysis',
      /about PHI\.diagnosis/,
    ],
    [
      'harmless, about health data',
      { severity: 'info', labels: ['PHI'] },
      'digest-line',
      /severity info is below/,
    ],
    ['a little severe, about a store that nobody labelled', {}, 'label-suggestion', /no label yet/],
    ['a little severe, about a store with a label', { labels: ['internal'] }, 'digest-line', /^not taken up/],
    [
      'a little severe, about a store with a tag',
      { tags: { data_classification: 'x' } },
      'digest-line',
      /below/,
    ],
    [
      'a little severe, about a role',
      { kind: 'unused-identity', subject: { type: 'identity', id: 'r', name: 'r' } },
      'digest-line',
      /below the floor medium/,
    ],
  ])('that is %s', (_name, more, kind, reason) => {
    expect(treatmentOf(about(more), FLOOR)).toEqual({ kind, reason: expect.stringMatching(reason) });
  });

  it('is a whole life exactly for what the floor lets through', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SEVERITIES),
        fc.constantFrom(...SEVERITIES),
        fc.integer({ min: 0, max: 100 }),
        fc.subarray(['PII', 'PCI.card', 'public', '__proto__']),
        (severity, floor, score, labels) => {
          const bounds = { severity: floor, score };
          const isBelow = belowFloor({ severity, labels }, bounds) !== undefined;
          expect(treatmentOf(about({ severity, labels }), bounds).kind === 'deep-analysis').toBe(!isBelow);
        },
      ),
    );
  });
});
