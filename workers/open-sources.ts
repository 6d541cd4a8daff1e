import type { AdapterDeps } from '../activities/adapter.js';
import { openCallLog } from '../activities/cnapp/call-log.js';
import { withPause } from '../activities/cnapp/pause.js';
import type { CnappSource } from '../activities/cnapp/port.js';
import { openSource, type SourceSection } from '../activities/cnapp/registry.js';
import type { Ledger } from '../activities/ledger/port.js';
import { lowerFloor, type TriageFloor } from '../domain/finding/triage.js';
import type { LoadedConfig } from '../runtime/config.js';
import { withheld } from './parts.js';

type Config = LoadedConfig['config'];

/**
 * The enabled sources by name. Every part knows which there are, what they can do and what their notifications name; only
 * their owner may ask them anything.
 */
export async function openSources(
  sections: Config['sources'],
  deps: AdapterDeps,
  ledger: Ledger,
  mine: boolean,
): Promise<ReadonlyMap<string, CnappSource>> {
  const sources = new Map<string, CnappSource>();
  for (const section of sections.filter(({ enabled }) => enabled)) {
    const opened = await openShared(section, deps, ledger);
    const { traits, parseWebhook } = opened;
    const known = { traits, ...(parseWebhook !== undefined && { parseWebhook }) };
    sources.set(section.name, mine ? opened : withheld<CnappSource>('sources', known));
  }
  return sources;
}

/** Floors by platform. Where two sources of a platform differ, the lower one counts: nothing is left out by surprise. */
export function floorsOf(
  config: Config,
  sources: ReadonlyMap<string, CnappSource>,
): ReadonlyMap<string, TriageFloor> {
  const floors = new Map<string, TriageFloor>();
  for (const { name, floor } of config.sources) {
    const platform = sources.get(name)?.traits.vendor;
    if (platform === undefined) continue;
    const own = {
      severity: floor?.severity ?? config.triage.floor.severity,
      score: floor?.score ?? config.triage.floor.score,
    };
    floors.set(platform, lowerFloor(floors.get(platform) ?? own, own));
  }
  return floors;
}

/** A source whose calls are written down, under the back-pressure that holds for all workers. */
async function openShared(section: SourceSection, deps: AdapterDeps, ledger: Ledger): Promise<CnappSource> {
  const { name: key } = section;
  const bucket = 'platform-pause';
  const calls = openCallLog({
    now: deps.now,
    keep: (made) => ledger.logPlatformCalls(made),
    unkept: (error) =>
      deps.log('warn', 'calls of a platform could not be written down', {
        source: key,
        reason: error instanceof Error ? error.message : 'unknown',
      }),
  });
  const source = await openSource(section, { ...deps, onCall: calls.onCall });
  return withPause(
    calls.over(source),
    {
      until: async () => {
        const untilMs = await ledger.item(bucket, key, deps.now());
        return typeof untilMs === 'number' ? untilMs : undefined;
      },
      set: (untilMs) => ledger.putItem({ bucket, key, value: untilMs, expiresAtMs: untilMs }),
    },
    deps.now,
  );
}
