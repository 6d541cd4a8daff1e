import { describe, expect, it } from '@jest/globals';
import { dispositionOf, type KnownFinding } from '../../../activities/ledger/disposition.js';

const OPEN: KnownFinding = {
  fingerprint: 'f1',
  generation: 3,
  sourceState: 'open',
  stage: 'awaiting-decision',
  outcome: null,
  lastScanId: 's1',
  lastDisposition: 'new',
};
const REPORT = { scanId: 's2', fingerprint: 'f1', sourceState: 'open' } as const;
const OTHER = { ...REPORT, fingerprint: 'f2' };

describe('what a report means for a finding', () => {
  it.each<
    [
      name: string,
      known: KnownFinding | undefined,
      report: Parameters<typeof dispositionOf>[1],
      expected: string,
    ]
  >([
    ['never seen', undefined, REPORT, 'new 1'],
    [
      'never seen and resolved: starts nothing',
      undefined,
      { ...REPORT, sourceState: 'resolved' },
      'unchanged 1',
    ],
    ['the same', OPEN, REPORT, 'unchanged 3'],
    ['another content while live', OPEN, OTHER, 'changed 3'],
    ['another content after a close', { ...OPEN, stage: 'closed', outcome: 'rejected' }, OTHER, 'changed 4'],
    ['the same after a rejection', { ...OPEN, stage: 'closed', outcome: 'rejected' }, REPORT, 'unchanged 3'],
    ['the same after an expiry', { ...OPEN, stage: 'closed', outcome: 'expired' }, REPORT, 'unchanged 3'],
    [
      'the same though never to be touched',
      { ...OPEN, stage: 'closed', outcome: 'never-touch' },
      REPORT,
      'unchanged 3',
    ],
    [
      'the same after nothing to change',
      { ...OPEN, stage: 'closed', outcome: 'no-change' },
      REPORT,
      'unchanged 3',
    ],
    ['the same after observing', { ...OPEN, stage: 'closed', outcome: 'observed' }, REPORT, 'unchanged 3'],
    ['back after a verified fix', { ...OPEN, stage: 'closed', outcome: 'verified' }, REPORT, 'reopened 4'],
    [
      'back after an automatic fix',
      { ...OPEN, stage: 'closed', outcome: 'auto-remediated' },
      REPORT,
      'reopened 4',
    ],
    ['back while its life still runs', { ...OPEN, sourceState: 'resolved' }, REPORT, 'unchanged 3'],
    [
      'back and different while its life still runs',
      { ...OPEN, sourceState: 'resolved' },
      OTHER,
      'changed 3',
    ],
    [
      'back after it was resolved',
      { ...OPEN, sourceState: 'resolved', stage: 'closed', outcome: 'resolved-at-source' },
      REPORT,
      'reopened 4',
    ],
    [
      'back after it was resolved and stopped',
      { ...OPEN, sourceState: 'resolved', stage: 'stopped', outcome: 'stopped' },
      REPORT,
      'reopened 4',
    ],
    [
      'back after it was resolved, though once rejected',
      { ...OPEN, sourceState: 'resolved', stage: 'closed', outcome: 'rejected' },
      REPORT,
      'reopened 4',
    ],
    ['reported as resolved', OPEN, { ...REPORT, sourceState: 'resolved' }, 'unchanged 3'],
    [
      'the same scan again, nothing took it up',
      { ...OPEN, stage: 'new' },
      { ...REPORT, scanId: 's1' },
      'new 3',
    ],
    ['the same scan again, taken up', OPEN, { ...REPORT, scanId: 's1' }, 'unchanged 3'],
    [
      'the same scan again after a change while live',
      { ...OPEN, lastDisposition: 'changed' },
      { ...REPORT, scanId: 's1' },
      'changed 3',
    ],
    [
      'the same scan again after a reopening, taken up and closed',
      { ...OPEN, lastDisposition: 'reopened', stage: 'closed', outcome: 'rejected' },
      { ...REPORT, scanId: 's1' },
      'unchanged 3',
    ],
  ])('%s', (_name, known, report, expected) => {
    const { disposition, generation } = dispositionOf(known, report);
    expect(`${disposition} ${generation}`).toBe(expected);
  });
});
