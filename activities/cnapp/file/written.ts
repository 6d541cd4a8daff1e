import { isRecord } from '../../../domain/json.js';
import type { Journal } from '../../../runtime/journal.js';

/** Write-backs of a source that has no API: lines of an append-only file, each once by its key. */
export interface Written {
  write(
    what: 'comment' | 'status' | 'tags',
    key: string,
    entry: Readonly<Record<string, unknown>>,
  ): Promise<{ where: string }>;
}

/** Opens the journal at its first write, so that a source that is only read leaves nothing behind. */
export function writtenJournal(open: () => Promise<Journal>, path: string, now: () => number): Written {
  const seen = new Set<string>();
  let opening: Promise<Journal> | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  async function once(
    what: string,
    key: string,
    entry: Readonly<Record<string, unknown>>,
  ): Promise<{ where: string }> {
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    const journal = await opening;
    for (const line of await journal.readNew()) {
      if (isRecord(line) && typeof line['key'] === 'string') seen.add(line['key']);
    }
    if (!seen.has(key)) await journal.append({ key, what, ...entry, atIso: new Date(now()).toISOString() });
    seen.add(key);
    return { where: path };
  }
  return {
    write: (what, key, entry) => {
      const result = queue.then(() => once(what, key, entry));
      queue = result.catch(() => undefined);
      return result;
    },
  };
}
