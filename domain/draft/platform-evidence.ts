import type { UsageRow } from '../usage/usage.js';
import type { DraftInput } from './model.js';

/**
 * The input with the platform's own counts where there is no log at all. They are a claim of the source, so
 * that is said; they name no resources, so nothing is narrowed by them.
 */
export function withPlatformEvidence(input: DraftInput): {
  input: DraftInput;
  blindSpots: readonly string[];
} {
  const gaps = input.gaps ?? [];
  const counts = input.finding.evidence.usage ?? [];
  if (input.usage.length > 0 || counts.length === 0) return { input, blindSpots: gaps };
  const usage = counts.map(
    ({ action, count, lastUsedIso }): UsageRow => ({
      action,
      count,
      ...(lastUsedIso === undefined ? {} : { lastUsed: lastUsedIso }),
      outcome: 'ok',
    }),
  );
  const words = `No log was read: the counts are those that ${input.finding.source} reports.`;
  return { input: { ...input, usage }, blindSpots: [...gaps, words] };
}
