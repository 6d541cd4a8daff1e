import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { createIntake } from '../bin/compose/intake.js';
import { openProcess } from '../bin/compose/process.js';
import { StopStack } from '../bin/compose/stop-stack.js';
import type { IntakeReceipt } from '../client/gateway/deps.js';
import { loadConfig } from '../runtime/config.js';
import { PARTS } from '../workers/parts.js';
import { type BenchServer, startBenchServer } from './lifecycle/bench-server.js';
import { rounded } from './lifecycle/figures.js';
import { exportedFinding, makeWorld, roleOf } from './lifecycle/world.js';

const FINDINGS = 100_000;
/** One finding in so many is above the triage floor. */
const ABOVE_FLOOR = 1_000;
const LOOK_EVERY_MS = 100;

/** Findings of one large export a second, by the path of every finding; and the same export again, which starts nothing. */
async function exportIntakeSuite(): Promise<object> {
  const bench = await startBenchServer();
  const stack = new StopStack();
  try {
    const file = await writeExport(bench);
    const folder = join(bench.folder, 'world');
    const world = await makeWorld({
      folder,
      roles: 1,
      rolesAnAccount: 100,
      sharing: 1,
      queuePrefix: 'intake',
      verifyAfterMs: 1_000,
      floor: 'high',
    });
    await mkdir(join(folder, 'state'), { recursive: true });
    const loaded = loadConfig({ file: world.configFile, cwd: folder });
    const { ports } = await openProcess({
      loaded,
      folder: join(folder, 'state'),
      cluster: bench.cluster,
      stack,
      parts: PARTS,
    });
    const intake = createIntake(ports);
    const take = () => measured(() => intake({ source: 'wiz', via: 'api', body: createReadStream(file) }));
    const idleRssMb = Math.round(process.memoryUsage().rss / 1e6);
    const first = await take();
    const again = await take();
    if (again.started !== 0) throw new Error(`the same export started ${again.started} lives again`);
    return { exportMb: Math.round((await stat(file)).size / 1e6), idleRssMb, first, again };
  } finally {
    await stack.stop();
    await bench.stop();
  }
}

/**
 * One intake, with the most memory that was in use in each quarter of its time: flat when the quarters are alike. `heapMb` is
 * this thread's JavaScript, which is our code; `rssMb` is the whole process, the embedded database's thread included.
 */
async function measured(take: () => Promise<IntakeReceipt>) {
  const seen: { atMs: number; rss: number; heap: number }[] = [];
  const beganMs = performance.now();
  const look = () => {
    const { rss, heapUsed } = process.memoryUsage();
    seen.push({ atMs: performance.now() - beganMs, rss, heap: heapUsed });
  };
  const sampling = setInterval(look, LOOK_EVERY_MS);
  look();
  try {
    const receipt = await take();
    look();
    const tookMs = performance.now() - beganMs;
    const quarters = (of: 'rss' | 'heap') =>
      [0, 1, 2, 3].map((quarter) => {
        const within = seen.filter(({ atMs }) => Math.min(3, Math.floor((atMs * 4) / tookMs)) === quarter);
        return Math.round(Math.max(0, ...within.map((each) => each[of])) / 1e6);
      });
    const perSecond = Math.round((receipt.received * 1_000) / tookMs);
    const memory = { rssMb: quarters('rss'), heapMb: quarters('heap') };
    return { seconds: rounded(tookMs / 1_000), perSecond, ...memory, ...receipt };
  } finally {
    clearInterval(sampling);
  }
}

async function writeExport(bench: BenchServer): Promise<string> {
  await mkdir(bench.folder, { recursive: true });
  const path = join(bench.folder, 'export.json');
  const out = createWriteStream(path);
  out.write('{"data":{"excessiveAccessFindings":{"nodes":[');
  for (let index = 0; index < FINDINGS; index += 1) {
    const severity = index % ABOVE_FLOOR === 0 ? 'HIGH' : 'LOW';
    const node = JSON.stringify(exportedFinding(roleOf(index, 500), 'OPEN', severity));
    if (!out.write(index === 0 ? node : `,${node}`))
      await new Promise<void>((resolve) => out.once('drain', resolve));
  }
  out.end(']}}}');
  await finished(out);
  return path;
}

console.log(JSON.stringify(await exportIntakeSuite(), null, 2));
