import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import type { Activities } from '../../activities/contract.js';
import { connectClient, prepareNamespace } from '../../runtime/connection.js';
import { obtainTemporal } from '../../runtime/temporal-binary.js';
import { startTemporalServer, type TemporalServer } from '../../runtime/temporal-server.js';
import { workflowBundle } from '../../workers/bundle.js';
import { type RunningWorkers, runWorkers } from '../../workers/run.js';
import { ZONES, type Zone } from '../../workflows/naming.js';

/** A real Temporal server of the test's own, on free ports, with its data in a folder that goes away. */
export interface TestCluster {
  client: Client;
  server: TemporalServer;
  /** Runs workers over these activities until `stop`. */
  work(activities: Activities, zones?: readonly Zone[]): Promise<RunningWorkers>;
  stop(): Promise<void>;
}

/** Queue prefix of tests. */
export const TEST_PREFIX = 'test';

export async function startTestCluster(): Promise<TestCluster> {
  quiet();
  const folder = await mkdtemp(join(tmpdir(), 'curtail-temporal-'));
  const binary = await obtainTemporal(() => undefined);
  const server = await startTemporalServer({
    binary,
    folder,
    ports: { frontend: await freePort(), ui: 0, metrics: await freePort() },
    ui: false,
    progress: () => undefined,
  });
  const cluster = { address: server.address, namespace: 'default' };
  const client = await connectClient(cluster);
  await prepareNamespace(client, 1);
  const connection = await NativeConnection.connect({ address: server.address });
  const started: RunningWorkers[] = [];
  return {
    client,
    server,
    async work(activities, zones = ZONES) {
      const bundle = await workflowBundle(join(tmpdir(), 'curtail-test-bundle'));
      const workers = await runWorkers({
        connection,
        namespace: 'default',
        prefix: TEST_PREFIX,
        zones,
        activities,
        bundle,
      });
      workers.done.catch(() => undefined);
      started.push(workers);
      return workers;
    },
    async stop() {
      await Promise.all(started.map((workers) => workers.stop()));
      await connection.close();
      await client.connection.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

let isQuiet = false;
function quiet(): void {
  if (isQuiet) return;
  isQuiet = true;
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
