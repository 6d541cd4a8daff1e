import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ZONES } from '../../workflows/naming.js';
import { until } from './world.js';

/** The processes of a deployment, by name. */
export const ROLE_NAMES = ['gateway', ...ZONES] as const;
export type RoleName = (typeof ROLE_NAMES)[number];

/** A process as it runs in production: the command line itself, under a supervisor that starts it again. */
export interface RoleProcess {
  name: RoleName;
  /** Ends it in the middle of whatever it does, starts it again, and returns once it works. */
  killAndStart(): Promise<void>;
  stop(): Promise<void>;
  /** Called with every line that it writes. */
  onLine(listener: (line: string) => void): void;
}

const CURTAIL = fileURLToPath(new URL('../../bin/curtail', import.meta.url));
/** What a process says once it works. */
const UP = /^(?:working: |gateway: )/;
const PATIENCE_MS = 120_000;
const KEPT_LINES = 15;

/** Starts `curtail gateway` or `curtail work --roles <name>` and returns once it works. */
export async function startRole(name: RoleName, env: Readonly<Record<string, string>>): Promise<RoleProcess> {
  const listeners: ((line: string) => void)[] = [];
  let child = await start();

  async function start(): Promise<ChildProcess> {
    const args = name === 'gateway' ? ['gateway'] : ['work', '--roles', name];
    const started = spawn(process.execPath, [CURTAIL, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', ...env },
    });
    const said: string[] = [];
    let isUp = false;
    createInterface({ input: started.stderr }).on('line', (line) => {
      if (said.push(line) > KEPT_LINES) said.shift();
      isUp ||= UP.test(line);
      for (const listener of listeners) listener(line);
    });
    await until(
      `${name} to work`,
      async () => {
        if (started.exitCode !== null)
          throw new Error(`${name} ended with ${started.exitCode}: ${said.join('\n')}`);
        return isUp ? true : undefined;
      },
      () => said,
      PATIENCE_MS,
    );
    return started;
  }

  return {
    name,
    async killAndStart() {
      await ended(child, 'SIGKILL');
      child = await start();
    },
    stop: () => ended(child, 'SIGTERM'),
    onLine: (listener) => {
      listeners.push(listener);
    },
  };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await gone;
}
