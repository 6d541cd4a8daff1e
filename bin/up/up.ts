import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Client } from '@temporalio/client';
import { parseDirectory } from '../../activities/directory/file-reader.js';
import { confirmationOf } from '../../activities/lifecycle/confirmation.js';
import type { LifecyclePorts } from '../../activities/lifecycle/ports.js';
import { applySchedules, pollNow, reconcileNow } from '../../client/schedules.js';
import type { Timing } from '../../domain/lifecycle/timing.js';
import { type LoadedConfig, loadConfig } from '../../runtime/config.js';
import type { ClusterAddress } from '../../runtime/connection.js';
import { openSigner } from '../../runtime/grant-keys.js';
import { takeLock } from '../../runtime/process-lock.js';
import { obtainTemporal } from '../../runtime/temporal-binary.js';
import { portFree, startTemporalServer } from '../../runtime/temporal-server.js';
import { loadOrganisation } from '../../samples/load.js';
import { PARTS } from '../../workers/parts.js';
import { ZONES } from '../../workflows/naming.js';
import { namedCluster, prepareCluster } from '../compose/cluster.js';
import { startGateway } from '../compose/gateway.js';
import { openProcess, publicAddress, startWorkers } from '../compose/process.js';
import { startSiem } from '../compose/siem.js';
import { StopStack } from '../compose/stop-stack.js';
import { type DoubleChoice, type Doubles, startDoubles } from './doubles.js';
import { seedStandingApprovals } from './standing.js';
import type { Terminal } from './terminal.js';

/** What `curtail up` is told on its command line. */
export interface UpOptions {
  /** Path of a configuration file; without it the sample organisation is loaded. */
  config?: string;
  cwd: string;
  terminal: Terminal;
  /** Waits that differ from the configured profile. */
  timing?: Partial<Timing>;
  /** Doubles of products in place of the embedded desk and the console. */
  doubles?: DoubleChoice;
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
  metricsUrl: string | undefined;
  /** The sample organisation's working folder; undefined with a configuration of one's own. */
  organisation: string | undefined;
  /** Doubles that people act in. */
  doubles: Doubles | undefined;
  /** Rejects when a part ends that should not. */
  failed: Promise<never>;
  /** Stops everything in order: nothing is cut off half-way. */
  stop(): Promise<void>;
}

/** Sets up and starts Curtail: server, ledger, workers, gateway, Schedules. Goes on where an earlier start stopped. */
export async function up(options: UpOptions): Promise<Running> {
  const stack = new StopStack();
  try {
    return await start(options, stack);
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

async function start(options: UpOptions, stack: StopStack): Promise<Running> {
  const { terminal } = options;
  const { loaded: read, organisation } = await configuration(options);
  const doubles = options.doubles === undefined ? undefined : await withDoubles(read, options.doubles, stack);
  const { loaded: reached } = doubles ?? { loaded: read };
  const loaded: LoadedConfig = { ...reached, timing: { ...read.timing, ...options.timing } };
  const { config } = loaded;
  const folder = resolve(loaded.file === null ? options.cwd : dirname(loaded.file), config.folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const lock = await takeLock(join(folder, 'curtail.lock'), 'Curtail');
  stack.add(() => lock.release());
  await portFree(config.gateway.port, 'the gateway', 'gateway.port (CURTAIL_GATEWAY_PORT)');

  const { cluster, uiUrl, metricsUrl, ended } = await temporalCluster(loaded, folder, terminal, stack);
  await prepareCluster(cluster, config.temporal.retentionDays, terminal.warn);
  const signer = await openSigner(join(folder, 'keys'));
  const process = { loaded, folder, cluster, stack, parts: PARTS };
  const opened = await openProcess(process);
  const { ports, client, control, coreQueue, gatewayUrl } = opened;
  if (organisation !== undefined)
    await seedStandingApprovals(ports, signer, join(organisation, 'standing-approvals.yaml'));
  await startSiem(loaded, ports, { ...opened.deps, folder }, stack);
  const workers = await startWorkers({ ...process, zones: ZONES, say: terminal.say }, opened);
  const { onSignInCode } = options;
  const gateway = await startGateway({
    loaded,
    folder,
    publicUrl: gatewayUrl,
    ports,
    control,
    signer,
    reconcileNow: () => reconcileNow({ client }),
    answerQuestion: opened.answerQuestion,
    readHinted: opened.readHinted,
    resolveSecret: opened.deps.resolveSecret,
    onSignInCode,
  });
  stack.add(() => gateway.close());
  const sources = [...ports.sources.keys()];
  await applySchedules({ client, coreQueue, timing: loaded.timing, sources });
  await pollNow({ client, sources });
  await sayUnconfirmed(ports, terminal);
  const failed = failure(workers.done, ended);
  failed.catch(() => undefined);
  return {
    loaded,
    folder,
    ports,
    client,
    gatewayUrl,
    uiUrl,
    metricsUrl,
    organisation,
    doubles,
    failed,
    stop: () => stack.stop(),
  };
}

/** The doubles know the organisation's people, as the products that they stand for do. */
async function withDoubles(loaded: LoadedConfig, choice: DoubleChoice, stack: StopStack): Promise<Doubles> {
  const { path } = loaded.config.directory;
  const people = parseDirectory(await readFile(path, 'utf8'), path).entries.values();
  const doubles = await startDoubles(
    loaded,
    choice,
    [...people].map(({ person: { id, email } }) => ({ id, email })),
  );
  stack.add(() => doubles.stop());
  return doubles;
}

/** A source that nobody confirmed is read and kept, and looks as if nothing happened: it is said what to do. */
async function sayUnconfirmed(ports: LifecyclePorts, terminal: Terminal): Promise<void> {
  for (const name of ports.sources.keys())
    if ((await confirmationOf(ports, name)) === undefined)
      terminal.say(
        `${name} is read and kept, and nothing begins yet: "curtail forecast ${name}" says what would be sent`,
      );
}

/** The file that is named or found; else the sample organisation, loaded once. */
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
  return { loaded: loadConfig({ file, cwd: options.cwd, env: process.env }), organisation };
}

interface Cluster {
  cluster: ClusterAddress;
  uiUrl: string | undefined;
  metricsUrl: string | undefined;
  ended: Promise<unknown> | undefined;
}

/** The cluster that is named, or a development server of our own. */
async function temporalCluster(
  loaded: LoadedConfig,
  folder: string,
  terminal: Terminal,
  stack: StopStack,
): Promise<Cluster> {
  const named = await namedCluster(loaded, process.env);
  if (named !== undefined)
    return { cluster: named, uiUrl: undefined, metricsUrl: undefined, ended: undefined };
  const { temporal } = loaded.config;
  const binary = await obtainTemporal(terminal.say);
  const { frontend, ui, metrics } = temporal.ports;
  const server = await startTemporalServer({
    binary,
    folder: join(folder, 'temporal'),
    ports: { frontend, ui, ...(metrics !== undefined && { metrics }) },
    ui: true,
    ...(temporal.codec.key !== undefined && { uiCodecEndpoint: `${publicAddress(loaded.config)}/codec` }),
    progress: terminal.say,
  });
  stack.add(() => server.stop());
  const { uiUrl, metricsUrl, ended, address } = server;
  return { cluster: { address, namespace: temporal.namespace }, uiUrl, metricsUrl, ended };
}

/** What ends by itself is a failure of the whole: half a Curtail must not look alive. */
function failure(workers: Promise<void>, server: Promise<unknown> | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    workers.catch(reject);
    void server?.then((code) => reject(new Error(`the Temporal server ended (code ${String(code)})`)));
  });
}
