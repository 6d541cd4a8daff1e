import { mkdir, rm, writeFile } from 'node:fs/promises';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { fakeActivities } from '../support/fake-activities.js';
import { startTestCluster } from '../support/temporal.js';
import { HISTORIES, pathOf } from './history.js';
import { SCENARIOS } from './scenarios.js';

/**
 * Records the histories anew, from real runs on a real server: `node --import tsx test/replay/record.ts`. With names of
 * workflows (`undo-change`), only theirs.
 */
const wanted = process.argv.slice(2);
const isWanted = (workflow: string) => wanted.length === 0 || wanted.includes(workflow);
const cluster = await startTestCluster();
try {
  if (wanted.length === 0) await rm(HISTORIES, { recursive: true, force: true });
  for (const scenario of SCENARIOS.filter(({ workflow }) => isWanted(workflow))) {
    const fake = fakeActivities(scenario.answers?.());
    const workers = await cluster.work(fake);
    const run = await scenario.live({ client: cluster.client, fake });
    await workers.stop();
    const history = await cluster.client.workflow.getHandle(run.workflowId, run.runId).fetchHistory();
    const path = pathOf(scenario.workflow, scenario.name);
    await mkdir(new URL('.', path), { recursive: true });
    await writeFile(path, `${JSON.stringify(JSON.parse(historyToJSON(history), withoutPlace), null, 1)}\n`);
    console.log(`${scenario.workflow}/${scenario.name}: ${history.events?.length ?? 0} events`);
  }
} finally {
  await cluster.stop();
}

/** Names of machines and files say nothing about a workflow, so they are not kept: identities, sticky queues, stacks. */
function withoutPlace(key: string, value: unknown): unknown {
  if (key === 'stackTrace') return '';
  return typeof value === 'string' && /^\d+@/.test(value) ? 'recorder' : value;
}
