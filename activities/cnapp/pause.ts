import { Failure, FailureType } from '../../domain/failure.js';
import type { CnappSource } from './port.js';

/** Until when a platform asked not to be called, shared by all workers. */
export interface Pauses {
  /** Milliseconds since the epoch; undefined when it may be called. */
  until(): Promise<number | undefined>;
  set(untilMs: number): Promise<void>;
}

/** How long to leave a platform alone that says "slow down" and not for how long. */
const DEFAULT_PAUSE_MS = 30_000;

/**
 * The same source under one shared back-pressure: when the platform has told any worker to slow down, nobody asks it
 * anything until then. A call that is held back fails as the platform's own refusal would, so that it comes again in time.
 */
export function withPause(source: CnappSource, pauses: Pauses, now: () => number): CnappSource {
  async function guarded<T>(call: () => Promise<T>): Promise<T> {
    const untilMs = await pauses.until();
    if (untilMs !== undefined && untilMs > now()) {
      throw new Failure(
        FailureType.VendorThrottled,
        `${source.traits.vendor}: not asked, since it told another worker to slow down`,
        { retryAfterMs: untilMs - now() },
      );
    }
    try {
      return await call();
    } catch (error) {
      if (error instanceof Failure && error.type === FailureType.VendorThrottled)
        await pauses.set(now() + (error.retryAfterMs ?? DEFAULT_PAUSE_MS));
      throw error;
    }
  }
  const { rescan } = source;
  return {
    ...source,
    list: (input) => guarded(() => source.list(input)),
    get: (sourceId) => guarded(() => source.get(sourceId)),
    context: (finding) => guarded(() => source.context(finding)),
    comment: (input) => guarded(() => source.comment(input)),
    setStatus: (input) => guarded(() => source.setStatus(input)),
    tagAsset: (input) => guarded(() => source.tagAsset(input)),
    ...(rescan !== undefined && { rescan: (sourceId: string) => guarded(() => rescan(sourceId)) }),
  };
}
