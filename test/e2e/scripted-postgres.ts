import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPostgres, startPostgres } from '../support/postgres.js';
import { freePort } from '../support/temporal.js';

/**
 * Plays the sample organisation with the ledger on a PostgreSQL server, as `npm start -- --scripted` does for a person
 * who set DATABASE_URL; a second run on the same database must be refused, for its findings have all ended.
 *
 *     npm run test:postgres
 */
const CURTAIL = fileURLToPath(new URL('../../bin/curtail', import.meta.url));
const binaries = findPostgres();
if ('missing' in binaries) throw new Error(`this needs a PostgreSQL server: ${binaries.missing}`);
const postgres = await startPostgres(binaries);
const folder = await mkdtemp(join(tmpdir(), 'curtail-scripted-'));
try {
  const databaseUrl = await postgres.createDatabase('scripted');
  const first = await scripted(databaseUrl);
  const again = first === 0 ? await scripted(databaseUrl) : undefined;
  process.exitCode = first === 0 && again === 3 ? 0 : 1;
  console.log(`on PostgreSQL: exit ${first}; again on the same database: ${again ?? 'not tried'}`);
} finally {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exit();

async function scripted(databaseUrl: string): Promise<number | null> {
  const child = spawn(process.execPath, [CURTAIL, 'up', '--scripted'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      DATABASE_URL: databaseUrl,
      CURTAIL_GATEWAY_PORT: String(await freePort()),
      CURTAIL_TEMPORAL_PORT: String(await freePort()),
      CURTAIL_TEMPORAL_UI_PORT: String(await freePort()),
    },
  });
  return new Promise((resolve) => child.once('exit', resolve));
}
