import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { AdapterDeps } from '../../activities/adapter.js';
import type { LifecyclePorts } from '../../activities/lifecycle/ports.js';
import { openSecrets } from '../../activities/secrets/registry.js';
import type { LifecycleControl } from '../../client/gateway/control.js';
import { createHistories } from '../../client/histories.js';
import { createLifecycleControl } from '../../client/lifecycle-control.js';
import { createStarter } from '../../client/starter.js';
import { type LoadedConfig, ladders } from '../../runtime/config.js';
import { type ClusterAddress, connectClient, connectWorker } from '../../runtime/connection.js';
import { createLogger } from '../../runtime/logger.js';
import { buildActivities } from '../../workers/build-activities.js';
import { workflowBundle } from '../../workers/bundle.js';
import { completePorts, openPorts, sha256 } from '../../workers/open-ports.js';
import { type RunningWorkers, runWorkers } from '../../workers/run.js';
import { taskQueue, type Zone } from '../../workflows/naming.js';
import { payloadConverter } from './codec.js';
import type { StopStack } from './stop-stack.js';

/** What one process of Curtail is told when it starts. */
export interface ProcessOptions {
  loaded: LoadedConfig;
  /** Absolute folder of state. */
  folder: string;
  cluster: ClusterAddress;
  /** Only a process with the `change` role may hold write credentials. */
  mayWrite: boolean;
  stack: StopStack;
}

/** What a process of Curtail has opened: its ports, and its client of the cluster. */
export interface OpenedProcess {
  ports: LifecyclePorts;
  client: Client;
  control: LifecycleControl;
  dataConverter: DataConverter | undefined;
  coreQueue: string;
  gatewayUrl: string;
  deps: AdapterDeps;
}

/** Opens the ports of a configuration and a client of the cluster; what is opened is pushed on the stack. */
export async function openProcess(options: ProcessOptions): Promise<OpenedProcess> {
  const { loaded, folder, cluster, stack } = options;
  const { config } = loaded;
  const log = createLogger({
    level: 'warn',
    stream: createWriteStream(join(folder, 'curtail.log'), { flags: 'a', mode: 0o600 }),
  });
  const deps: AdapterDeps = {
    log,
    now: Date.now,
    fetch,
    resolveSecret: await openSecrets({
      config: config.secrets,
      folder: loaded.baseFolder,
      env: process.env,
      fetch,
    }),
    folder: loaded.baseFolder,
  };
  const dataConverter = await payloadConverter(config.temporal.codec, deps.resolveSecret);
  const client = await connectClient(cluster, dataConverter);
  stack.add(() => client.connection.close());
  const gatewayUrl = config.gateway.publicUrl ?? `http://${config.gateway.host}:${config.gateway.port}`;
  const opened = await openPorts({ loaded, deps, folder, publicUrl: gatewayUrl, mayWrite: options.mayWrite });
  stack.add(() => opened.close());
  const coreQueue = taskQueue(config.temporal.taskQueuePrefix, 'core');
  const starter = createStarter({
    client,
    coreQueue,
    timing: loaded.timing,
    ladder: ladders(loaded),
    digest: sha256,
  });
  const ports = completePorts(opened, starter, createHistories(client));
  const control = createLifecycleControl({
    client,
    coreQueue,
    timing: loaded.timing,
    ladder: ladders(loaded),
    ledger: ports.ledger,
    starter,
    phaseOf: async (context) => (await ports.flags.read(context)).phase,
  });
  return { ports, client, control, dataConverter, coreQueue, gatewayUrl, deps };
}

/** Starts the workers of these zones in this process. */
export async function startWorkers(
  options: ProcessOptions & { zones: readonly Zone[]; say: (line: string) => void },
  opened: OpenedProcess,
): Promise<RunningWorkers> {
  const { loaded, folder, cluster, stack, zones } = options;
  const bundle = await workflowBundle(join(folder, 'bundle'), () =>
    options.say('bundling the workflows; once for each version'),
  );
  const connection = await connectWorker(cluster);
  stack.add(() => connection.close());
  const workers = await runWorkers({
    connection,
    namespace: cluster.namespace,
    prefix: loaded.config.temporal.taskQueuePrefix,
    zones,
    activities: buildActivities(opened.ports),
    bundle,
    ...(opened.dataConverter !== undefined && { dataConverter: opened.dataConverter }),
  });
  stack.add(() => workers.stop());
  return workers;
}
