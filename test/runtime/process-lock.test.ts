import { spawn } from 'node:child_process';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isHeld, type ProcessLock, readHolder, takeLock } from '../../runtime/process-lock.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'curtail-lock-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a lock file', () => {
  const NOW = 1_800_000_000_000;
  const take = (path: string): Promise<ProcessLock> => takeLock(path, 'the ledger', { now: () => NOW });
  const left = async (name: string, holder: unknown, touchedMs = NOW): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, typeof holder === 'string' ? holder : JSON.stringify(holder));
    await utimes(path, touchedMs / 1000, touchedMs / 1000);
    return path;
  };

  it('is taken once and can be taken again after release', async () => {
    const path = join(folder, 'plain.lock');
    const lock = await take(path);
    await expect(take(path)).rejects.toThrow(`the ledger is already running here (process ${process.pid} on`);
    await lock.release();
    await (await take(path)).release();
  });

  it('is taken over by one only when many find a dead holder', async () => {
    const path = await left('dead.lock', {
      pid: process.pid,
      started: 'earlier',
      host: hostname(),
      what: 'it',
    });
    const answers = await Promise.allSettled(Array.from({ length: 12 }, () => take(path)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is taken over although somebody died in the middle of taking it over', async () => {
    const path = await left('turned.lock', '{"pid": 1');
    await left('turned.lock.takeover', '', NOW - 60_000);
    await (await take(path)).release();
  });

  it.each<[name: string, holder: unknown, touchedMs: number, free: boolean]>([
    [
      'pid of another process now',
      { pid: process.pid, started: 'earlier', host: hostname(), what: 'it' },
      NOW,
      true,
    ],
    ['cut off in the middle', '{"pid": 1', NOW, true],
    [
      'another machine, just touched',
      { pid: 1, started: 'x', host: 'elsewhere', what: 'it' },
      NOW - 10_000,
      false,
    ],
    [
      'another machine, long untouched',
      { pid: 1, started: 'x', host: 'elsewhere', what: 'it' },
      NOW - 60_000,
      true,
    ],
  ])('left by a %s', async (name, holder, touchedMs, free) => {
    const path = await left(`${name}.lock`, holder, touchedMs);
    if (free) await (await take(path)).release();
    if (!free) await expect(take(path)).rejects.toThrow('it is already running here (process 1 on elsewhere');
  });

  it('may stand for another process', async () => {
    const path = join(folder, 'child.lock');
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await takeLock(path, 'a child', { pid: child.pid ?? 0 });
    const holder = await readHolder(path);
    expect(holder).toMatchObject({ pid: child.pid, what: 'a child' });
    expect(holder !== undefined && (await isHeld(holder, path))).toBe(true);
    child.kill();
    await ended;
    expect(holder !== undefined && (await isHeld(holder, path))).toBe(false);
  });
});
