import { join } from 'node:path';
import { startBenchServer } from './lifecycle/bench-server.js';
import { quantile, rounded } from './lifecycle/figures.js';
import { openProduct } from './lifecycle/product.js';

const FINDINGS = 40;

/** From handing one finding in until its request lies before a person, one finding after another. */
async function readySuite(): Promise<object> {
  const bench = await startBenchServer();
  try {
    const product = await openProduct(bench, {
      folder: join(bench.folder, 'ready'),
      roles: FINDINGS,
      rolesAnAccount: 100,
      sharing: 1,
      queuePrefix: 'ready',
      verifyAfterMs: 400,
    });
    try {
      const [first, ...rest] = product.world.roles;
      if (first !== undefined) await product.live([first]);
      const times: number[] = [];
      for (const role of rest) times.push(...(await product.live([role])).toRequestMs);
      const sorted = times.sort((a, b) => a - b);
      return {
        findings: times.length,
        p50Ms: rounded(quantile(sorted, 0.5), 0),
        p95Ms: rounded(quantile(sorted, 0.95), 0),
        maxMs: rounded(sorted.at(-1) ?? 0, 0),
      };
    } finally {
      await product.stop();
    }
  } finally {
    await bench.stop();
  }
}

console.log(JSON.stringify(await readySuite(), null, 2));
