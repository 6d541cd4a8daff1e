import { mkdtemp, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createFileCache } from '../../../activities/cloud/file-cache.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'curtail-file-cache-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function counting(maxBytes: number) {
  const reads: string[] = [];
  const cache = createFileCache({
    maxBytes,
    read: async (path) => {
      reads.push(path);
      return { text: await readFile(path, 'utf8') };
    },
  });
  return { cache, reads };
}

const LONG_AGO = new Date('2026-01-01T00:00:00Z');

/** A file that nobody has touched for long, put in place as a whole. Its change time is of now: it cannot be set. */
async function settled(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(`${path}.draft`, text);
  await utimes(`${path}.draft`, LONG_AGO, LONG_AGO);
  await rename(`${path}.draft`, path);
  return path;
}

/** Reads until the file counts as settled, so that it is kept from then on. */
async function untilKept({ cache, reads }: ReturnType<typeof counting>, path: string): Promise<void> {
  for (let before = -1; before !== reads.length; ) {
    before = reads.length;
    await cache.read(path);
  }
}

describe('a file cache', () => {
  it('reads a file once for all who ask, also at the same moment', async () => {
    const path = await settled('once', 'a');
    const on = counting(1_000);
    await untilKept(on, path);
    const { length } = on.reads;
    const [first, ...others] = await Promise.all([1, 2, 3].map(() => on.cache.read(path)));
    for (const other of others) expect(other).toBe(first);
    expect(on.reads).toHaveLength(length);
  });

  it('sees a file that was replaced by one of the same size and time', async () => {
    const path = await settled('replaced', 'a');
    const on = counting(1_000);
    await untilKept(on, path);
    await settled('replaced', 'b');
    expect(await on.cache.read(path)).toEqual({ text: 'b' });
  });

  it('sees a file that was written over, however soon after it was read', async () => {
    const path = join(folder, 'over');
    const { cache } = counting(1_000);
    for (let turn = 0; turn < 50; turn += 1) {
      await writeFile(path, String(turn % 10));
      expect(await cache.read(path)).toEqual({ text: String(turn % 10) });
    }
  });

  it('keeps no more than it may, and forgets first what was used longest ago', async () => {
    const on = counting(10);
    const [one, two, three] = await Promise.all(['1', '2', '3'].map((name) => settled(name, name.repeat(5))));
    if (one === undefined || two === undefined || three === undefined) throw new Error('no files');
    await untilKept(on, one);
    await untilKept(on, two);
    await on.cache.read(one);
    await untilKept(on, three);
    const { length } = on.reads;
    await on.cache.read(one);
    expect(on.reads).toHaveLength(length);
    await on.cache.read(two);
    expect(on.reads).toHaveLength(length + 1);
  });

  it('asks again for what could not be read', async () => {
    const path = await settled('odd', 'a');
    let fails = true;
    const cache = createFileCache({
      maxBytes: 100,
      read: async () => {
        if (fails) throw new Error('not now');
        return 'there';
      },
    });
    await expect(cache.read(path)).rejects.toThrow('not now');
    fails = false;
    expect(await cache.read(path)).toBe('there');
    await expect(cache.read(join(folder, 'absent'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
