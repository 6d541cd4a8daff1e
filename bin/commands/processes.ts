import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { configurationOf } from '../../client/cli/api.js';
import { type LoadedConfig, loadConfig } from '../../runtime/config.js';
import type { ClusterAddress } from '../../runtime/connection.js';
import { DEPLOYMENT, ZONES, type Zone } from '../../workflows/naming.js';
import { namedCluster, prepareCluster } from '../compose/cluster.js';
import { quietSdk } from '../compose/quiet-sdk.js';
import { StopStack } from '../compose/stop-stack.js';
import { untilSignal } from '../compose/until-signal.js';

/** Separate processes of a deployment. They share a PostgreSQL ledger and a cluster; the embedded ones cannot be shared. */
export function registerProcesses(program: Command): void {
  program
    .command('work')
    .description('run workers of some roles only; needs PostgreSQL and a Temporal cluster')
    .requiredOption('--roles <roles>', `comma-separated: ${ZONES.join(', ')}`)
    .option('--config <file>', 'configuration file')
    .action(({ roles, config }: { roles: string; config?: string }) =>
      untilStopped(async (stack) => {
        const zones = rolesOf(roles);
        const { openProcess, startWorkers } = await import('../compose/process.js');
        const options = { ...(await deployment(config)), stack, parts: zones, log: 'stderr' as const };
        const opened = await openProcess(options);
        const workers = await startWorkers(
          { ...options, zones, versioned: true, say: console.error },
          opened,
        );
        console.error(`working: ${zones.join(', ')} (deployment ${DEPLOYMENT}, build ${workers.buildId})`);
        return workers.done;
      }),
    );
  program
    .command('gateway')
    .description('run the gateway and the Schedules only; needs PostgreSQL and a Temporal cluster')
    .option('--config <file>', 'configuration file')
    .action(({ config }: { config?: string }) => untilStopped((stack) => runGateway(config, stack)));
}

async function runGateway(config: string | undefined, stack: StopStack): Promise<void> {
  const { loaded, folder, cluster } = await deployment(config);
  const { openProcess } = await import('../compose/process.js');
  const { startGateway } = await import('../compose/gateway.js');
  const { startSiem } = await import('../compose/siem.js');
  const { applySchedules, pollNow, reconcileNow } = await import('../../client/schedules.js');
  const { openSigner } = await import('../../runtime/grant-keys.js');
  await prepareCluster(cluster, loaded.config.temporal.retentionDays, console.error);
  const process = { loaded, folder, cluster, stack, parts: ['gateway'] as const, log: 'stderr' as const };
  const opened = await openProcess(process);
  const signer = await openSigner(join(folder, 'keys'));
  const { ports, client, control, coreQueue, gatewayUrl, answerQuestion, readHinted } = opened;
  await startSiem(loaded, ports, { ...opened.deps, folder }, stack);
  const gateway = await startGateway({
    loaded,
    folder,
    publicUrl: gatewayUrl,
    ports,
    control,
    signer,
    answerQuestion,
    readHinted,
    reconcileNow: () => reconcileNow({ client }),
    resolveSecret: opened.deps.resolveSecret,
    onSignInCode: (personId, code) => console.error(`sign-in code for ${personId}: ${code}`),
  });
  stack.add(() => gateway.close());
  const sources = loaded.config.sources.filter(({ enabled }) => enabled).map(({ name }) => name);
  await applySchedules({ client, coreQueue, timing: loaded.timing, sources });
  await pollNow({ client, sources });
  console.error(`gateway: ${gatewayUrl}`);
  console.error(
    'sign-in codes of the embedded directory appear here: whoever reads this log can sign in as anybody',
  );
  await untilSignal();
}

/** Runs until a signal or until a part fails, and stops what was started in either case. */
async function untilStopped(run: (stack: StopStack) => Promise<void>): Promise<void> {
  await quietSdk();
  const stack = new StopStack();
  try {
    await Promise.race([run(stack), untilSignal()]);
  } finally {
    await stack.stop();
  }
  process.exit(0);
}

function rolesOf(text: string): readonly Zone[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !(ZONES as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Error(`there is no role ${unknown}; known are ${ZONES.join(', ')}`);
  return names as Zone[];
}

async function deployment(
  config: string | undefined,
): Promise<{ loaded: LoadedConfig; folder: string; cluster: ClusterAddress }> {
  const loaded = sharedLedger(loadConfig(configurationOf(config === undefined ? {} : { config })));
  const cluster = await namedCluster(loaded, process.env);
  if (cluster === undefined) {
    throw new Error(
      'separate processes share a Temporal cluster: set temporal.address or TEMPORAL_ADDRESS, or use "curtail up"',
    );
  }
  const folder = resolve(loaded.file === null ? process.cwd() : dirname(loaded.file), loaded.config.folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return { loaded, folder, cluster };
}

/** The configuration with a ledger that several processes can share, by `DATABASE_URL` where the file names none. */
function sharedLedger(loaded: LoadedConfig): LoadedConfig {
  const { ledger } = loaded.config;
  if (ledger.adapter === 'postgres') return loaded;
  if ((process.env['DATABASE_URL'] ?? '') === '') {
    throw new Error(
      'separate processes share a PostgreSQL ledger: set ledger.adapter to postgres or DATABASE_URL, or use "curtail up"',
    );
  }
  const shared = {
    adapter: 'postgres' as const,
    url: 'env:DATABASE_URL',
    bodyKey: ledger.bodyKey ?? 'env:CURTAIL_BODY_KEY',
  };
  return { ...loaded, config: { ...loaded.config, ledger: shared } };
}
