import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { openSource } from '../../activities/cnapp/registry.js';
import { issue } from './tenant.js';

/** How fast an export is read page by page, as a poll does it, and how much memory that takes at most. */
export async function exportRead(count: number): Promise<object> {
  const root = await mkdtemp(join(tmpdir(), 'curtail-bench-'));
  const folder = join(root, 'wiz');
  await mkdir(folder);
  const path = join(folder, 'issues.json');
  await writeExport(path, count);
  const source = await openSource(
    { vendor: 'file', name: 'bench', settings: { source: 'wiz', path: folder } },
    {
      log: () => undefined,
      now: Date.now,
      fetch: globalThis.fetch,
      resolveSecret: () => Promise.reject(new Error('no secrets here')),
      folder: root,
    },
  );
  const before = process.memoryUsage().rss;
  const startedAt = performance.now();
  let [read, pages, peak, cursor] = [0, 0, before, undefined as string | undefined];
  do {
    const page = await source.list(cursor === undefined ? {} : { cursor });
    read += page.records.filter((record) => record.ok).length;
    pages += 1;
    peak = Math.max(peak, process.memoryUsage().rss);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  const ms = performance.now() - startedAt;
  const { size } = await stat(path);
  await rm(root, { recursive: true });
  return {
    findings: read,
    pages,
    megabytes: Math.round(size / 1e6),
    ms: Math.round(ms),
    findingsPerSecond: Math.round((read / ms) * 1000),
    memoryMb: { before: Math.round(before / 1e6), peak: Math.round(peak / 1e6) },
  };
}

async function writeExport(to: string, findings: number): Promise<void> {
  const out = createWriteStream(to);
  out.write('{"data":{"issues":{"nodes":[');
  for (let i = 0; i < findings; i += 1) {
    const free = out.write(`${i === 0 ? '' : ','}${JSON.stringify(issue(i))}`);
    if (!free) await once(out, 'drain');
  }
  out.end('],"pageInfo":{"hasNextPage":false,"endCursor":null}}}}');
  await finished(out);
}
