import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { activityInfo } from '@temporalio/activity';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { Activities } from '../../activities/contract.js';
import type { StartFinding } from '../../activities/starter/port.js';
import { StopStack } from '../../bin/compose/stop-stack.js';
import { createStarter, type StarterOptions } from '../../client/starter.js';
import { connectWorker } from '../../runtime/connection.js';
import { sha256 } from '../../workers/open-ports.js';
import { ROLES } from '../../workers/roles.js';
import { runWorkers } from '../../workers/run.js';
import { decideUpdate } from '../../workflows/finding-lifecycle/messages.js';
import { taskQueue, ZONES } from '../../workflows/naming.js';
import type { BenchServer } from './bench-server.js';
import { THINK_MS } from './product.js';
import type { RecordedLife } from './shape.js';

/** The bare commands of lives, on workers and queues like the product's. */
export interface BareProduct {
  live(lives: readonly StartFinding[]): Promise<{ wallMs: number; cpuMs: number }>;
  workflowId(life: StartFinding): string;
  stop(): Promise<void>;
}

/** Starts workers for them; the ledger, the engine and every port are left out. */
export async function openBare(
  bench: BenchServer,
  options: {
    recorded: RecordedLife;
    /** From {@link bundleBare}. */
    codePath: string;
    prefix: string;
    timing: StarterOptions['timing'];
    ladder: StarterOptions['ladder'];
  },
): Promise<BareProduct> {
  const { recorded, codePath, prefix, timing, ladder } = options;
  const { client } = bench;
  const stack = new StopStack();
  const faults: unknown[] = [];
  const connection = await connectWorker(bench.cluster);
  stack.add(() => connection.close());

  async function decide(workflowId: string): Promise<void> {
    await wait(THINK_MS);
    await client.workflow
      .getHandle(workflowId)
      .executeUpdate(decideUpdate, { args: [{ grant: 'g'.repeat(recorded.grantBytes) }] });
  }
  const activities = nothing(recorded, (workflowId) => {
    decide(workflowId).catch((error: unknown) => faults.push(error));
  });
  const workers = await runWorkers({
    connection,
    namespace: bench.cluster.namespace,
    prefix,
    zones: ZONES,
    activities,
    bundle: { codePath, id: 'bare' },
  });
  workers.done.catch((error: unknown) => faults.push(error));
  stack.add(() => workers.stop());
  const starter = createStarter({
    client,
    coreQueue: taskQueue(prefix, 'core'),
    timing,
    ladder,
    digest: sha256,
  });
  return {
    workflowId: (life) => starter.ids(life).workflowId,
    async live(lives) {
      const cpu = process.cpuUsage();
      const beganMs = performance.now();
      await starter.start(lives);
      await Promise.all(
        lives.map((life) => client.workflow.getHandle(starter.ids(life).workflowId).result()),
      );
      const wallMs = performance.now() - beganMs;
      const { user, system } = process.cpuUsage(cpu);
      if (faults.length > 0) throw faults[0];
      return { wallMs, cpuMs: (user + system) / 1_000 };
    },
    stop: () => stack.stop(),
  };
}

/** Activities that answer what was recorded and do nothing. */
function nothing(recorded: RecordedLife, onAsked: (workflowId: string) => void): Activities {
  const names = ZONES.flatMap((zone): readonly string[] => ROLES[zone].activities);
  const answers = names.map((name) => [
    name,
    async () => {
      if (name === 'ask') onAsked(activityInfo().workflowExecution?.workflowId ?? '');
      return recorded.results[name];
    },
  ]);
  return Object.fromEntries(answers) as Activities;
}

/** Bundles `bare-workflow.ts` with the recorded shape, under the name that the starter starts; returns its path. */
export async function bundleBare(folder: string, recorded: RecordedLife): Promise<string> {
  await mkdir(folder, { recursive: true });
  const entry = join(folder, 'workflows.mjs');
  const bare = JSON.stringify(fileURLToPath(new URL('./bare-workflow.ts', import.meta.url)));
  await writeFile(
    entry,
    `import { bareLifecycle } from ${bare};\nexport const findingLifecycle = bareLifecycle(${JSON.stringify(recorded.shape)});\n`,
  );
  const packages = fileURLToPath(new URL('../../node_modules', import.meta.url));
  const { code } = await bundleWorkflowCode({
    workflowsPath: entry,
    logger: new DefaultLogger('ERROR'),
    // The entry lies in a scratch folder, where no packages are found.
    webpackConfigHook: (config) => {
      const modules = [...(config.resolve?.modules ?? ['node_modules']), packages];
      return { ...config, resolve: { ...config.resolve, modules } };
    },
  });
  const codePath = join(folder, 'workflows.js');
  await writeFile(codePath, code);
  return codePath;
}
