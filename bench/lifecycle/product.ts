import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { LifecyclePorts } from '../../activities/lifecycle/ports.js';
import type { StartFinding } from '../../activities/starter/port.js';
import { createIntake } from '../../bin/compose/intake.js';
import { openProcess } from '../../bin/compose/process.js';
import { StopStack } from '../../bin/compose/stop-stack.js';
import { loadConfig } from '../../runtime/config.js';
import { connectWorker } from '../../runtime/connection.js';
import { openSigner } from '../../runtime/grant-keys.js';
import { mintGrant } from '../../runtime/grants.js';
import { buildActivities } from '../../workers/build-activities.js';
import { workflowBundle } from '../../workers/bundle.js';
import { PARTS } from '../../workers/parts.js';
import { runWorkers } from '../../workers/run.js';
import { decideUpdate, type LifecycleResult } from '../../workflows/finding-lifecycle/messages.js';
import { ZONES } from '../../workflows/naming.js';
import type { BenchServer } from './bench-server.js';
import { type MadeRole, makeWorld, platformExport, type World, type WorldOptions } from './world.js';

/** How long a person takes to decide once the request lies there, ms. */
export const THINK_MS = 300;
/** How often the platform tells what it no longer finds, ms. */
const SCAN_EVERY_MS = 300;

/** The product as `curtail up` composes it, on a made-up organisation, with a person and a platform that answer. */
export interface Product {
  world: World;
  ports: LifecyclePorts;
  /** Lives that were started, as the starter was told. */
  started: readonly StartFinding[];
  /** Takes these roles' findings in and follows each life to its end. */
  live(roles: readonly MadeRole[]): Promise<Lived>;
  stop(): Promise<void>;
}

/** What a batch of lives came to. Times in ms. */
export interface Lived {
  wallMs: number;
  cpuMs: number;
  outcomes: Readonly<Record<string, number>>;
  /** From the moment that the findings were handed in until a person's request lay there, of each life. */
  toRequestMs: readonly number[];
  /** Verifications beyond one a life. */
  extraVerifications: number;
}

/** Opens it all: ports, keys and workers. The chat is the real console with nobody reading. */
export async function openProduct(
  bench: BenchServer,
  options: Omit<WorldOptions, 'verifyAfterMs'> & { verifyAfterMs?: number },
): Promise<Product> {
  const world = await makeWorld({ verifyAfterMs: 1_500, ...options });
  const stack = new StopStack();
  const folder = join(options.folder, 'state');
  const loaded = loadConfig({ file: world.configFile, cwd: options.folder });
  const signer = await openSigner(join(folder, 'keys'));
  const opened = await openProcess({ loaded, folder, cluster: bench.cluster, stack, parts: PARTS });
  const { client } = opened;
  const started: StartFinding[] = [];
  const ports: LifecyclePorts = {
    ...opened.ports,
    starter: {
      ...opened.ports.starter,
      async start(findings) {
        started.push(...findings);
        await opened.ports.starter.start(findings);
      },
    },
  };
  const intake = createIntake(ports);
  const faults: unknown[] = [];
  const asked = new Map<string, number>();
  const fixed: string[] = [];
  let verifications = 0;

  async function decide(request: { workflowId: string; requestId: string; digest: string }): Promise<void> {
    await wait(THINK_MS);
    const grant = await mintGrant(
      { ...request, sub: world.personId, verdict: 'approve', via: 'bench' },
      signer,
      Date.now(),
    );
    const receipt = await client.workflow
      .getHandle(request.workflowId)
      .executeUpdate(decideUpdate, { args: [{ grant: grant.jws }] });
    if (receipt.outcome !== 'accepted')
      throw new Error(`the approval was refused: ${JSON.stringify(receipt)}`);
  }

  const real = buildActivities(ports);
  const activities: typeof real = {
    ...real,
    async ask(input) {
      const answer = await real.ask(input);
      for (const key of input.keys) asked.set(key, performance.now());
      const { workflowId, requestId, digest } = input;
      decide({ workflowId, requestId, digest }).catch((error: unknown) => faults.push(error));
      return answer;
    },
    async apply(input) {
      const answer = await real.apply(input);
      const row = answer.status === 'applied' ? await ports.ledger.change(input.changeId) : undefined;
      fixed.push(...(row?.findingKeys ?? []));
      return answer;
    },
    async verify(input) {
      verifications += 1;
      return real.verify(input);
    },
  };
  const connection = await connectWorker(bench.cluster);
  stack.add(() => connection.close());
  const workers = await runWorkers({
    connection,
    namespace: bench.cluster.namespace,
    prefix: loaded.config.temporal.taskQueuePrefix,
    zones: ZONES,
    activities,
    bundle: await workflowBundle(join(bench.folder, 'bundle')),
  });
  workers.done.catch((error: unknown) => faults.push(error));
  stack.add(() => workers.stop());

  /** The platform notices what was fixed and says so, by the same path as every finding. */
  function scanning(roles: readonly MadeRole[]): { stop(): Promise<void> } {
    const byKey = new Map<string, MadeRole>();
    let isOver = false;
    const looking = (async () => {
      while (!isOver) {
        await wait(SCAN_EVERY_MS);
        if (byKey.size === 0)
          for (const { key, subject } of started) {
            const role = roles.find(({ arn }) => arn === subject);
            if (role !== undefined) byKey.set(key, role);
          }
        const gone = fixed.splice(0).flatMap((key) => byKey.get(key) ?? []);
        if (gone.length > 0)
          await intake({ source: 'wiz', via: 'api', body: platformExport(gone, 'RESOLVED') });
      }
    })();
    looking.catch((error: unknown) => faults.push(error));
    return {
      async stop() {
        isOver = true;
        await looking;
      },
    };
  }

  return {
    world,
    ports,
    started,
    async live(roles) {
      const before = { started: started.length, verifications };
      const scan = scanning(roles);
      const cpu = process.cpuUsage();
      const beganMs = performance.now();
      const receipt = await intake({ source: 'wiz', via: 'api', body: platformExport(roles, 'OPEN') });
      if (receipt.started !== roles.length)
        throw new Error(`only ${receipt.started} of ${roles.length} started: ${JSON.stringify(receipt)}`);
      const lives = started.slice(before.started);
      const results = await Promise.race([
        Promise.all(lives.map((life) => resultOf(ports.starter.ids(life).workflowId))),
        firstOf(faults),
      ]);
      const wallMs = performance.now() - beganMs;
      const { user, system } = process.cpuUsage(cpu);
      await scan.stop();
      const outcomes: Record<string, number> = {};
      for (const { outcome } of results) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      return {
        wallMs,
        cpuMs: (user + system) / 1_000,
        outcomes,
        toRequestMs: lives.flatMap(({ key }) => (asked.has(key) ? [(asked.get(key) ?? 0) - beganMs] : [])),
        extraVerifications: verifications - before.verifications - lives.length,
      };
    },
    stop: () => stack.stop(),
  };

  async function resultOf(workflowId: string): Promise<LifecycleResult> {
    return (await client.workflow.getHandle(workflowId).result()) as LifecycleResult;
  }
}

/** Rejects with the first fault, whenever it comes. */
async function firstOf(faults: readonly unknown[]): Promise<never> {
  for (;;) {
    if (faults.length > 0) throw faults[0];
    await wait(200, undefined, { ref: false });
  }
}
