import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runPipeline } from './pipeline.js';
import { scan } from './scan.js';
import { work } from './workload.js';

/**
 * Larkfield goes on living: its workloads call, its delivery pipeline rolls out what was merged, and its platforms
 * scan again, in this order, until the process is stopped.
 */
export async function live(input: { folder: string; everyMs: number; signal: AbortSignal }): Promise<void> {
  while (!input.signal.aborted) {
    await work({ folder: input.folder, nowMs: Date.now() });
    await runPipeline({ folder: input.folder, nowMs: Date.now() });
    await scan({ folder: input.folder, nowMs: Date.now() });
    await wait(input.everyMs, undefined, { signal: input.signal }).catch(() => undefined);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, seconds = '10'] = process.argv.slice(2);
  if (folder === undefined || !(Number(seconds) > 0)) {
    throw new Error('usage: tsx samples/live.ts <working folder> [<seconds between rounds>]');
  }
  const stopping = new AbortController();
  process.once('SIGTERM', () => stopping.abort());
  process.once('SIGINT', () => stopping.abort());
  await live({ folder, everyMs: Number(seconds) * 1000, signal: stopping.signal });
}
