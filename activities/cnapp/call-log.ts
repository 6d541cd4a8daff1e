import { AsyncLocalStorage } from 'node:async_hooks';
import type { PlatformCall } from '../../domain/finding/platform-call.js';
import type { HttpCall } from '../http.js';
import type { CnappSource } from './port.js';

/** Collects the calls of one source and hands them on after each thing that was asked of it. */
export interface CallLog {
  onCall: (call: HttpCall) => void;
  /** The same source, whose calls are written down. */
  over(source: CnappSource): CnappSource;
}

/** What a source was asked, and the calls that this took. */
interface Asked {
  platform: string;
  sourceId?: string;
  calls: PlatformCall[];
}

/**
 * @param keep writes calls down; what it throws is reported and spoils nothing
 * @param unkept is told why calls could not be written down
 */
export function openCallLog(options: {
  now: () => number;
  keep: (calls: readonly PlatformCall[]) => Promise<void>;
  unkept: (error: unknown) => void;
}): CallLog {
  const asked = new AsyncLocalStorage<Asked>();
  async function logged<T>(
    platform: string,
    sourceId: string | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    const current: Asked = { platform, calls: [], ...(sourceId !== undefined && { sourceId }) };
    try {
      return await asked.run(current, work);
    } finally {
      await options.keep(current.calls).catch(options.unkept);
    }
  }
  return {
    onCall: (call) => {
      const current = asked.getStore();
      if (current === undefined) return;
      const { platform, sourceId, calls } = current;
      const { doing, method, status, durationMs, digest } = call;
      calls.push({
        platform,
        operation: doing,
        method,
        status,
        durationMs,
        atMs: options.now(),
        ...(sourceId !== undefined && { sourceId }),
        ...(digest !== undefined && { digest }),
      });
    },
    over: (source) => {
      const { rescan } = source;
      const { vendor } = source.traits;
      return {
        ...source,
        list: (input) => logged(vendor, undefined, () => source.list(input)),
        get: (sourceId) => logged(vendor, sourceId, () => source.get(sourceId)),
        context: (finding) => logged(vendor, finding.sourceId, () => source.context(finding)),
        comment: (input) => logged(vendor, input.sourceId, () => source.comment(input)),
        setStatus: (input) => logged(vendor, input.sourceId, () => source.setStatus(input)),
        tagAsset: (input) => logged(vendor, undefined, () => source.tagAsset(input)),
        ...(rescan !== undefined && {
          rescan: (sourceId: string) => logged(vendor, sourceId, () => rescan(sourceId)),
        }),
      };
    },
  };
}
