import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { AdapterDeps } from '../../activities/adapter.js';
import type { LifecyclePorts } from '../../activities/lifecycle/ports.js';
import { openSecrets } from '../../activities/secrets/registry.js';
import type { LifecycleControl } from '../../client/gateway/control.js';
import type { GatewayDeps } from '../../client/gateway/deps.js';
import { createHints, type ReadHinted } from '../../client/hints.js';
import { createHistories } from '../../client/histories.js';
import { createLifecycleControl } from '../../client/lifecycle-control.js';
import { createQuestions } from '../../client/questions.js';
import { createStarter } from '../../client/starter.js';
import { type LoadedConfig, ladders } from '../../runtime/config.js';
import { type ClusterAddress, connectClient, connectWorker } from '../../runtime/connection.js';
import { createLogger } from '../../runtime/logger.js';
import { buildActivities } from '../../workers/build-activities.js';
import { buildIdOfSources, workflowBundle } from '../../workers/bundle.js';
import { completePorts, openPorts, sha256 } from '../../workers/open-ports.js';
import { type Part, secretsWithin } from '../../workers/parts.js';
import { type RunningWorkers, runWorkers } from '../../workers/run.js';
import { DEPLOYMENT, taskQueue, type Zone } from '../../workflows/naming.js';
import { payloadConverter } from './codec.js';
import type { StopStack } from './stop-stack.js';

/** What one process of Curtail is told when it starts. */
export interface ProcessOptions {
  loaded: LoadedConfig;
  /** Absolute folder of state. */
  folder: string;
  cluster: ClusterAddress;
  /** What runs in this process; it reaches the ports and the secrets of these parts only. */
  parts: readonly Part[];
  stack: StopStack;
  /** Where log lines go: a file beside the state by default; a container's log is its standard error. */
  log?: 'file' | 'stderr';
}

/** What a process of Curtail has opened: its ports, and its client of the cluster. */
export interface OpenedProcess {
  ports: LifecyclePorts;
  client: Client;
  control: LifecycleControl;
  answerQuestion: GatewayDeps['answerQuestion'];
  readHinted: ReadHinted;
  dataConverter: DataConverter | undefined;
  coreQueue: string;
  gatewayUrl: string;
  deps: AdapterDeps;
}

/** Opens the ports of a configuration and a client of the cluster; what is opened is pushed on the stack. */
export async function openProcess(options: ProcessOptions): Promise<OpenedProcess> {
  const { loaded, folder, cluster, stack } = options;
  const { config } = loaded;
  const log = createLogger(
    options.log === 'stderr'
      ? { level: 'info', stream: process.stderr }
      : {
          level: 'warn',
          stream: createWriteStream(join(folder, 'curtail.log'), { flags: 'a', mode: 0o600 }),
        },
  );
  const secrets = await openSecrets({
    config: config.secrets,
    folder: loaded.baseFolder,
    env: process.env,
    fetch,
  });
  const deps: AdapterDeps = {
    log,
    now: Date.now,
    fetch,
    resolveSecret: secretsWithin(secrets, config, options.parts),
    folder: loaded.baseFolder,
  };
  const dataConverter = await payloadConverter(config.temporal.codec, deps.resolveSecret);
  const client = await connectClient(cluster, dataConverter);
  stack.add(() => client.connection.close());
  const gatewayUrl = publicAddress(config);
  const opened = await openPorts({ loaded, deps, folder, publicUrl: gatewayUrl, parts: options.parts });
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
  const answerQuestion = createQuestions({
    client,
    coreQueue,
    timing: loaded.timing,
    ledger: ports.ledger,
    log,
  });
  const readHinted = createHints({ client, coreQueue, timing: loaded.timing });
  return { ports, client, control, answerQuestion, readHinted, dataConverter, coreQueue, gatewayUrl, deps };
}

/** Where people reach the gateway. */
export function publicAddress({ gateway }: LoadedConfig['config']): string {
  return gateway.publicUrl ?? `http://${gateway.host}:${gateway.port}`;
}

/** Starts the workers of these zones in this process. */
export async function startWorkers(
  options: ProcessOptions & {
    zones: readonly Zone[];
    /** Whether the workers belong to a version of the deployment; embedded ones do not. */
    versioned?: boolean;
    say: (line: string) => void;
  },
  opened: OpenedProcess,
): Promise<RunningWorkers & { buildId: string }> {
  const { loaded, folder, cluster, stack, zones } = options;
  const buildId = await buildIdOfSources();
  const bundle = zones.includes('core')
    ? await workflowBundle(
        join(folder, 'bundle'),
        () => options.say('bundling the workflows; once for each version'),
        options.versioned === true ? 'deployed' : 'index',
      )
    : undefined;
  const connection = await connectWorker(cluster);
  stack.add(() => connection.close());
  const workers = await runWorkers({
    connection,
    namespace: cluster.namespace,
    prefix: loaded.config.temporal.taskQueuePrefix,
    zones,
    activities: buildActivities(opened.ports),
    ...(bundle !== undefined && { bundle }),
    ...(options.versioned === true && { deployment: { name: DEPLOYMENT, buildId } }),
    ...(opened.dataConverter !== undefined && { dataConverter: opened.dataConverter }),
  });
  stack.add(() => workers.stop());
  return { ...workers, buildId };
}
