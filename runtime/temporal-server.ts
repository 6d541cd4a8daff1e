import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { type Holder, isHeld, readHolder, takeLock } from './process-lock.js';
import type { TemporalBinary } from './temporal-binary.js';

export interface TemporalServerOptions {
  binary: TemporalBinary;
  /** Folder of the database, the lock and the log. */
  folder: string;
  ports: { frontend: number; ui: number; metrics?: number };
  /** Without it no web UI is served. */
  ui: boolean;
  /** Where the UI has encrypted payloads decoded. */
  uiCodecEndpoint?: string;
  progress: (line: string) => void;
}

export interface TemporalServer {
  address: string;
  uiUrl: string | undefined;
  metricsUrl: string | undefined;
  pid: number;
  /** Resolves when the server has ended by itself. */
  ended: Promise<number | null>;
  stop(): Promise<void>;
}

/** A port that is asked for belongs to somebody else. */
export class PortTaken extends Error {
  readonly port: number;
  constructor(port: number, what: string, setting: string) {
    super(`port ${port} for ${what} is in use; stop what uses it, or set ${setting} to another port`);
    this.port = port;
  }
}

/**
 * Starts the Temporal development server on a database file of ours. An orphan of a crashed start is stopped first:
 * two servers on one SQLite file start without an error and corrupt each other.
 *
 * @throws Held when another Curtail runs it, PortTaken, or an Error that names the server's log.
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const { folder, ports } = options;
  await mkdir(folder, { recursive: true });
  await refuseOtherVersion(join(folder, 'server-version'), options.binary.version);
  await stopOrphan(join(folder, 'server.lock'), options.progress);
  await portFree(ports.frontend, 'the Temporal server', 'temporal.ports.frontend (CURTAIL_TEMPORAL_PORT)');
  if (options.ui) await portFree(ports.ui, 'the Temporal UI', 'temporal.ports.ui (CURTAIL_TEMPORAL_UI_PORT)');

  const database = join(folder, 'temporal.db');
  const log = createWriteStream(join(folder, 'server.log'), { flags: 'a', mode: 0o600 });
  const child = spawn(options.binary.path, serverArguments(options, database), {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // Ctrl-C reaches us, and we stop it last.
  });
  child.stdout?.pipe(log);
  child.stderr?.pipe(log);
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const pid = child.pid;
  if (pid === undefined) throw new Error(`starting ${options.binary.path}: it cannot be executed`);
  const lock = await takeLock(join(folder, 'server.lock'), 'the Temporal server', { pid });
  const address = `127.0.0.1:${ports.frontend}`;
  try {
    await untilServing(address, ended, join(folder, 'server.log'));
  } catch (error) {
    await stopChild(child, ended);
    await lock.release();
    throw error;
  }
  return {
    address,
    uiUrl: options.ui ? `http://127.0.0.1:${ports.ui}` : undefined,
    metricsUrl: ports.metrics === undefined ? undefined : `http://127.0.0.1:${ports.metrics}/metrics`,
    pid,
    ended,
    stop: async () => {
      await stopChild(child, ended);
      await lock.release();
    },
  };
}

function serverArguments(options: TemporalServerOptions, database: string): string[] {
  const { ports } = options;
  // WAL with synchronous=NORMAL: about five times the lifecycles a second, and it survives kill -9.
  return [
    'server',
    'start-dev',
    '--ip',
    '127.0.0.1',
    '--port',
    String(ports.frontend),
    ...(options.ui ? ['--ui-port', String(ports.ui), '--ui-disable-news-fetch'] : ['--headless']),
    ...(options.uiCodecEndpoint === undefined ? [] : ['--ui-codec-endpoint', options.uiCodecEndpoint]),
    ...(ports.metrics === undefined ? [] : ['--metrics-port', String(ports.metrics)]),
    '--db-filename',
    database,
    '--sqlite-pragma',
    'journal_mode=WAL',
    '--sqlite-pragma',
    'synchronous=NORMAL',
    '--log-level',
    'warn',
    '--dynamic-config-value',
    'frontend.namespaceRPS=20000',
    '--dynamic-config-value',
    'frontend.rps=20000',
  ];
}

/** The database of one server version is not promised to another. */
async function refuseOtherVersion(path: string, version: string): Promise<void> {
  let seen: string | undefined;
  try {
    seen = (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  if (seen !== undefined && seen !== version) {
    throw new Error(
      `the Temporal database belongs to version ${seen} of the server, and this is ${version}. ` +
        'Use that version, or move the folder away to begin anew (the ledger keeps the audit).',
    );
  }
  await writeFile(path, `${version}\n`, { mode: 0o600 });
}

/** Stops a server that a crashed start left behind; nothing when there is none. */
export async function stopOrphan(lock: string, progress: (line: string) => void): Promise<void> {
  const holder = await readHolder(lock);
  if (holder === undefined || !(await isHeld(holder, lock))) return;
  progress(`stopping a Temporal server that an earlier start left behind (process ${holder.pid})`);
  signal(holder.pid, 'SIGTERM');
  if (await untilGone(holder, lock, 100)) return;
  signal(holder.pid, 'SIGKILL');
  await untilGone(holder, lock, 50);
}

/** Whether it went within that many tenths of a second. */
async function untilGone(holder: Holder, lock: string, tenths: number): Promise<boolean> {
  for (let waited = 0; waited < tenths; waited += 1) {
    if (!(await isHeld(holder, lock))) return true;
    await delay(100);
  }
  return false;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function stopChild(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const stopped = await Promise.race([ended.then(() => true), delay(10_000, false, { ref: false })]);
  if (!stopped) {
    child.kill('SIGKILL');
    await ended;
  }
}

async function untilServing(address: string, ended: Promise<number | null>, log: string): Promise<void> {
  let exit: { code: number | null } | undefined;
  void ended.then((code) => {
    exit = { code };
  });
  let last: unknown;
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (exit !== undefined)
      throw new Error(`the Temporal server ended at once (code ${exit.code}); see ${log}`);
    try {
      const connection = await Connection.connect({ address, connectTimeout: '2 seconds' });
      await connection.workflowService.describeNamespace({ namespace: 'default' });
      await connection.close();
      return;
    } catch (error) {
      last = error;
      await delay(200);
    }
  }
  throw new Error(`the Temporal server does not answer at ${address} (${String(last)}); see ${log}`);
}

/** @throws PortTaken */
export async function portFree(port: number, what: string, setting: string): Promise<void> {
  if (port === 0) return;
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', () => reject(new PortTaken(port, what, setting)));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()));
  });
}
