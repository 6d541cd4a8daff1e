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
const RSS_EVERY_MS = 50;

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

async function measured(take: () => Promise<IntakeReceipt>) {
  let peak = 0;
  const sampling = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, RSS_EVERY_MS);
  const beganMs = performance.now();
  try {
    const receipt = await take();
    const seconds = (performance.now() - beganMs) / 1_000;
    const perSecond = Math.round(receipt.received / seconds);
    return { seconds: rounded(seconds), perSecond, peakRssMb: Math.round(peak / 1e6), ...receipt };
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
