import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ChildOrder } from './crash-child.js';
import { until } from './world.js';

/** A worker process that can be killed. */
export interface Child {
  pid: number;
  /** Begins to work, and perhaps to crash. */
  order(order: ChildOrder): Promise<void>;
  /** Signal that it died of. */
  died(): Promise<NodeJS.Signals>;
  kill(): void;
}

const CHILD = fileURLToPath(new URL('crash-child.ts', import.meta.url));

/** Starts a worker process and waits until it could work. */
export async function startChild(folder: string, databaseUrl: string, address: string): Promise<Child> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, folder, databaseUrl, address], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const said: string[] = [];
  const errors: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => said.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  const seen = () => [...said, ...errors.slice(0, 12), child.exitCode, child.signalCode];
  await saidBy(child, 'ready', said, seen);
  return {
    pid: child.pid ?? 0,
    async order(order) {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      await saidBy(child, 'working', said, seen);
    },
    died: () => until('the child to die', async () => child.signalCode ?? undefined, seen),
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}

function saidBy(
  child: ChildProcess,
  word: string,
  said: readonly string[],
  seen: () => unknown,
): Promise<true> {
  return until(
    `a child to say ${word}`,
    async () => {
      if (child.exitCode !== null) throw new Error(`the child ended: ${JSON.stringify(seen())}`);
      return said.includes(word) ? true : undefined;
    },
    seen,
    60_000,
  );
}
