import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';

/** A throw-away PostgreSQL server on a unix socket of its own. */
export interface TestPostgres {
  /** Creates an empty database and returns its URL. */
  createDatabase(name: string): Promise<string>;
  stop(): Promise<void>;
}

/** Where a server's binaries are, or why the tests that need one cannot run here. */
export type PostgresBinaries = { folder: string; as: readonly string[] } | { missing: string };

/** Looks for server binaries on the PATH and where Debian puts them, and for a way to run them as an ordinary user. */
export function findPostgres(): PostgresBinaries {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const candidates = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  const folder = candidates.find(
    (path) => existsSync(join(path, 'postgres')) && existsSync(join(path, 'initdb')),
  );
  if (folder === undefined)
    return { missing: 'no PostgreSQL server binaries on the PATH or in /usr/lib/postgresql' };
  if (process.getuid?.() !== 0) return { folder, as: [] };
  // The server refuses to run as root.
  if (userId() === undefined)
    return { missing: 'running as root, and there is no user "postgres" to run a server as' };
  return {
    folder,
    as: ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', '--pdeathsig=INT'],
  };
}

/**
 * Starts a server with its data in a new folder under the system's temporary one. It does not wait for the disk unless
 * it is asked to: what is measured keeps PostgreSQL's own defaults.
 */
export async function startPostgres(
  binaries: { folder: string; as: readonly string[] },
  options: { durable?: boolean } = {},
): Promise<TestPostgres> {
  const data = mkdtempSync(join(tmpdir(), 'curtail-pg-'));
  const user = userId();
  if (binaries.as.length > 0 && user !== undefined) chownSync(data, user.uid, user.gid);
  const run = (name: string, args: readonly string[]): readonly [string, readonly string[]] => {
    const [command, ...rest] = [...binaries.as, join(binaries.folder, name), ...args];
    return [command ?? name, rest];
  };
  const [initdb, initArgs] = run('initdb', [
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--no-sync',
  ]);
  execFileSync(initdb, initArgs, { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
  const settings = [
    'listen_addresses=',
    `unix_socket_directories=${data}`,
    ...(options.durable === true ? [] : ['fsync=off']),
    'max_connections=40',
  ];
  const [server, serverArgs] = run('postgres', [
    '-D',
    data,
    ...settings.flatMap((setting) => ['-c', setting]),
  ]);
  const child = spawn(server, serverArgs, { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
  await untilReady(child);
  const urlOf = (name: string): string =>
    `postgresql://postgres@localhost/${name}?host=${encodeURIComponent(data)}`;
  return {
    async createDatabase(name) {
      const client = new Client({ connectionString: urlOf('postgres') });
      await client.connect();
      try {
        await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
      } finally {
        await client.end();
      }
      return urlOf(name);
    },
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGINT');
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

async function untilReady(child: ChildProcess): Promise<void> {
  if (child.stderr === null) throw new Error('the server was started without its log');
  const seen: string[] = [];
  const log = child.stderr;
  for await (const line of createInterface({ input: log })) {
    seen.push(line);
    if (line.includes('ready to accept connections')) {
      // Keep reading, or the server would block once the pipe is full.
      log.resume();
      return;
    }
  }
  throw new Error(`PostgreSQL did not start:\n${seen.join('\n')}`);
}

function userId(): { uid: number; gid: number } | undefined {
  try {
    const idOf = (flag: string): number =>
      Number(execFileSync('id', [flag, 'postgres'], { stdio: 'pipe' }).toString());
    return { uid: idOf('-u'), gid: idOf('-g') };
  } catch {
    return undefined;
  }
}
