import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connectWorker } from '../../runtime/connection.js';
import { workflowBundle } from '../../workers/bundle.js';
import { runWorkers } from '../../workers/run.js';
import type { Zone } from '../../workflows/naming.js';
import { openProduct } from '../support/product.js';
import { TEST_PREFIX } from '../support/temporal.js';
import { type Crash, openFaults } from './faults.js';

/** What a child is told to do: on its standard input, one line of JSON. */
export interface ChildOrder {
  zones: readonly Zone[];
  /** Where it kills itself; without one it works until it is killed. */
  crash?: Crash;
}

/**
 * A process that works for some zones until it kills itself at a write, with nothing tidied up. Arguments: the
 * product's folder, the ledger's URL, the address of the Temporal server.
 */
const [, , folder = '', databaseUrl = '', address = ''] = process.argv;
const faults = openFaults();
const product = await openProduct({ folder, databaseUrl, adapt: faults.adapt });
const bundle = await workflowBundle(join(tmpdir(), 'curtail-test-bundle'));
const connection = await connectWorker({ address, namespace: 'default' });
process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const { zones, crash } = JSON.parse(line) as ChildOrder;
  if (crash !== undefined) faults.crash(crash, () => process.kill(process.pid, 'SIGKILL'));
  const { activities } = product;
  await runWorkers({ connection, namespace: 'default', prefix: TEST_PREFIX, zones, activities, bundle });
  process.stdout.write('working\n');
}
