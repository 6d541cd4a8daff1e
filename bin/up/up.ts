import { createWriteStream, existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { AdapterDeps } from '../../activities/adapter.js';
import type { LifecyclePorts } from '../../activities/lifecycle/ports.js';
import { openSecrets } from '../../activities/secrets/registry.js';
import { createHistories } from '../../client/histories.js';
import { createLifecycleControl } from '../../client/lifecycle-control.js';
import { applySchedules, pollNow } from '../../client/schedules.js';
import { createStarter } from '../../client/starter.js';
import type { Timing } from '../../domain/lifecycle/timing.js';
import { type LoadedConfig, ladders, loadConfig } from '../../runtime/config.js';
import {
  type ClusterAddress,
  clusterFromEnvironment,
  connectClient,
  connectWorker,
  prepareNamespace,
} from '../../runtime/connection.js';
import { openSigner } from '../../runtime/grant-keys.js';
import { createLogger } from '../../runtime/logger.js';
import { takeLock } from '../../runtime/process-lock.js';
import { obtainTemporal } from '../../runtime/temporal-binary.js';
import { portFree, startTemporalServer } from '../../runtime/temporal-server.js';
import { loadOrganisation } from '../../samples/load.js';
import { buildActivities } from '../../workers/build-activities.js';
import { workflowBundle } from '../../workers/bundle.js';
import { completePorts, openPorts, sha256 } from '../../workers/open-ports.js';
import { runWorkers } from '../../workers/run.js';
import { taskQueue, ZONES } from '../../workflows/naming.js';
import { payloadConverter } from './codec.js';
import { startGateway } from './gateway.js';
import { seedStandingApprovals } from './standing.js';
import type { Terminal } from './terminal.js';

export interface UpOptions {
  /** Path of a configuration file; without it the sample organisation is loaded. */
  config?: string;
  cwd: string;
  terminal: Terminal;
  /** Waits that differ from the configured profile. */
  timing?: Partial<Timing>;
  onSignInCode: (personId: string, code: string) => void;
}

/** Everything that runs, in one process. */
export interface Running {
  loaded: LoadedConfig;
  folder: string;
  ports: LifecyclePorts;
  client: Client;
  gatewayUrl: string;
  uiUrl: string | undefined;
  namespace: string;
  /** The sample organisation's working folder; undefined with a configuration of one's own. */
  organisation: string | undefined;
  /** Rejects when a part ends that should not. */
  failed: Promise<never>;
  /** Stops everything in order: nothing is cut off half-way. */
  stop(): Promise<void>;
}

/** Sets up and starts Curtail: server, ledger, workers, gateway, Schedules. Going on where an earlier start stopped. */
export async function up(options: UpOptions): Promise<Running> {
  const { terminal } = options;
  const stack = new StopStack();
  try {
    return await start(options, stack);
  } catch (error) {
    terminal.warn('stopping what was started');
    await stack.stop();
    throw error;
  }
}

async function start(options: UpOptions, stack: StopStack): Promise<Running> {
  const { terminal } = options;
  const { loaded: read, organisation } = await configuration(options);
  const loaded: LoadedConfig = { ...read, timing: { ...read.timing, ...options.timing } };
  const { config } = loaded;
  const folder = stateFolder(loaded, options.cwd);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const lock = await takeLock(join(folder, 'curtail.lock'), 'Curtail');
  stack.add(() => lock.release());
  await portFree(config.gateway.port, 'the gateway', 'gateway.port');

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
  const { cluster, uiUrl, ended } = await temporalCluster(loaded, folder, terminal, stack);
  const dataConverter = await payloadConverter(config.temporal.codec, deps.resolveSecret);
  const client = await connectClient(cluster, dataConverter);
  stack.add(() => client.connection.close());
  const gaps = await prepareNamespace(client, config.temporal.retentionDays);
  for (const missing of gaps.missingSearchAttributes) {
    terminal.warn(
      `an administrator must run: temporal operator search-attribute create --name ${missing.replace('=', ' --type ')}`,
    );
  }

  const gatewayUrl = config.gateway.publicUrl ?? `http://${config.gateway.host}:${config.gateway.port}`;
  const signer = await openSigner(join(folder, 'keys'));
  const opened = await openPorts({ loaded, deps, folder, publicUrl: gatewayUrl, mayWrite: true });
  stack.add(() => opened.close());
  const queue = taskQueue(config.temporal.taskQueuePrefix, 'core');
  const starter = createStarter({
    client,
    coreQueue: queue,
    timing: loaded.timing,
    ladder: ladders(loaded),
    digest: sha256,
  });
  const ports = completePorts(opened, starter, createHistories(client));
  if (organisation !== undefined)
    await seedStandingApprovals(ports, signer, join(organisation, 'standing-approvals.yaml'));

  const bundle = await workflowBundle(join(folder, 'bundle'), () =>
    terminal.say('bundling the workflows; once for each version'),
  );
  const connection = await connectWorker(cluster);
  stack.add(() => connection.close());
  const workers = await runWorkers({
    connection,
    namespace: cluster.namespace,
    prefix: config.temporal.taskQueuePrefix,
    zones: ZONES,
    activities: buildActivities(ports),
    bundle,
    ...(dataConverter !== undefined && { dataConverter }),
  });
  stack.add(() => workers.stop());
  const control = createLifecycleControl({
    client,
    ledger: ports.ledger,
    starter,
    phaseOf: async (context) => (await ports.flags.read(context)).phase,
  });
  const gateway = await startGateway({
    loaded,
    folder,
    publicUrl: gatewayUrl,
    ports,
    control,
    signer,
    onSignInCode: options.onSignInCode,
  });
  stack.add(() => gateway.close());
  const sources = [...ports.sources.keys()];
  await applySchedules({ client, coreQueue: queue, timing: loaded.timing, sources });
  await pollNow({ client, sources });
  const failed = failure(workers.done, ended);
  failed.catch(() => undefined);
  return {
    loaded,
    folder,
    ports,
    client,
    gatewayUrl,
    uiUrl,
    namespace: cluster.namespace,
    organisation,
    failed,
    stop: () => stack.stop(),
  };
}

/** The file that is named or found; else the sample organisation, loaded into the state folder once. */
async function configuration(
  options: UpOptions,
): Promise<{ loaded: LoadedConfig; organisation: string | undefined }> {
  const own = options.config ?? process.env['CURTAIL_CONFIG'];
  if (own !== undefined || existsSync(resolve(options.cwd, 'curtail.yaml'))) {
    const loaded = loadConfig({
      cwd: options.cwd,
      env: process.env,
      ...(own !== undefined && { file: own }),
    });
    return { loaded, organisation: undefined };
  }
  const organisation = join(options.cwd, '.curtail', 'organisation');
  const file = join(organisation, 'curtail.yaml');
  if (!existsSync(file)) {
    const made = await loadOrganisation({ to: organisation, nowMs: Date.now() });
    options.terminal.say(
      `loaded the sample organisation: ${made.files} files, dates moved by ${made.days} days`,
    );
  }
  return { loaded: loadConfig({ file, cwd: options.cwd }), organisation };
}

function stateFolder(loaded: LoadedConfig, cwd: string): string {
  return resolve(loaded.file === null ? cwd : dirname(loaded.file), loaded.config.folder);
}

async function temporalCluster(
  loaded: LoadedConfig,
  folder: string,
  terminal: Terminal,
  stack: StopStack,
): Promise<{ cluster: ClusterAddress; uiUrl: string | undefined; ended: Promise<unknown> | undefined }> {
  const { temporal } = loaded.config;
  const named = clusterFromEnvironment(process.env);
  if (named !== undefined) return { cluster: named, uiUrl: undefined, ended: undefined };
  if (temporal.address !== undefined) {
    const cluster = {
      address: temporal.address,
      namespace: temporal.namespace,
      ...(temporal.tls !== undefined && { tls: temporal.tls }),
    };
    return { cluster, uiUrl: undefined, ended: undefined };
  }
  const binary = await obtainTemporal(terminal.say);
  const { frontend, ui, metrics } = temporal.ports;
  const server = await startTemporalServer({
    binary,
    folder: join(folder, 'temporal'),
    ports: { frontend, ui, ...(metrics !== undefined && { metrics }) },
    ui: true,
    progress: terminal.say,
  });
  stack.add(() => server.stop());
  return {
    cluster: { address: server.address, namespace: temporal.namespace },
    uiUrl: server.uiUrl,
    ended: server.ended,
  };
}

/** What ends by itself is a failure of the whole: half a Curtail must not look alive. */
function failure(workers: Promise<void>, server: Promise<unknown> | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    workers.catch(reject);
    void server?.then((code) => reject(new Error(`the Temporal server ended (code ${String(code)})`)));
  });
}

/** Things to stop, last started first. One that fails to stop does not keep the others alive. */
class StopStack {
  readonly #stops: (() => unknown)[] = [];
  add(stop: () => unknown): void {
    this.#stops.push(stop);
  }
  async stop(): Promise<void> {
    const faults: unknown[] = [];
    for (let stop = this.#stops.pop(); stop !== undefined; stop = this.#stops.pop()) {
      try {
        await Promise.race([stop(), delay(20_000, undefined, { ref: false })]);
      } catch (error) {
        faults.push(error);
      }
    }
    if (faults.length > 0) throw new AggregateError(faults, 'stopping: some parts did not stop cleanly');
  }
}
