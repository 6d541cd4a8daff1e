import { mkdir, open, readFile, rmdir, stat, unlink } from 'node:fs/promises';
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

async function create(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

// One process at a time judges the holder, otherwise a second judge would drop the file of the first one's successor.
async function dropDeadHolder(path: string): Promise<boolean> {
  const turn = `${path}.takeover`;
  if (!(await takeTurn(turn))) return false;
  try {
    const pid = Number(await readFile(path, 'utf8'));
    // A holder that has not written its pid yet counts as alive.
    if (!Number.isInteger(pid) || pid <= 0 || isAlive(pid)) return false;
    await unlink(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return true;
    throw error;
  } finally {
    await rmdir(turn);
  }
}

async function takeTurn(turn: string): Promise<boolean> {
  try {
    await mkdir(turn);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  try {
    const { mtimeMs } = await stat(turn);
    if (Date.now() - mtimeMs > TAKEOVER_DEAD_MS) await rmdir(turn);
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
