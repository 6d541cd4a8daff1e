import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { configurationOf } from '../../client/cli/api.js';
import type { OperationOptions } from '../../client/cli/operations.js';
import { printJson, printTable } from '../../client/cli/print.js';
import { type DeploymentState, deploymentState, promote } from '../../client/deployments.js';
import { loadConfig } from '../../runtime/config.js';
import { connectClient } from '../../runtime/connection.js';
import { buildIdOfSources } from '../../workers/bundle.js';
import { DEPLOYMENT } from '../../workflows/naming.js';
import { namedCluster } from '../compose/cluster.js';

type Options = OperationOptions & Record<string, unknown>;

const ASK_EVERY_MS = 1_000;

/** `curtail deploy status`: exit 1 while no build gets work. */
export function deployStatus(options: Options): Promise<0 | 1> {
  return onCluster(options, async (client) => {
    const state = await deploymentState(client);
    const here = await buildIdOfSources();
    if (options.json === true)
      printJson({
        deployment: DEPLOYMENT,
        here,
        current: state?.current ?? null,
        versions: state?.versions ?? [],
      });
    else {
      printTable(
        ['BUILD', 'STATUS', ''],
        (state?.versions ?? []).map(({ buildId, status }) => [
          buildId,
          status,
          buildId === here ? 'this checkout' : '',
        ]),
      );
      console.log(deploymentInWords(state, here));
    }
    return state?.current === undefined ? 1 : 0;
  });
}

/** `curtail deploy promote [build]`: the build of this checkout by default; exit 1 when none of its workers has polled. */
export function deployPromote([named]: readonly string[], options: Options): Promise<0 | 1> {
  return onCluster(options, async (client) => {
    const buildId = named ?? (await buildIdOfSources());
    const promoted = await promotedWithin(client, buildId, Date.now() + secondsOf(options['wait']));
    if (promoted === undefined) {
      console.error(`no worker of build ${buildId} has polled: start "curtail work" of that build first`);
      return 1;
    }
    const { before } = promoted;
    if (options.json === true) printJson({ current: buildId, before: before ?? null });
    else if (before === buildId) console.log(`build ${buildId} is the current one already`);
    else console.log(`build ${buildId} gets new work${before === undefined ? '' : ` in place of ${before}`}`);
    return 0;
  });
}

/** What the state means, and what to do about it. */
export function deploymentInWords(state: DeploymentState | undefined, here: string): string {
  if (state === undefined) return 'no versioned worker has polled yet: start "curtail work --roles …"';
  if (state.current === undefined)
    return 'no current version is set, so no worker gets a task: run "curtail deploy promote"';
  if (state.current === here) return `build ${here} gets new work`;
  return `build ${state.current} gets new work; this checkout is build ${here}`;
}

/**
 * Promotes a build as soon as the server lets it: its workers have polled, on every queue that the build before it
 * serves. Undefined when none had polled by then. @throws what the server said last when it still refused
 */
async function promotedWithin(
  client: Client,
  buildId: string,
  untilMs: number,
): Promise<{ before: string | undefined } | undefined> {
  for (;;) {
    const state = await deploymentState(client);
    const isLast = Date.now() >= untilMs;
    if (state?.current === buildId) return { before: buildId };
    if (state?.versions.some((version) => version.buildId === buildId) === true) {
      try {
        await promote(client, state, buildId);
        return { before: state.current };
      } catch (error) {
        if (isLast) throw error;
      }
    }
    if (isLast) return undefined;
    await delay(ASK_EVERY_MS);
  }
}

function secondsOf(wait: unknown): number {
  const seconds = Number(wait ?? 0);
  if (!Number.isFinite(seconds) || seconds < 0)
    throw new Error(`--wait ${String(wait)}: give a number of seconds`);
  return seconds * 1_000;
}

async function onCluster(options: Options, run: (client: Client) => Promise<0 | 1>): Promise<0 | 1> {
  const cluster = await namedCluster(loadConfig(configurationOf(options)), process.env);
  if (cluster === undefined)
    throw new Error(
      'no cluster is named: set TEMPORAL_ADDRESS or temporal.address ("curtail up" runs unversioned)',
    );
  const client = await connectClient(cluster);
  try {
    return await run(client);
  } finally {
    await client.connection.close();
  }
}
