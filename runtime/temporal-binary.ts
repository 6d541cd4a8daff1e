import { execFile, spawn } from 'node:child_process';
import { access, constants, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Version that `tools/temporal/go.mod` pins; the dev server's database belongs to it. */
export const TEMPORAL_CLI_VERSION = '1.8.2';

const run = promisify(execFile);
const SOURCE = fileURLToPath(new URL('../tools/temporal/', import.meta.url));

export interface TemporalBinary {
  path: string;
  version: string;
  from: 'path' | 'cache' | 'built';
}

/** No server could be had; the message says what to do. */
export class NoTemporalServer extends Error {}

/**
 * Finds the Temporal CLI, or builds it: on the PATH, in our cache, or from the Go module proxy.
 * Building takes minutes once; `progress` is told why and how far.
 *
 * @throws NoTemporalServer with the remedy when none of them works.
 */
export async function obtainTemporal(
  progress: (line: string) => void,
  env = process.env,
): Promise<TemporalBinary> {
  const onPath = await findOnPath('temporal', env);
  if (onPath !== undefined) {
    const version = await versionOf(onPath);
    if (version !== undefined) return { path: onPath, version, from: 'path' };
    progress(`${onPath} does not answer as the Temporal CLI; looking further`);
  }
  const cached = join(cacheFolder(env), `temporal-${TEMPORAL_CLI_VERSION}`);
  if (await isExecutable(cached)) return { path: cached, version: TEMPORAL_CLI_VERSION, from: 'cache' };
  await build(cached, progress, env);
  return { path: cached, version: TEMPORAL_CLI_VERSION, from: 'built' };
}

/** Where built tools are kept between checkouts. */
export function cacheFolder(env = process.env): string {
  const base = env['CURTAIL_CACHE'] ?? join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'curtail');
  return join(base, 'bin');
}

async function build(
  target: string,
  progress: (line: string) => void,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const go = await findOnPath('go', env);
  if (go === undefined) {
    throw new NoTemporalServer(
      'no Temporal server: `temporal` is not on the PATH and Go is not there to build it. ' +
        'Install the Temporal CLI or Go, or set TEMPORAL_ADDRESS to a server that runs.',
    );
  }
  const folder = join(target, '..');
  await mkdir(folder, { recursive: true });
  const scratch = await mkdtemp(join(folder, '.building-'));
  const output = join(scratch, 'temporal');
  progress(
    `building the Temporal server ${TEMPORAL_CLI_VERSION} with Go; once, about four minutes on two cores`,
  );
  const startedAt = Date.now();
  const ticker = setInterval(() => {
    progress(`still building the Temporal server, ${Math.round((Date.now() - startedAt) / 1000)} s so far`);
  }, 20_000);
  try {
    await goBuild(go, output, env);
    await rename(output, target);
  } finally {
    clearInterval(ticker);
    await rm(scratch, { recursive: true, force: true });
  }
  progress(`built in ${Math.round((Date.now() - startedAt) / 1000)} s; kept for the next start`);
}

function goBuild(go: string, output: string, env: NodeJS.ProcessEnv): Promise<void> {
  const stamp = `-s -w -X github.com/temporalio/cli/internal/temporalcli.Version=${TEMPORAL_CLI_VERSION}`;
  const args = [
    'build',
    '-mod=mod',
    '-buildvcs=false',
    '-o',
    output,
    '-ldflags',
    stamp,
    'github.com/temporalio/cli/cmd/temporal',
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(go, args, {
      cwd: SOURCE,
      env: { ...env, CGO_ENABLED: '0', GOFLAGS: '' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let tail = '';
    child.stderr.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString()).slice(-2_000);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else
        reject(
          new NoTemporalServer(`building the Temporal server: go ended with ${code ?? 'a signal'}:\n${tail}`),
        );
    });
  });
}

/** The first executable of that name on the PATH. */
export async function findOnPath(name: string, env = process.env): Promise<string | undefined> {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const candidate = join(folder, name);
    if (folder !== '' && (await isExecutable(candidate))) return candidate;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(path, ['--version'], { timeout: 10_000 });
    return /version (\S+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}
