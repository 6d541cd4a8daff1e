import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DIGEST_TOP, type DigestFinding, WEEK_MS, weeklyDigest } from '../../../domain/digest/digest.js';
import { digestHtml, numbersSentence } from '../../../domain/digest/mail.js';
import {
  FINDING_KINDS,
  type Finding,
  type FindingKind,
  SEVERITIES,
} from '../../../domain/finding/finding.js';
import { OUTCOMES } from '../../../domain/lifecycle/stage.js';
import type { RiskScore } from '../../../domain/proof/proof.js';

const NOW = Date.UTC(2026, 10, 24, 9);
const DAY = 86_400_000;
const words = Object.fromEntries(FINDING_KINDS.map((kind) => [kind, kind])) as Record<FindingKind, string>;

function finding(over: Partial<Finding> = {}): Finding {
  return {
    source: 'wiz',
    sourceId: '1',
    canonicalKey: 'k',
    kind: 'excessive-permissions',
    title: 'A role can do too much',
    severity: 'high',
    status: 'open',
    cloud: 'aws',
    subject: { type: 'identity', id: 'r', name: 'r' },
    resources: [],
    evidence: {},
    labels: [],
    tags: {},
    ownerHints: [],
    compliance: [],
    ...over,
  };
}
function score(value: number): RiskScore {
  return {
    value,
    band: 'high',
    weightsVersion: 'v1',
    parts: [
      { name: 'small', factor: 1, why: 'A small part.' },
      { name: 'big', factor: 9, why: 'The main part.' },
    ],
  };
}
function row(over: Partial<DigestFinding> & { of?: Partial<Finding> } = {}): DigestFinding {
  const { of, ...rest } = over;
  return {
    key: 'a',
    finding: finding(of),
    sourceState: 'open',
    firstSeenMs: NOW - DAY,
    lastSeenMs: NOW,
    updatedMs: NOW - DAY,
    stage: 'awaiting-decision',
    ...rest,
  };
}

describe('the weekly digest', () => {
  it('says when a week was quiet', () => {
    const digest = weeklyDigest([], NOW);
    expect(digest).toMatchObject({
      quiet: true,
      identityRisks: [],
      dataFindings: [],
      fromMs: NOW - WEEK_MS,
      toMs: NOW,
    });
    expect(digestHtml(digest, 'https://c.example', words)).toContain('A quiet week');
  });

  it('counts what happened in the week and nothing before it', () => {
    const old = { firstSeenMs: NOW - 20 * DAY };
    const { numbers } = weeklyDigest(
      [
        row(),
        row({ ...old, stage: 'closed', outcome: 'verified' }),
        row({ ...old, stage: 'closed', outcome: 'verified', updatedMs: NOW - 9 * DAY }),
        row({ ...old, stage: 'closed', outcome: 'expired' }),
        row({ ...old, stage: 'closed', outcome: 'rolled-back' }),
        row({ ...old, stage: 'parked' }),
        row({ ...old, stage: 'closed', outcome: 'below-floor', of: { kind: 'stale-data' } }),
      ],
      NOW,
    );
    expect(numbers).toEqual({
      new: 1,
      fixed: 1,
      awaitingDecision: 1,
      needAttention: 2,
      expired: 1,
      openIdentity: 4,
      openData: 1,
      belowFloor: 1,
    });
    expect(numbersSentence(weeklyDigest([row()], NOW))).toBe(
      '1 new, 0 fixed and verified, 1 waiting for a decision.',
    );
  });

  it('lists the worst identity risks first, with the part that weighs most', () => {
    const rows = Array.from({ length: 14 }, (_, i) => row({ key: `k${i}`, risk: score(i * 5) }));
    const { identityRisks } = weeklyDigest(rows, NOW);
    expect(identityRisks).toHaveLength(DIGEST_TOP);
    expect(identityRisks.map((item) => item.risk)).toEqual([65, 60, 55, 50, 45, 40, 35, 30, 25, 20]);
    expect(identityRisks[0]?.because).toBe('The main part.');
  });

  it.each<[string, Partial<DigestFinding>]>([
    ['fixed', { stage: 'closed', outcome: 'verified' }],
    ['rejected by a person', { stage: 'closed', outcome: 'rejected' }],
    ['resolved at the source', { sourceState: 'resolved' }],
  ])('does not list what is %s', (_name, over) => {
    expect(weeklyDigest([row(over)], NOW).identityRisks).toEqual([]);
  });

  it('orders data findings by exposure, then by what is in them', () => {
    const data = (
      key: string,
      kind: FindingKind,
      over: Partial<DigestFinding> = {},
      of: Partial<Finding> = {},
    ): DigestFinding => row({ key, ...over, of: { kind, severity: 'medium', ...of } });
    const { dataFindings } = weeklyDigest(
      [
        data('stale', 'stale-data'),
        data('plain', 'unencrypted-data'),
        data('cards', 'unencrypted-data', { environment: 'production' }, { labels: ['PCI.pan'] }),
        data('public', 'public-data'),
        data('public-people', 'public-data', {}, { labels: ['PII'] }),
      ],
      NOW,
    );
    expect(dataFindings.map((item) => item.key)).toEqual([
      'public-people',
      'public',
      'cards',
      'plain',
      'stale',
    ]);
    expect(dataFindings[2]?.because).toBe(
      'It is not encrypted at rest; it holds PCI.pan; it is in production.',
    );
  });

  it('is the same for the same rows in any order', () => {
    const rows = fc.array(
      fc.record({
        key: fc.stringMatching(/^[a-z]{1,6}$/),
        kind: fc.constantFrom(...FINDING_KINDS),
        severity: fc.constantFrom(...SEVERITIES),
        value: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
        outcome: fc.option(fc.constantFrom(...OUTCOMES), { nil: undefined }),
      }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(rows, (made) => {
        const unique = [...new Map(made.map((each) => [each.key, each])).values()];
        const built = unique.map(({ key, kind, severity, value, outcome }) =>
          row({
            key,
            of: { kind, severity },
            ...(value !== undefined && { risk: score(value) }),
            ...(outcome !== undefined && { outcome }),
          }),
        );
        expect(weeklyDigest(built.toReversed(), NOW)).toEqual(weeklyDigest(built, NOW));
      }),
    );
  });
});

describe('the digest as mail', () => {
  it('escapes, links to the gateway, and loads nothing', () => {
    const digest = weeklyDigest([row({ key: 'k/1', of: { title: '<img src=x onerror=alert(1)>' } })], NOW);
    const mail = digestHtml(digest, 'https://curtail.example.com', words);
    expect(mail).toContain('href="https://curtail.example.com/findings/k%2F1"');
    expect(mail).toContain('&lt;img src=x');
    expect(mail).not.toMatch(/<(img|script|link|style)\b|url\(/);
    expect(mail).toContain('No open data finding.');
  });
});
