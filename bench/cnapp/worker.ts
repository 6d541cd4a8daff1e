import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { openProcess, startWorkers } from '../../bin/compose/process.js';
import { StopStack } from '../../bin/compose/stop-stack.js';
import { untilSignal } from '../../bin/compose/until-signal.js';
import { loadConfig } from '../../runtime/config.js';
import { PARTS } from '../../workers/parts.js';
import { ZONES } from '../../workflows/naming.js';

/** The product's own workers in a process that is killed: the configuration, and the address of the Temporal server. */
const [, , file = '', address = ''] = process.argv;
Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
const cwd = dirname(file);
const stack = new StopStack();
const options = {
  loaded: loadConfig({ file, cwd }),
  folder: join(cwd, 'state'),
  cluster: { address, namespace: 'default' },
  parts: PARTS,
  stack,
};
const opened = await openProcess(options);
await startWorkers({ ...options, zones: ZONES, say: () => undefined }, opened);
const peak = join(cwd, `peak-${process.pid}`);
const note = (): void => writeFileSync(peak, String(process.resourceUsage().maxRSS));
note();
setInterval(note, 500).unref();
process.stdout.write('working\n');
await untilSignal();
await stack.stop();
process.exit(0);
