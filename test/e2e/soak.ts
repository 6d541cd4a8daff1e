import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connectClient, prepareNamespace } from '../../runtime/connection.js';
import { obtainTemporal } from '../../runtime/temporal-binary.js';
import { startTemporalServer, type TemporalServer } from '../../runtime/temporal-server.js';
import { findPostgres, startPostgres } from '../support/postgres.js';
import { unique } from '../support/product.js';
import { freePort } from '../support/temporal.js';
import { type House, openHouse } from './house.js';
import { inLanes } from './lanes.js';
import { playToTheEnd } from './play.js';
import { seeded } from './seeded.js';
import { HARDY_TIMING } from './world.js';

/**
 * Kills processes of the product and the Temporal server at random while findings live through. Afterwards the journals
 * of the account and of the ticket desk, which nobody of ours can rewrite, say whether anything happened twice or not
 * at all. With `--postgres` each role is a process of its own, and any of them is hit.
 *
 *     npm run test:soak -- --findings 200 --seed 1 [--postgres]
 */
const { values } = parseArgs({
  options: {
    findings: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    postgres: { type: 'boolean', default: false },
  },
});
const FINDINGS = Number(values.findings);
/**
 * Lines that the journals of the account and of the ticket desk grow by between two kills, at most. Counted by what was
 * done and not by the clock: on a busy machine nothing would ever be finished otherwise.
 */
const LINES_BETWEEN_KILLS = 40;
/** Share of the kills that hit the Temporal server. */
const SERVER_SHARE = 0.25;
/** Lives at once. */
const LANES = 16;
const PATIENCE_MS = 900_000;

const random = seeded(Number(values.seed));
const postgres = values.postgres ? await ledgerServer() : undefined;
const temporal = await openServer();
const client = await connectClient({ address: temporal.address, namespace: 'default' });
const house = await openHouse(
  client,
  {
    address: temporal.address,
    prefix: 'soak',
    timing: { ...HARDY_TIMING, parkedRetriesMs: [1_000] },
    ...(postgres !== undefined && { databaseUrl: await postgres.createDatabase('soak') }),
  },
  PATIENCE_MS,
);
const kills = { process: 0, server: 0 };
let over = false;

const startedMs = Date.now();
const killing = killAtRandom(house);
const ticking = tickNowAndThen(house);
const names = Array.from({ length: FINDINGS }, () => unique('soak'));
const lanes = Array.from({ length: LANES }, () => house);
const faults = await inLanes(lanes, names, async (_house, name) => {
  const fault = await playToTheEnd(house, name, PATIENCE_MS);
  return fault === undefined ? undefined : `${name}: ${fault}`;
});
over = true;
await Promise.all([killing, ticking]);
const audit = await house.ledger.verifyAudit();
const bad = faults.filter((fault) => fault !== undefined);
for (const fault of bad) console.log(`FAIL ${fault}`);
console.log(
  `${FINDINGS} findings, ${kills.process} kills of ${values.postgres ? 'a role' : 'the process'}, ${kills.server} of the Temporal server, ` +
    `${Math.round((Date.now() - startedMs) / 1000)} s: ${bad.length} at fault; audit chain of ${audit.rows} rows ${audit.ok ? 'intact' : 'BROKEN'}`,
);
await house.close();
await client.connection.close();
await temporal.stop();
await postgres?.stop();
process.exit(bad.length === 0 && audit.ok ? 0 : 1);

async function killAtRandom(victim: House): Promise<void> {
  while (!over) {
    const next = (await victim.linesDone()) + 1 + random() * LINES_BETWEEN_KILLS;
    while (!over && (await victim.linesDone()) < next) await delay(100);
    if (over) return;
    if (random() < SERVER_SHARE) {
      kills.server += 1;
      await temporal.killAndStart();
      continue;
    }
    kills.process += 1;
    victim.kill(Math.floor(random() * 1_000));
    // Back again once it answers: what is killed while it starts never comes to any work.
    await victim.writesOf('');
  }
}

async function tickNowAndThen(on: House): Promise<void> {
  while (!over) {
    await delay(700);
    // While the Temporal server is down nothing new can be started; the next scan tells of it again.
    await on.tick().catch((error: unknown) => console.log(`a tick failed: ${String(error).slice(0, 160)}`));
  }
}

async function ledgerServer() {
  const binaries = findPostgres();
  if ('missing' in binaries) throw new Error(`soaking over PostgreSQL: ${binaries.missing}`);
  return startPostgres(binaries);
}

interface KillableServer {
  address: string;
  killAndStart(): Promise<void>;
  stop(): Promise<void>;
}

/** A server whose process can be killed and that comes back at the same address with the same data. */
async function openServer(): Promise<KillableServer> {
  const folder = await mkdtemp(join(tmpdir(), 'curtail-soak-'));
  const binary = await obtainTemporal(() => undefined);
  const ports = { frontend: await freePort(), ui: 0 };
  const start = (): Promise<TemporalServer> =>
    startTemporalServer({ binary, folder, ports, ui: false, progress: () => undefined });
  let server = await start();
  const first = await connectClient({ address: server.address, namespace: 'default' });
  await prepareNamespace(first, 1);
  await first.connection.close();
  return {
    address: server.address,
    async killAndStart() {
      process.kill(server.pid, 'SIGKILL');
      await server.ended;
      server = await start();
    },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
