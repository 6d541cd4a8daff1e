import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { RequestRow } from '../activities/ledger/port.js';
import { openApi } from '../client/cli/api.js';
import { freePort } from '../test/support/temporal.js';

const CURTAIL = fileURLToPath(new URL('../bin/curtail', import.meta.url));
const LOOK_EVERY_MS = 100;
const LIMIT_MS = 5 * 60_000;

/**
 * From `npm start` until the inbox holds a request: the first start in an empty folder, the second there, and one that
 * begins the sample organisation anew. Packages and the Temporal server's binary are there already.
 */
async function restartSuite(): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), 'curtail-restart-'));
  process.env['CURTAIL_GATEWAY_PORT'] = String(await freePort());
  process.env['CURTAIL_TEMPORAL_PORT'] = String(await freePort());
  process.env['CURTAIL_TEMPORAL_UI_PORT'] = String(await freePort());
  try {
    const firstMs = await untilRequest(folder, []);
    const secondMs = await untilRequest(folder, []);
    const anewMs = await untilRequest(folder, ['--fresh']);
    return { firstMs, secondMs, anewMs };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function untilRequest(folder: string, flags: readonly string[]): Promise<number> {
  const beganMs = performance.now();
  const child = spawn(process.execPath, [CURTAIL, 'up', ...flags], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    while (!(await isAsked(folder))) {
      if (child.exitCode !== null) throw new Error(`curtail up ended with ${child.exitCode}`);
      if (performance.now() - beganMs > LIMIT_MS) throw new Error('no request came');
      await wait(LOOK_EVERY_MS);
    }
    return Math.round(performance.now() - beganMs);
  } finally {
    await stop(child, ended);
  }
}

/** Whether the inbox holds a request; false while nothing answers yet. */
async function isAsked(folder: string): Promise<boolean> {
  try {
    const { requests } = await openApi({ cwd: folder }).get<{ requests: readonly RequestRow[] }>(
      '/requests?status=open',
    );
    return requests.length > 0;
  } catch {
    return false;
  }
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await ended;
}

console.log(JSON.stringify(await restartSuite(), null, 2));
process.exit();
