import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { type ClusterAddress, connectClient, prepareNamespace } from '../../runtime/connection.js';
import { obtainTemporal } from '../../runtime/temporal-binary.js';
import { startTemporalServer, type TemporalServer } from '../../runtime/temporal-server.js';
import { freePort } from '../../test/support/temporal.js';

/** A Temporal server of a measurement's own, on free ports, set up as `curtail up` sets one up. */
export interface BenchServer {
  server: TemporalServer;
  cluster: ClusterAddress;
  client: Client;
  /** Scratch folder; removed by `stop`. */
  folder: string;
  stop(): Promise<void>;
}

let isQuiet = false;

export async function startBenchServer(): Promise<BenchServer> {
  if (!isQuiet) Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  isQuiet = true;
  const folder = await mkdtemp(join(tmpdir(), 'curtail-bench-'));
  const server = await startTemporalServer({
    binary: await obtainTemporal(() => undefined),
    folder: join(folder, 'temporal'),
    ports: { frontend: await freePort(), ui: 0, metrics: await freePort() },
    ui: false,
    progress: () => undefined,
  });
  const cluster = { address: server.address, namespace: 'default' };
  const client = await connectClient(cluster);
  await prepareNamespace(client, 1);
  return {
    server,
    cluster,
    client,
    folder,
    async stop() {
      await client.connection.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
