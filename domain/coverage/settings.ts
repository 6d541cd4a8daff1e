import type { Blocker, IdentityEvidence } from './evidence.js';

/** One thing to switch on or to collect, and what it would do for the evidence. */
export interface Setting {
  /** `data-events:s3`, `data-events:*`, `window`, `management-events`, `region:eu-west-1`, `trail`, `policies`. */
  code: string;
  /** What to do, as a sentence. */
  what: string;
  /** Identities that become provable by this alone. */
  unlocks: number;
  /** Identities for which it is one of the things in the way. */
  concerns: number;
  /** Share of identities that are provable afterwards, 0..1. */
  shareAfter: number;
}

/** The setting that lifts every one of an identity's data-event blockers at once. */
const ALL_DATA = 'data-events:*';

/** Every setting that stands in somebody's way, the one that raises the provable share most first. */
export function settingsFor(identities: readonly IdentityEvidence[], windowDays: number): Setting[] {
  const settings = new Map<string, { unlocks: number; concerns: number }>();
  const bump = (code: string, unlocks: boolean): void => {
    const known = settings.get(code) ?? { unlocks: 0, concerns: 0 };
    known.concerns += 1;
    if (unlocks) known.unlocks += 1;
    settings.set(code, known);
  };
  for (const { blockers } of identities) {
    const needs = [...new Set(blockers.flatMap(codesOf))];
    const withoutData = needs.filter((code) => !code.startsWith('data-events:'));
    const onlyData = needs.length > 0 && withoutData.length === 0;
    for (const code of needs) bump(code, needs.length === 1);
    if (needs.length > withoutData.length) bump(ALL_DATA, onlyData);
  }
  const services = [...settings.keys()].filter(
    (code) => code.startsWith('data-events:') && code !== ALL_DATA,
  );
  // Of one service, all services are that service: the narrower and cheaper setting is named.
  if (services.length === 1) settings.delete(ALL_DATA);
  const provable = identities.filter(({ standing }) => standing === 'provable').length;
  return [...settings]
    .map(([code, { unlocks, concerns }]) => ({
      code,
      what: wordsOf(code, windowDays),
      unlocks,
      concerns,
      shareAfter: identities.length === 0 ? 0 : (provable + unlocks) / identities.length,
    }))
    .sort((a, b) => b.unlocks - a.unlocks || b.concerns - a.concerns || (a.code < b.code ? -1 : 1));
}

function codesOf(blocker: Blocker): string[] {
  switch (blocker.kind) {
    case 'data-events':
      return blocker.services.map((service) => `data-events:${service}`);
    case 'region':
      return blocker.regions.map((region) => `region:${region}`);
    case 'management-events':
    case 'window':
      return [blocker.kind];
    case 'gap':
    case 'contradicted':
      return ['trail'];
    case 'unknown-policy':
      return ['policies'];
  }
}

function wordsOf(code: string, windowDays: number): string {
  const [kind, what = ''] = code.split(':');
  switch (kind) {
    case 'data-events':
      return what === '*'
        ? 'Record data events of every service that roles here may use (CloudTrail, advanced event selectors).'
        : `Record data events of ${what} (CloudTrail, advanced event selectors).`;
    case 'region':
      return `Collect the trail of ${what}: resources are there, but no record is.`;
    case 'management-events':
      return 'Record management events in every region.';
    case 'window':
      return `Keep the trail for 90 days; it covers ${windowDays} now.`;
    case 'trail':
      return 'Close the holes in the trail: records of whole days, or of identities that IAM saw at work, are missing.';
    default:
      return 'Read the documents of all attached policies (get-account-authorization-details without a filter).';
  }
}
