import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { FindingRow, Ledger } from '../../activities/ledger/port.js';
import { openLedger } from '../../activities/ledger/registry.js';
import { startBenchServer } from '../../bench/lifecycle/bench-server.js';
import { makeWorld, platformExport } from '../../bench/lifecycle/world.js';
import { SignInCodes } from '../../bin/up/codes.js';
import { signIn, type Visitor } from '../../bin/up/person.js';
import { deploymentState, promote } from '../../client/deployments.js';
import { Secret } from '../../runtime/secret.js';
import { buildIdOfSources } from '../../workers/bundle.js';
import { findPostgres, startPostgres } from '../support/postgres.js';
import { freePort } from '../support/temporal.js';
import { type Doubles, faultsOf, wideRoles } from './role-effects.js';
import { ROLE_NAMES, type RoleName, type RoleProcess, startRole } from './role-processes.js';
import { until } from './world.js';

/** How a deployment in separate processes is played and hurt. */
export interface RolePlay {
  findings: number;
  /** Says when each process is killed: numbers in [0, 1). */
  random: () => number;
  /** Mean time between two kills of one process, ms. */
  killEveryMs: number;
  patienceMs: number;
  say: (line: string) => void;
}

/** What came of it. */
export interface Played {
  faults: readonly string[];
  kills: Readonly<Record<RoleName, number>>;
}

const LOOK_EVERY_MS = 500;
const CODE = /^sign-in code for (\S+): (\d{6})$/;

/**
 * Runs a deployment as production does, over a Temporal server and PostgreSQL: the gateway and every role in a process
 * of its own, each killed at random while findings come from a platform's export, a person decides on the gateway's
 * pages, and the platform scans again. The journals of the doubles say whether anything was done twice or not at all.
 */
export async function playRoles(play: RolePlay): Promise<Played> {
  const binaries = findPostgres();
  if ('missing' in binaries) throw new Error(`this needs a PostgreSQL server: ${binaries.missing}`);
  const postgres = await startPostgres(binaries);
  const bench = await startBenchServer();
  const folder = join(bench.folder, 'organisation');
  const port = await freePort();
  const databaseUrl = await postgres.createDatabase('roles');
  const world = await makeWorld({
    folder,
    roles: play.findings,
    rolesAnAccount: 100,
    sharing: 1,
    queuePrefix: 'roles',
    databaseUrl,
    verifyAfterMs: 500,
  });
  await adjust(world.configFile, port);
  const doubles: Doubles = { folder, roles: world.roles };
  const env = { CURTAIL_CONFIG: world.configFile, TEMPORAL_ADDRESS: bench.cluster.address };
  const processes = await Promise.all(ROLE_NAMES.map((name) => startRole(name, env)));
  const ledger = await openLedgerOf(folder);
  const codes = new SignInCodes();
  for (const each of processes)
    each.onLine((line) => {
      const [, person, code] = CODE.exec(line) ?? [];
      if (person !== undefined && code !== undefined) codes.deliver(person, code);
    });
  try {
    await promoteOnce(bench.client);
    const visitor = await signIn({
      gatewayUrl: `http://127.0.0.1:${port}`,
      personId: world.personId,
      nextCode: (id) => codes.next(id),
    });
    const kills = await hurtUntil(play, processes, () => liveThrough(play, doubles, ledger, visitor));
    return { faults: await faultsOf(doubles, ledger), kills };
  } finally {
    await Promise.all(processes.map((each) => each.stop()));
    await ledger.close();
    await bench.stop();
    await postgres.stop();
  }
}

/** Short waits, and a port of its own. The file is JSON. */
async function adjust(configFile: string, port: number): Promise<void> {
  const config = JSON.parse(await readFile(configFile, 'utf8')) as Record<string, unknown>;
  const timing = {
    profile: 'demo',
    pollEveryMs: 3_000,
    verifyAfterMs: 500,
    verifyEveryMs: 1_000,
    verifyGiveUpMs: '1h',
    clusterWaitMs: 500,
    ladderFactor: 1,
    parkedRetriesMs: [2_000],
  };
  await writeFile(configFile, JSON.stringify({ ...config, timing, gateway: { port } }));
}

function openLedgerOf(folder: string): Promise<Ledger> {
  const read = async (name: string): Promise<Secret> =>
    new Secret(await readFile(join(folder, name), 'utf8'));
  return openLedger(
    { vendor: 'postgres', url: 'database.url', bodyKey: 'body.key' },
    { log: () => undefined, now: Date.now, fetch, folder, resolveSecret: read },
  );
}

async function promoteOnce(client: Parameters<typeof promote>[0]): Promise<void> {
  const buildId = await buildIdOfSources();
  await until('the build to be promoted', async () => {
    const state = await deploymentState(client);
    if (state?.versions.some((version) => version.buildId === buildId) !== true) return undefined;
    return promote(client, state, buildId).then(
      () => true,
      () => undefined,
    );
  });
}

/** Findings come, a person approves whatever is asked, and the platform scans, until every life has ended. */
async function liveThrough(
  play: RolePlay,
  doubles: Doubles,
  ledger: Ledger,
  visitor: Visitor,
): Promise<void> {
  const untilMs = Date.now() + play.patienceMs;
  let ended = -1;
  while (Date.now() < untilMs) {
    await scan(doubles);
    const rows = await ledger.findings({ limit: 10_000 });
    const closed = rows.filter(hasEnded).length;
    if (closed !== ended) play.say(`${closed} of ${doubles.roles.length} findings have ended`);
    ended = closed;
    if (closed === doubles.roles.length) return;
    for (const { request, notices } of await ledger.requests({ status: 'open' }))
      if (notices.length > 0) await approve(visitor, request.id);
    await delay(LOOK_EVERY_MS);
  }
  play.say('time is up');
}

/** What its platform reports no more before its life began may come back. */
function hasEnded({ stage, outcome }: FindingRow): boolean {
  return stage === 'closed' && outcome !== 'resolved-at-source';
}

/** A person whose click failed looks again, and clicks again if it is still asked. */
async function approve(visitor: Visitor, requestId: string): Promise<void> {
  const path = `/requests/${encodeURIComponent(requestId)}`;
  await visitor.submit(path, `${path}/decide`, { verdict: 'approve' }).catch(() => undefined);
}

/** The platform's export of what is still true, whole at any moment. */
async function scan(doubles: Doubles): Promise<void> {
  const wide = await wideRoles(doubles);
  const folder = join(doubles.folder, 'exports');
  const open = doubles.roles.filter(({ name }) => wide.has(name));
  const next = join(doubles.folder, 'scan.part');
  await mkdir(folder, { recursive: true });
  await writeFile(next, await text(platformExport(open, 'OPEN')));
  await rename(next, join(folder, 'scan.json'));
}

/** Kills each process at random times until the work is done; several may be down at once. */
async function hurtUntil(
  play: RolePlay,
  processes: readonly RoleProcess[],
  work: () => Promise<void>,
): Promise<Played['kills']> {
  const kills = { gateway: 0, core: 0, connect: 0, think: 0, change: 0 };
  let over = false;
  const hurting = Promise.all(
    processes.map(async (each) => {
      for (;;) {
        await delay(play.killEveryMs * (0.4 + play.random() * 1.2));
        if (over) return;
        kills[each.name] += 1;
        await each.killAndStart();
      }
    }),
  );
  try {
    await Promise.race([work(), hurting.then(() => new Promise<never>(() => undefined))]);
  } finally {
    over = true;
  }
  await hurting;
  return kills;
}
