import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { FindingSource } from '../../domain/finding/finding.js';
import type { AdapterDeps } from '../adapter.js';
import { platformMaps } from './maps.js';
import type { CnappSource, SourceRecord } from './port.js';
import { mapRecord } from './record-map.js';

function pick(value: unknown, path: readonly string[]): unknown[] {
  if (path.length === 0) return Array.isArray(value) ? value : [];
  if (typeof value !== 'object' || value === null) return [];
  const [head, ...rest] = path;
  if (head === '*') return Object.values(value).flatMap((v) => pick(v, rest));
  return pick((value as Record<string, unknown>)[head ?? ''], rest);
}
export function openFile(settings: { source: FindingSource; path: string }, deps: AdapterDeps): CnappSource {
  const path = resolve(deps.folder, settings.path);
  const map = platformMaps[settings.source];
  return {
    traits: {
      vendor: settings.source,
      listsAreComplete: true,
      comments: 'file',
      status: 'file',
      assetTags: 'file',
      graph: false,
      rescan: 'file',
      webhookVerification: [],
    },
    async list() {
      const records: SourceRecord[] = [];
      let oldest = Number.POSITIVE_INFINITY;
      const all: unknown[] = [];
      for (const name of (await readdir(path)).filter((n) => n.endsWith('.json'))) {
        oldest = Math.min(oldest, (await stat(join(path, name))).mtimeMs);
        const json: unknown = JSON.parse(await readFile(join(path, name), 'utf8'));
        for (const list of map.recordLists) all.push(...pick(json, list));
      }
      const evidence = new Map();
      const rest = all.filter((record) => map.gather?.(record, evidence) !== 'only');
      for (const record of rest) records.push(mapRecord(map, record, { evidence, warn: () => undefined }));
      return { records, scannedAtIso: new Date(oldest).toISOString() };
    },
    get: async () => undefined,
    context: async () => ({ reaches: [], reachedBy: [], notes: [] }),
    comment: async () => ({ where: 'file' }),
    setStatus: async () => ({ where: 'file' }),
    tagAsset: async () => ({ where: 'file' }),
  };
}
