import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { actionsOf } from '../test/support/metrics.js';
import { type BenchServer, startBenchServer } from './lifecycle/bench-server.js';
import { rounded } from './lifecycle/figures.js';
import { openProduct } from './lifecycle/product.js';

/** Members of the measured cluster. */
const CLUSTER = 8;
/** The server counts a moment after it answers, ms. */
const COUNTED_AFTER_MS = 3_000;

/** Temporal actions a finding with the real activities, by the server's own count: alone, and in a cluster of eight. */
async function actionsSuite(): Promise<object> {
  const bench = await startBenchServer();
  try {
    const alone = await spent(bench, 1, 1);
    const clustered = await spent(bench, CLUSTER, CLUSTER);
    return {
      alone: { findings: 1, actions: alone, budget: 13 },
      cluster: { findings: CLUSTER, actions: clustered, perFinding: rounded(clustered / CLUSTER), budget: 6 },
    };
  } finally {
    await bench.stop();
  }
}

async function spent(bench: BenchServer, roles: number, sharing: number): Promise<number> {
  const name = `actions-${roles}`;
  const folder = join(bench.folder, name);
  const product = await openProduct(bench, {
    folder,
    roles,
    rolesAnAccount: 100,
    sharing,
    queuePrefix: name,
  });
  try {
    const before = await actionsOf(bench.server);
    const { outcomes } = await product.live(product.world.roles);
    if (outcomes['verified'] !== roles) throw new Error(`not all were verified: ${JSON.stringify(outcomes)}`);
    await wait(COUNTED_AFTER_MS);
    return (await actionsOf(bench.server)) - before;
  } finally {
    await product.stop();
  }
}

console.log(JSON.stringify(await actionsSuite(), null, 2));
