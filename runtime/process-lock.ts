import { readFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Who holds something: a process id alone is not enough, since ids are used again. */
export interface Holder {
  pid: number;
  /** Start time of the process as the kernel counts it; empty where it cannot be read. */
  startedAt: string;
  what: string;
}

/** Somebody else holds it. */
export class Held extends Error {
  readonly holder: Holder;
  constructor(holder: Holder, path: string) {
    super(`${holder.what} is already running here (process ${holder.pid}; lock ${path})`);
    this.holder = holder;
  }
}

/** Takes a lock file, or takes over one whose process is gone. @throws Held */
export async function takeLock(
  path: string,
  what: string,
  pid = process.pid,
): Promise<{ release: () => Promise<void> }> {
  await mkdir(dirname(path), { recursive: true });
  const mine: Holder = { pid, startedAt: startOf(pid), what };
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      await writeFile(path, JSON.stringify(mine), { flag: 'wx', mode: 0o600 });
      return { release: () => rm(path, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = await readHolder(path);
      if (holder !== undefined && isAlive(holder) && holder.pid !== pid) throw new Held(holder, path);
      await rm(path, { force: true });
    }
  }
  throw new Error(`taking the lock ${path}: others take it at the same moment; try again`);
}

export async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const parsed: unknown = JSON.parse(await readFile(path, 'utf8'));
    const { pid, startedAt, what } = parsed as Partial<Holder>;
    if (typeof pid !== 'number' || typeof startedAt !== 'string' || typeof what !== 'string')
      return undefined;
    return { pid, startedAt, what };
  } catch {
    // A lock that cannot be read was cut off while it was written: nobody holds it.
    return undefined;
  }
}

/** Whether exactly this process still runs. */
export function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const now = startOf(holder.pid);
  return now === '' || holder.startedAt === '' || now === holder.startedAt;
}

/** Field 22 of /proc/<pid>/stat (proc(5)); empty on systems without it. */
export function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
