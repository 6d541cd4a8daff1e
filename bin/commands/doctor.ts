import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { configurationOf, stateOf } from '../../client/cli/api.js';
import type { OperationOptions } from '../../client/cli/operations.js';
import { printJson, printTable } from '../../client/cli/print.js';
import { deploymentState } from '../../client/deployments.js';
import { loadConfig } from '../../runtime/config.js';
import { connectClient } from '../../runtime/connection.js';
import { type Holder, isHeld, readHolder } from '../../runtime/process-lock.js';
import { cacheFolder, findOnPath, TEMPORAL_CLI_VERSION } from '../../runtime/temporal-binary.js';
import { PortTaken, portFree } from '../../runtime/temporal-server.js';
import { buildIdOfSources } from '../../workers/bundle.js';
import { namedCluster } from '../compose/cluster.js';
import { checkAdapters } from './adapters-check.js';
import { deploymentInWords } from './deploy.js';

type Options = OperationOptions & Record<string, unknown>;

interface Finding {
  what: string;
  state: 'ok' | 'note' | 'broken';
  text: string;
}

const NEEDED_BYTES = 2 * 1024 ** 3;

/** `curtail doctor`: exit 1 when something is broken; each line says how to mend it. */
export async function doctor(options: Options): Promise<0 | 1> {
  const checks = [node, server, configuration, adapters, deployment, state, ports, disk];
  const found: Finding[] = [];
  for (const check of checks) {
    try {
      found.push(await check(options));
    } catch (error) {
      found.push({
        what: check.name,
        state: 'broken',
        text: error instanceof Error ? error.message : String(error),
      });
    }
  }
  if (options.json === true) printJson(found);
  else
    printTable(
      ['CHECK', '', ''],
      found.map((line) => [line.what, line.state, line.text]),
    );
  return found.some((line) => line.state === 'broken') ? 1 : 0;
}

async function node(): Promise<Finding> {
  return { what: 'Node', state: 'ok', text: process.version };
}

async function server(): Promise<Finding> {
  const what = 'Temporal server';
  const named = process.env['TEMPORAL_ADDRESS'];
  if (named !== undefined) return { what, state: 'ok', text: `TEMPORAL_ADDRESS names ${named}` };
  const onPath = await findOnPath('temporal');
  if (onPath !== undefined) return { what, state: 'ok', text: onPath };
  const cached = join(cacheFolder(), `temporal-${TEMPORAL_CLI_VERSION}`);
  if (await executable(cached)) return { what, state: 'ok', text: cached };
  const go = await findOnPath('go');
  if (go !== undefined)
    return {
      what,
      state: 'note',
      text: `not there yet: the first "curtail up" builds it with ${go}, about four minutes`,
    };
  return {
    what,
    state: 'broken',
    text: 'not there, and no Go to build it: install the Temporal CLI or Go, or set TEMPORAL_ADDRESS',
  };
}

async function configuration(options: Options): Promise<Finding> {
  const loaded = loadConfig(configurationOf(options));
  return {
    what: 'configuration',
    state: 'ok',
    text: loaded.file ?? 'none: the sample organisation is loaded at the first start',
  };
}

async function adapters(options: Options): Promise<Finding> {
  const faults = checkAdapters(loadConfig(configurationOf(options))).filter((check) => !check.ok);
  if (faults.length === 0) return { what: 'adapters', state: 'ok', text: '' };
  return {
    what: 'adapters',
    state: 'broken',
    text: faults.map((fault) => `${fault.kind} ${fault.vendor}: ${fault.text}`).join('; '),
  };
}

/** Workers in processes of their own are versioned: none of them gets a task until a version is promoted. */
async function deployment(options: Options): Promise<Finding> {
  const what = 'deployment';
  const cluster = await namedCluster(loadConfig(configurationOf(options)), process.env);
  if (cluster === undefined) return { what, state: 'ok', text: 'embedded: workers are unversioned' };
  const client = await connectClient(cluster);
  try {
    const found = await deploymentState(client);
    const text = deploymentInWords(found, await buildIdOfSources());
    if (found === undefined) return { what, state: 'note', text };
    return { what, state: found.current === undefined ? 'broken' : 'ok', text };
  } finally {
    await client.connection.close();
  }
}

async function state(options: Options): Promise<Finding> {
  const { folder } = stateOf({
    cwd: process.cwd(),
    ...(options.config !== undefined && { config: options.config }),
  });
  const holder = await runningIn(folder);
  const text = holder !== undefined ? `${folder}: running (process ${holder.pid})` : `${folder}: not running`;
  return { what: 'state', state: 'ok', text };
}

/** The Curtail that runs in a folder of state, if one does. */
async function runningIn(folder: string): Promise<Holder | undefined> {
  const lock = join(folder, 'curtail.lock');
  const holder = await readHolder(lock);
  return holder !== undefined && (await isHeld(holder, lock)) ? holder : undefined;
}

async function ports(options: Options): Promise<Finding> {
  const what = 'ports';
  const loaded = loadConfig(configurationOf(options));
  const { config } = loaded;
  if ((await namedCluster(loaded, process.env)) !== undefined)
    return { what, state: 'ok', text: `separate processes; the gateway listens on ${config.gateway.port}` };
  const { folder } = stateOf({
    cwd: process.cwd(),
    ...(options.config !== undefined && { config: options.config }),
  });
  if ((await runningIn(folder)) !== undefined)
    return { what, state: 'ok', text: 'in use by the running Curtail' };
  const wanted: readonly (readonly [number, string, string])[] = [
    [config.gateway.port, 'the gateway', 'gateway.port'],
    [config.temporal.ports.frontend, 'the Temporal server', 'temporal.ports.frontend'],
    [config.temporal.ports.ui, 'the Temporal UI', 'temporal.ports.ui'],
  ];
  const taken: string[] = [];
  for (const [port, name, setting] of wanted) {
    try {
      await portFree(port, name, setting);
    } catch (error) {
      if (!(error instanceof PortTaken)) throw error;
      taken.push(error.message);
    }
  }
  if (taken.length > 0) return { what, state: 'broken', text: taken.join('; ') };
  return { what, state: 'ok', text: wanted.map(([port]) => port).join(', ') };
}

async function disk(options: Options): Promise<Finding> {
  const { folder } = stateOf({
    cwd: process.cwd(),
    ...(options.config !== undefined && { config: options.config }),
  });
  await mkdir(dirname(folder), { recursive: true });
  const { bavail, bsize } = await statfs(dirname(folder));
  const free = bavail * bsize;
  const text = `${(free / 1024 ** 3).toFixed(1)} GiB free`;
  return {
    what: 'disk',
    state: free < NEEDED_BYTES ? 'broken' : 'ok',
    text: free < NEEDED_BYTES ? `${text}: make room, 2 GiB are needed` : text,
  };
}

async function executable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
