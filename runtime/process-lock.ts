import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);

const HolderFile = z.object({
  pid: z.number().int().positive(),
  started: z.string(),
  host: z.string(),
  what: z.string(),
});

/** Who holds something: a process id alone is not enough, since ids are used again. */
export type Holder = z.infer<typeof HolderFile>;

/** How often the holder touches its file, and how long another machine believes an untouched one. */
const TOUCH_EVERY_MS = 5_000;
const BELIEVED_FOR_MS = 30_000;

/** Somebody else holds it; `holder` is undefined while another process is just taking it over. */
export class Held extends Error {
  readonly holder: Holder | undefined;
  constructor(path: string, what: string, holder?: Holder) {
    super(
      holder === undefined
        ? `${what} is just being taken over by another process (lock ${path}); try again`
        : `${holder.what} is already running here (process ${holder.pid} on ${holder.host}; lock ${path})`,
    );
    this.holder = holder;
  }
}

/** A lock that is held until it is released or its process ends. */
export interface ProcessLock {
  release(): Promise<void>;
}

/** How a lock is taken. */
export interface LockOptions {
  /** The process that it stands for; this one by default. */
  pid?: number;
  /** Wall clock in milliseconds. */
  now?: () => number;
}

/**
 * Takes a lock file for as long as a process lives. It names pid and start time, so that a crashed holder's file is
 * taken over even when its pid was given to another process; a holder on another machine is judged by the file's age.
 * @throws Held
 */
export async function takeLock(path: string, what: string, options: LockOptions = {}): Promise<ProcessLock> {
  const { pid = process.pid, now = Date.now } = options;
  await mkdir(dirname(path), { recursive: true });
  const me: Holder = { pid, started: (await startOf(pid)) ?? 'unknown', host: hostname(), what };
  if (!(await createExclusively(path, me))) await takeOver(path, me, now);
  const touching = setInterval(() => {
    const seconds = now() / 1000;
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

/** The holder that a lock file names; undefined when it is gone or was cut off by a process that died writing it. */
export async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return HolderFile.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Whether exactly the process that a lock file names still runs, as far as this machine can tell. */
export async function isHeld(holder: Holder, path: string, nowMs: number = Date.now()): Promise<boolean> {
  if (holder.host !== hostname()) {
    const touched = await stat(path).catch(ignoreMissing);
    return touched !== undefined && nowMs - touched.mtimeMs < BELIEVED_FOR_MS;
  }
  const started = await startOf(holder.pid);
  return started !== undefined && started === holder.started;
}

/** A file that names nobody and lies there for long: whoever made it died over it. */
async function isOld(path: string, nowMs: number): Promise<boolean> {
  const made = await stat(path).catch(ignoreMissing);
  return made !== undefined && nowMs - made.mtimeMs > BELIEVED_FOR_MS;
}

/** Replaces a dead holder's file. A second file makes sure that only one process does so at a time. */
async function takeOver(path: string, me: Holder, now: () => number): Promise<void> {
  const turn = `${path}.takeover`;
  if (!(await createExclusively(turn, me))) {
    const other = await readHolder(turn);
    const isTaken = other === undefined ? !(await isOld(turn, now())) : await isHeld(other, turn, now());
    if (isTaken) throw new Held(path, me.what);
    await unlink(turn).catch(ignoreMissing);
    return takeOver(path, me, now);
  }
  try {
    const holder = await readHolder(path);
    if (holder !== undefined && (await isHeld(holder, path, now()))) throw new Held(path, me.what, holder);
    const next = `${path}.${me.pid}`;
    await writeFile(next, JSON.stringify(me), { mode: 0o600 });
    await rename(next, path);
  } finally {
    await unlink(turn).catch(ignoreMissing);
  }
}

/** Made whole or not at all: a file that names nobody yet would be taken for a dead holder's, or for a live one's for ever. */
async function createExclusively(path: string, me: Holder): Promise<boolean> {
  const staged = `${path}.${process.pid}.${randomUUID()}`;
  await writeFile(staged, JSON.stringify(me), { mode: 0o600, flag: 'wx' });
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

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
