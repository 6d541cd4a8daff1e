import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createStarter } from '../../client/starter.js';
import { connectClient, prepareNamespace } from '../../runtime/connection.js';
import { obtainTemporal } from '../../runtime/temporal-binary.js';
import { startTemporalServer, type TemporalServer } from '../../runtime/temporal-server.js';
import { timingOf } from '../../runtime/timing.js';
import { sha256 } from '../../workers/open-ports.js';
import { taskQueue, ZONES } from '../../workflows/naming.js';
import { findPostgres, startPostgres } from '../support/postgres.js';
import { type Life, openProduct, type Product, unique } from '../support/product.js';
import { freePort, TEST_PREFIX } from '../support/temporal.js';
import { type Child, startChild } from './children.js';
import { ONCE, steps, until, WORLD_TIMING } from './world.js';

/**
 * Kills the process and the Temporal server at random while findings live through. Afterwards the journals of the
 * account and of the ticket desk, which nobody of ours can rewrite, say whether anything happened twice or not at all.
 *
 *     node --import tsx test/e2e/soak.ts --findings 200 [--seed 1]
 */
const { values } = parseArgs({
  options: { findings: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
});
const FINDINGS = Number(values.findings);
/** Mean time between two kills. */
const KILL_EVERY_MS = 6_000;
/** Share of the kills that hit the Temporal server. */
const SERVER_SHARE = 0.25;
/** Lives that wait for a decision or a scan at once. */
const LANES = 16;
const PATIENCE_MS = 240_000;

const random = seeded(Number(values.seed));
const binaries = findPostgres();
if ('missing' in binaries) throw new Error(`soaking needs a PostgreSQL server: ${binaries.missing}`);
const postgres = await startPostgres(binaries);
const databaseUrl = await postgres.createDatabase('soak');
const temporal = await openServer();
const client = await connectClient({ address: temporal.address, namespace: 'default' });
const timing = { ...WORLD_TIMING, parkedRetriesMs: [1_000], verifyGiveUpMs: 600_000, ladderFactor: 1 };
const product = await openProduct({
  databaseUrl,
  timing,
  starter: ({ ports }) =>
    createStarter({
      client,
      coreQueue: taskQueue(TEST_PREFIX, 'core'),
      timing: timingOf('test', timing),
      ladder: ports.settings.ladder,
      digest: sha256,
    }),
});
const world = steps({ client }, product);
const kills = { process: 0, server: 0 };
let worker = await startWorker();
let over = false;

const startedMs = Date.now();
const killing = killAtRandom();
const scanning = scanNowAndThen();
const faults = await inLanes(FINDINGS, live);
over = true;
await Promise.all([killing, scanning]);
const audit = await product.ports.ledger.verifyAudit();
const bad = faults.filter((fault) => fault !== undefined);
for (const fault of bad) console.log(`FAIL ${fault}`);
console.log(
  `${FINDINGS} findings, ${kills.process} kills of the process, ${kills.server} of the Temporal server, ` +
    `${Math.round((Date.now() - startedMs) / 1000)} s: ${bad.length} at fault; audit chain of ${audit.rows} rows ${audit.ok ? 'intact' : 'BROKEN'}`,
);
worker.kill();
await client.connection.close();
await temporal.stop();
await product.close();
await postgres.stop();
process.exit(bad.length === 0 && audit.ok ? 0 : 1);

/** One life from intake to its end, whatever is killed meanwhile. Returns what went wrong. */
async function live(): Promise<string | undefined> {
  const life = await begin(product);
  try {
    await approveUntilTaken(life);
    const ended = await patiently('the end', async () => {
      const { status } = await world.handle(life).describe();
      return status.name === 'RUNNING' ? undefined : world.handle(life).result();
    });
    if (ended.outcome !== 'verified') return `${life.key} ended ${ended.outcome}: ${ended.note}`;
    const effects = await world.effects(life);
    return JSON.stringify(effects) === JSON.stringify(ONCE)
      ? undefined
      : `${life.key} ${JSON.stringify(effects)}`;
  } catch (error) {
    const row = await product.ports.ledger.finding(life.key);
    return `${life.key} ${String(error).slice(0, 300)}; ledger: ${row?.stage} ${row?.note ?? ''}`;
  }
}

/** The platform's report is repeated until it was taken in, as a poll would. */
async function begin(on: Product): Promise<Life> {
  const role = { name: unique('soak') };
  try {
    return await on.begin(role);
  } catch {
    // The server was down when the life was to be started: intake is told again of what it recorded.
    return patiently('intake', () => on.beginAgain(role.name));
  }
}

async function approveUntilTaken(life: Life): Promise<void> {
  await patiently('a decision to be taken', async () => {
    const rows = await product.ports.ledger.requests({ findingKey: life.key });
    if (rows.some((row) => row.status === 'approved')) return true;
    const open = rows.find((row) => row.status === 'open' && row.notices.length > 0);
    if (open === undefined) return undefined;
    const receipt = await world.decide(open);
    return receipt.outcome === 'accepted' ? true : undefined;
  });
}

/** Like `until`, where the server may not answer for a while. */
function patiently<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
  let last: unknown;
  return until(
    what,
    async () => {
      try {
        return await probe();
      } catch (error) {
        last = error;
        await delay(300);
        return undefined;
      }
    },
    () => String(last),
    PATIENCE_MS,
  );
}

async function startWorker(): Promise<Child> {
  const child = await startChild(product.folder, databaseUrl, temporal.address);
  await child.order({ zones: ZONES });
  return child;
}

/** A supervisor starts a process again that cannot start yet; that it could not is told. */
async function restarted(): Promise<Child> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startWorker();
    } catch (error) {
      console.log(`start ${attempt} failed: ${String(error).slice(0, 1_500)}`);
      if (attempt === 5) throw error;
      await delay(1_000);
    }
  }
}

async function killAtRandom(): Promise<void> {
  while (!over) {
    await delay(KILL_EVERY_MS * (0.4 + random() * 1.2));
    if (over) return;
    if (random() < SERVER_SHARE) {
      kills.server += 1;
      await temporal.killAndStart();
      continue;
    }
    kills.process += 1;
    worker.kill();
    worker = await restarted();
  }
}

async function scanNowAndThen(): Promise<void> {
  while (!over) {
    await delay(700);
    await product.scan().catch((error: unknown) => console.log(`a scan failed: ${String(error)}`));
  }
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

async function inLanes<Out>(count: number, each: () => Promise<Out>): Promise<Out[]> {
  const results: Out[] = [];
  let left = count;
  async function lane(): Promise<void> {
    while (left > 0) {
      left -= 1;
      results.push(await each());
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane));
  return results;
}

/** Numbers in [0, 1) that a seed makes again (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
