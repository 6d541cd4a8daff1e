import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { LifecyclePorts } from '../../activities/lifecycle/ports.js';
import { createStarter } from '../../client/starter.js';
import { connectClient, connectWorker } from '../../runtime/connection.js';
import { timingOf } from '../../runtime/timing.js';
import { arn } from '../../samples/model/names.js';
import { workflowBundle } from '../../workers/bundle.js';
import { sha256 } from '../../workers/open-ports.js';
import { runWorkers } from '../../workers/run.js';
import { taskQueue, ZONES, type Zone } from '../../workflows/naming.js';
import { findingAbout, HOME } from '../support/organisation.js';
import { openProduct } from '../support/product.js';
import { type Crash, openFaults } from './faults.js';
import type { HouseOrder } from './house.js';

/**
 * A process of the product that a test may kill at any moment: the whole embedded product over its own ledger, or the
 * workers of some zones over a PostgreSQL server. It is told what to do on its standard input, one JSON line each, and
 * answers by the same id; a fault that is armed kills it at a write, with nothing tidied up.
 */
const order = JSON.parse(process.argv[2] ?? '{}') as HouseOrder;
Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
const cluster = { address: order.address, namespace: 'default' };
const client = await connectClient(cluster);
const faults = openFaults();
const timing = timingOf('test', order.timing);
const product = await openProduct({
  folder: order.folder,
  timing: order.timing,
  ...(order.databaseUrl !== undefined && { databaseUrl: order.databaseUrl }),
  adapt: faults.adapt,
  starter: ({ ports }) =>
    createStarter({
      client,
      coreQueue: taskQueue(order.prefix, 'core'),
      timing,
      ladder: ports.settings.ladder,
      digest: sha256,
    }),
});

const findingOf = (name: string) => findingAbout(arn.role(HOME, name));
const answers = {
  ledger: (name: keyof LifecyclePorts['ledger'], ...given: unknown[]) =>
    (product.ports.ledger[name] as (...args: unknown[]) => unknown)(...given),
  takeIn: (name: string) => product.takeIn([findingOf(name)], `begun/${name}`),
  scan: (names: readonly string[]) => product.scan(names.map(findingOf)),
  sign: product.sign,
  arm: (crash: Crash) => faults.crash(crash, () => process.kill(process.pid, 'SIGKILL')),
  writesOf: faults.writesOf,
  reconcile: () => product.activities.reconcile({}),
} as const;
/** What a house can be asked. */
export type HouseQuestion = keyof typeof answers;

const workers = await runWorkers({
  connection: await connectWorker(cluster),
  namespace: cluster.namespace,
  prefix: order.prefix,
  zones: (order.zones as readonly Zone[] | undefined) ?? ZONES,
  activities: product.activities,
  bundle: await workflowBundle(join(tmpdir(), 'curtail-test-bundle')),
  // Without a cache no task of a workflow waits for a process that is dead.
  maxCachedWorkflows: 0,
});
workers.done.catch((error: unknown) => {
  process.stderr.write(`a worker failed: ${String(error)}\n`);
  process.exit(1);
});
say({ ready: true });

for await (const line of createInterface({ input: process.stdin })) void answer(line);
process.exit(0);

async function answer(line: string): Promise<void> {
  const { id, question, given } = JSON.parse(line) as {
    id: number;
    question: HouseQuestion;
    given: unknown[];
  };
  try {
    const result = await (answers[question] as (...args: unknown[]) => unknown)(...given);
    say({ id, result });
  } catch (error) {
    say({ id, error: String(error) });
  }
}

function say(message: unknown): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
