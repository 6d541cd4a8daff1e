import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { withLock } from '../../../activities/cloud/file-lock.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'curtail-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a lock file', () => {
  it('is there only while the work is done, and nothing else stays behind', async () => {
    const path = join(folder, 'account.lock');
    expect(await withLock(path, () => readdir(folder))).toEqual(['account.lock']);
    expect(await readdir(folder)).toEqual([]);
  });

  it('lets one in at a time', async () => {
    const path = join(folder, 'account.lock');
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 8 }, () => withLock(path, work)));
    expect(most).toBe(1);
  });

  it.each([
    ['is dead', '999999999'],
    ['was killed before it wrote who it is', ''],
  ])('whose holder %s is taken over', async (_what, text) => {
    const path = join(folder, 'account.lock');
    await writeFile(path, text);
    const longAgo = Date.now() / 1_000 - 60;
    await utimes(path, longAgo, longAgo);
    expect(await withLock(path, async () => 'done')).toBe('done');
    expect(await readdir(folder)).toEqual([]);
  });
});
