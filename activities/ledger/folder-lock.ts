import { execFile } from 'node:child_process';
import { open, readFile, rename, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import { z } from 'zod';
import { Failure, FailureType } from '../../domain/failure.js';
import { codeOf } from './sql-failure.js';

const run = promisify(execFile);

const Holder = z.object({ pid: z.number().int().positive(), started: z.string(), host: z.string() });
type Holder = z.infer<typeof Holder>;

/** How often the holder touches its file, and how long another machine believes an untouched one. */
const TOUCH_EVERY_MS = 5_000;
const BELIEVED_FOR_MS = 30_000;

/** A folder held by this process alone until it is released. */
export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Takes a lock file for as long as this process lives. It names pid and start time, so that a crashed holder's file is
 * taken over even when its pid was given to another process; a holder on another machine is judged by the file's age.
 *
 * @throws Failure `ledger.unavailable` naming the living holder.
 */
export async function takeFolderLock(options: {
  path: string;
  what: string;
  now: () => number;
}): Promise<FolderLock> {
  const { path } = options;
  const me: Holder = {
    pid: process.pid,
    started: (await startOf(process.pid)) ?? 'unknown',
    host: hostname(),
  };
  if (!(await createExclusively(path, me))) await takeOver(options, me);
  const touching = setInterval(() => {
    const seconds = options.now() / 1000;
    utimes(path, seconds, seconds).catch(() => clearInterval(touching));
  }, TOUCH_EVERY_MS);
  touching.unref();
  return {
    async release() {
      clearInterval(touching);
      await unlink(path).catch(ignoreMissing);
    },
  };
}

/** Replaces a dead holder's file. A second file makes sure that only one process does so at a time. */
async function takeOver(
  options: { path: string; what: string; now: () => number },
  me: Holder,
): Promise<void> {
  const { path, what } = options;
  const turn = `${path}.takeover`;
  if (!(await createExclusively(turn, me))) {
    const other = await readHolder(turn);
    if (other === undefined || (await isAlive(other, turn, options.now()))) {
      throw new Failure(
        FailureType.LedgerUnavailable,
        `${what} is just being taken over by another process; try again`,
      );
    }
    await unlink(turn).catch(ignoreMissing);
    return takeOver(options, me);
  }
  try {
    const holder = await readHolder(path);
    if (holder !== undefined && (await isAlive(holder, path, options.now()))) {
      throw new Failure(
        FailureType.LedgerUnavailable,
        `${what} is in use by process ${holder.pid} on ${holder.host}: stop that one, ` +
          'or set DATABASE_URL so that several processes can share a PostgreSQL server',
      );
    }
    const next = `${path}.${me.pid}`;
    await writeFile(next, JSON.stringify(me), { mode: 0o600 });
    await rename(next, path);
  } finally {
    await unlink(turn).catch(ignoreMissing);
  }
}

async function createExclusively(path: string, me: Holder): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(JSON.stringify(me));
    await file.close();
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Undefined when the file is gone or was cut off while being written by a process that died. */
async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return Holder.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

async function isAlive(holder: Holder, path: string, nowMs: number): Promise<boolean> {
  if (holder.host !== hostname()) {
    const touched = await stat(path).catch(ignoreMissing);
    return touched !== undefined && nowMs - touched.mtimeMs < BELIEVED_FOR_MS;
  }
  const started = await startOf(holder.pid);
  return started !== undefined && started === holder.started;
}

/** When a process started, as a text that only that process has; undefined when there is none with that pid. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    // proc(5): field 22 is the start time in ticks since boot; the name before it may contain spaces and parentheses.
    const line = await readFile(`/proc/${pid}/stat`, 'utf8');
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    return `${boot.trim()}:${line.slice(line.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch (error) {
    if (process.platform === 'linux') {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH') return undefined;
      throw error;
    }
  }
  try {
    const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(pid)]);
    return stdout.trim() === '' ? undefined : stdout.trim();
  } catch {
    return undefined;
  }
}

function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) === 'ENOENT') return undefined;
  throw error;
}
