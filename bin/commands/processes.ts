import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { configurationOf } from '../../client/cli/api.js';
import { type LoadedConfig, loadConfig } from '../../runtime/config.js';
import type { ClusterAddress } from '../../runtime/connection.js';
import { ZONES, type Zone } from '../../workflows/naming.js';
import { namedCluster } from '../compose/cluster.js';
import { StopStack } from '../compose/stop-stack.js';
import { untilSignal } from '../compose/until-signal.js';

/** Separate processes of a deployment. They share a PostgreSQL ledger and a cluster; the embedded ones cannot be shared. */
export function registerProcesses(program: Command): void {
  program
    .command('work')
    .description('run workers of some roles only; needs PostgreSQL and a Temporal cluster')
    .requiredOption('--roles <roles>', `comma-separated: ${ZONES.join(', ')}`)
    .option('--config <file>', 'configuration file')
    .action(async ({ roles, config }: { roles: string; config?: string }) => {
      const zones = rolesOf(roles);
      const { loaded, folder, cluster } = await deployment(config);
      const stack = new StopStack();
      const { openProcess, startWorkers } = await import('../compose/process.js');
      const options = { loaded, folder, cluster, stack, mayWrite: zones.includes('change') };
      const opened = await openProcess(options);
      const workers = await startWorkers({ ...options, zones, say: console.error }, opened);
      console.error(`working: ${zones.join(', ')}`);
      await Promise.race([untilSignal(), workers.done]);
      await stack.stop();
    });
  program
    .command('gateway')
    .description('run the gateway and the Schedules only; needs PostgreSQL and a Temporal cluster')
    .option('--config <file>', 'configuration file')
    .action(async ({ config }: { config?: string }) => {
      const { loaded, folder, cluster } = await deployment(config);
      const stack = new StopStack();
      const { openProcess } = await import('../compose/process.js');
      const { startGateway } = await import('../compose/gateway.js');
      const { startSiem } = await import('../compose/siem.js');
      const { applySchedules, reconcileNow } = await import('../../client/schedules.js');
      const { openSigner } = await import('../../runtime/grant-keys.js');
      const opened = await openProcess({ loaded, folder, cluster, stack, mayWrite: false });
      const signer = await openSigner(join(folder, 'keys'));
      const { ports, client, control, coreQueue, gatewayUrl } = opened;
      await startSiem(loaded, ports, { ...opened.deps, folder }, stack);
      const gateway = await startGateway({
        loaded,
        folder,
        publicUrl: gatewayUrl,
        ports,
        control,
        signer,
        reconcileNow: () => reconcileNow({ client }),
        resolveSecret: opened.deps.resolveSecret,
        onSignInCode: (personId, code) => console.error(`sign-in code for ${personId}: ${code}`),
      });
      stack.add(() => gateway.close());
      await applySchedules({ client, coreQueue, timing: loaded.timing, sources: [...ports.sources.keys()] });
      console.error(`gateway: ${gatewayUrl}`);
      await untilSignal();
      await stack.stop();
    });
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
  const loaded = loadConfig(configurationOf(config === undefined ? {} : { config }));
  if (loaded.config.ledger.adapter !== 'postgres') {
    throw new Error(
      'separate processes share a PostgreSQL ledger: set ledger.adapter to postgres, or use "curtail up"',
    );
  }
  const cluster = namedCluster(loaded, process.env);
  if (cluster === undefined) {
    throw new Error(
      'separate processes share a Temporal cluster: set temporal.address or TEMPORAL_ADDRESS, or use "curtail up"',
    );
  }
  const folder = resolve(loaded.file === null ? process.cwd() : dirname(loaded.file), loaded.config.folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return { loaded, folder, cluster };
}
