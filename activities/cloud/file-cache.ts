import { statSync } from 'node:fs';

/**
 * Time stamps of files are a few milliseconds coarse: a file that was written this shortly before it was read may
 * change again and look the same.
 */
const SETTLED_AFTER_MS = 100;

interface Kept<Value> {
  identity: string;
  bytes: number;
  value: Promise<Value>;
}

/** What was read from files or folders, kept as long as they are the same. */
export interface FileCache<Value> {
  /** What is there, shared with every other reader: nobody may change it. @throws what reading it throws, ENOENT too. */
  read(path: string): Promise<Value>;
}

/**
 * Keeps what `read` made of files, at most `maxBytes` of their size; what was used longest ago goes first. A file is
 * the same while its inode, size and times are, which is asked at every read: 3 µs, where reading it again takes
 * milliseconds. Readers that come at the same moment share one reading.
 */
export function createFileCache<Value>(options: {
  maxBytes: number;
  read: (path: string) => Promise<Value>;
}): FileCache<Value> {
  const kept = new Map<string, Kept<Value>>();
  let keptBytes = 0;

  function forget(path: string): void {
    keptBytes -= kept.get(path)?.bytes ?? 0;
    kept.delete(path);
  }
  function keep(path: string, entry: Kept<Value>): void {
    forget(path);
    if (entry.bytes > options.maxBytes) return;
    kept.set(path, entry);
    keptBytes += entry.bytes;
    for (const oldest of kept.keys()) {
      if (keptBytes <= options.maxBytes) return;
      forget(oldest);
    }
  }

  return {
    async read(path) {
      const { identity, bytes, changedMs } = identityOf(path);
      const known = kept.get(path);
      if (known?.identity === identity) {
        keep(path, known);
        return known.value;
      }
      const entry = { identity, bytes, value: options.read(path) };
      if (Date.now() - changedMs < SETTLED_AFTER_MS) return entry.value;
      keep(path, entry);
      // What cannot be read now may be readable later, although the file is the same.
      entry.value.catch(() => kept.get(path) === entry && forget(path));
      return entry.value;
    },
  };
}

/** Synchronous on purpose: a local stat takes less time than handing it to another thread. @throws ENOENT and the like */
function identityOf(path: string): { identity: string; bytes: number; changedMs: number } {
  const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
  return {
    identity: `${dev}/${ino}/${size}/${mtimeNs}/${ctimeNs}`,
    bytes: Number(size),
    changedMs: Number((mtimeNs > ctimeNs ? mtimeNs : ctimeNs) / 1_000_000n),
  };
}
