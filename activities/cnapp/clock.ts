import type { AdapterDeps } from '../adapter.js';
import type { CnappSource } from './port.js';

/** A platform's clock, as its answers tell it (`Date`, RFC 9110, 6.6.1). */
export interface PlatformClock {
  fetch: AdapterDeps['fetch'];
  /** By how much it is ahead of ours, in milliseconds and to a second; undefined before it has said anything. */
  aheadMs(): number | undefined;
}

/** Watches the clock of the platform that this `fetch` reaches. */
export function watchClock(deps: Pick<AdapterDeps, 'fetch' | 'now'>): PlatformClock {
  let aheadMs: number | undefined;
  return {
    fetch: async (input, init) => {
      const response = await deps.fetch(input, init);
      const saidMs = Date.parse(response.headers.get('date') ?? '');
      if (!Number.isNaN(saidMs)) aheadMs = saidMs - deps.now();
      return response;
    },
    aheadMs: () => aheadMs,
  };
}

/** The same source, whose pages say how far its platform's clock is from ours. */
export function withClock(source: CnappSource, clock: PlatformClock): CnappSource {
  return {
    ...source,
    list: async (input) => {
      const page = await source.list(input);
      const aheadMs = clock.aheadMs();
      return aheadMs === undefined ? page : { ...page, platformAheadMs: aheadMs };
    },
  };
}
