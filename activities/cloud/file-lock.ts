import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rmdir, stat, unlink, writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { Failure, FailureType } from '../../domain/failure.js';

/** How long a writer waits for its turn, and when a half-done take-over is believed to be dead. */
const PATIENCE_MS = 15_000;
const TAKEOVER_DEAD_MS = 5_000;

/**
 * Runs `act` while no other process of this machine runs one under the same lock file.
 * A crashed holder's file is taken over: it names the holder's pid.
 * @throws Failure `vendor.unavailable` when the holder does not finish in time.
 */
export async function withLock<T>(path: string, act: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await create(path))) {
    if (Date.now() > deadline) {
      throw new Failure(
        FailureType.VendorUnavailable,
        `waiting for ${path}: another process holds it; try again`,
      );
    }
    if (!(await dropDeadHolder(path))) await wait(10 + Math.random() * 20);
  }
  try {
    return await act();
  } finally {
    await unlink(path);
  }
}

/** Made whole, with the pid in it, or not at all: a process killed in between would leave a file of nobody's. */
async function create(path: string): Promise<boolean> {
  const staged = `${path}.${process.pid}.${randomUUID()}`;
  await writeFile(staged, String(process.pid), { mode: 0o600, flag: 'wx' });
  try {
    await link(staged, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(staged);
  }
}

// One process at a time judges the holder, otherwise a second judge would drop the file of the first one's successor.
async function dropDeadHolder(path: string): Promise<boolean> {
  const turn = `${path}.takeover`;
  if (!(await takeTurn(turn))) return false;
  try {
    const pid = Number(await readFile(path, 'utf8'));
    const names = Number.isInteger(pid) && pid > 0;
    if (names ? isAlive(pid) : !(await isOld(path))) return false;
    await unlink(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return true;
    throw error;
  } finally {
    await rmdir(turn);
  }
}

/** A file that names nobody is somebody's who is just making it, or who died over it. */
async function isOld(path: string): Promise<boolean> {
  return Date.now() - (await stat(path)).mtimeMs > TAKEOVER_DEAD_MS;
}

async function takeTurn(turn: string): Promise<boolean> {
  try {
    await mkdir(turn);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  try {
    if (await isOld(turn)) await rmdir(turn);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  return false;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to someone else.
    if (codeOf(error) === 'EPERM') return true;
    if (codeOf(error) === 'ESRCH') return false;
    throw error;
  }
}

/** The code of a system error (`ENOENT`), or undefined. */
export function codeOf(error: unknown): string | undefined {
  // By shape: an error of another realm (Jest's sandbox) is no instance of this realm's Error.
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
}
