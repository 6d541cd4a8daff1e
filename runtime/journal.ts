import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * An append-only file of JSON lines that survives a kill at any moment. A line counts once it ends: what was cut off was
 * never acknowledged and is passed over. Several processes may append, each line being one write; readers decide by order.
 * It is open only while it is used, so there is nothing to close.
 */
export interface Journal {
  /** Returns when the line is on the disk. */
  append(entry: unknown): Promise<void>;
  /** Lines that were written since the last call, by anyone, in order. Lines that are not JSON are left out. */
  readNew(): Promise<readonly unknown[]>;
}

/** Opens a journal, making it and its folder when they are not there. Only its owner can read it. */
export async function openJournal(path: string): Promise<Journal> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  let offset = 0;
  let queue: Promise<unknown> = Promise.resolve();
  function withFile<T>(work: (file: FileHandle) => Promise<T>): Promise<T> {
    const result = queue.then(async () => {
      const file = await open(path, 'a+', 0o600);
      try {
        return await work(file);
      } finally {
        await file.close();
      }
    });
    queue = result.catch(() => undefined);
    return result;
  }
  await withFile(async () => undefined);
  return {
    append: (entry) =>
      withFile(async (file) => {
        // A process that died in the middle of a line left it open: end it, or ours would become part of it.
        const start = (await endsOpen(file)) ? '\n' : '';
        const line = Buffer.from(`${start}${JSON.stringify(entry)}\n`);
        const { bytesWritten } = await file.write(line);
        if (bytesWritten < line.length)
          throw new Error(`journal: writing ${path}: the disk took a part only`);
        await file.datasync();
      }),
    readNew: () =>
      withFile(async (file) => {
        const { size } = await file.stat();
        if (size <= offset) return [];
        const { buffer } = await file.read(Buffer.alloc(size - offset), 0, size - offset, offset);
        const end = buffer.lastIndexOf('\n') + 1;
        offset += end;
        return buffer.subarray(0, end).toString('utf8').split('\n').flatMap(parsed);
      }),
  };
}

async function endsOpen(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() !== '\n';
}

function parsed(line: string): readonly unknown[] {
  if (line === '') return [];
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}
