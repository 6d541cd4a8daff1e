import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import proto from '@temporalio/proto';
import { NativeConnection } from '@temporalio/worker';
import { deploymentState, promote } from '../../client/deployments.js';
import { LADDER } from '../../domain/approval/ladder.js';
import { TIMING_PROFILES } from '../../runtime/timing.js';
import { type WorkflowBundle, workflowBundle } from '../../workers/bundle.js';
import { type RunningWorkers, runWorkers } from '../../workers/run.js';
import * as deployed from '../../workflows/deployed.js';
import {
  decideUpdate,
  type FindingLifecycleInput,
  type LifecycleResult,
  statusQuery,
} from '../../workflows/finding-lifecycle/messages.js';
import * as embedded from '../../workflows/index.js';
import { DEPLOYMENT, taskQueue, ZONES } from '../../workflows/naming.js';
import { until } from '../e2e/world.js';
import { fakeActivities } from '../support/fake-activities.js';
import { startTestCluster, TEST_PREFIX, type TestCluster } from '../support/temporal.js';

let cluster: TestCluster;
let connection: NativeConnection;
let bundle: WorkflowBundle;
const started: RunningWorkers[] = [];
beforeAll(async () => {
  cluster = await startTestCluster();
  connection = await NativeConnection.connect({ address: cluster.server.address });
  bundle = await workflowBundle(join(tmpdir(), 'curtail-test-bundle'), undefined, 'deployed');
}, 120_000);
afterAll(async () => {
  await Promise.all(started.map((workers) => workers.stop()));
  await connection.close();
  await cluster.stop();
});

async function work(buildId: string): Promise<void> {
  started.push(
    await runWorkers({
      connection,
      namespace: 'default',
      prefix: TEST_PREFIX,
      zones: ZONES,
      activities: fakeActivities(),
      bundle,
      deployment: { name: DEPLOYMENT, buildId },
    }),
  );
}

async function promoteOnceThere(buildId: string): Promise<void> {
  const state = await until(`workers of ${buildId}`, async () => {
    const found = await deploymentState(cluster.client);
    return found?.versions.some((version) => version.buildId === buildId) === true ? found : undefined;
  });
  await until(`${buildId} to be promoted`, async () => {
    // The server refuses while it has not seen this build on every queue.
    const now = (await deploymentState(cluster.client)) ?? state;
    return promote(cluster.client, now, buildId).then(
      () => true,
      () => undefined,
    );
  });
}

const INPUT: FindingLifecycleInput = {
  key: '7'.repeat(32),
  source: 'wiz',
  generation: 1,
  kind: 'excessive-permissions',
  severity: 'high',
  subject: 'arn:aws:iam::123456789012:role/app',
  phase: 'assist',
  ladder: LADDER.high,
  timing: { ...TIMING_PROFILES.test, verifyAfterMs: 50 },
};

it('gives work to a promoted build only, and a life that waits goes on in the next one', async () => {
  const { client } = cluster;
  expect(await deploymentState(client)).toBeUndefined();
  const life = await client.workflow.start<(input: FindingLifecycleInput) => Promise<LifecycleResult>>(
    'findingLifecycle',
    {
      workflowId: `finding/wiz/${INPUT.key}`,
      taskQueue: taskQueue(TEST_PREFIX, 'core'),
      args: [INPUT],
    },
  );
  await work('one');
  await until('the build to be known', async () => (await deploymentState(client))?.versions[0]);
  expect((await deploymentState(client))?.current).toBeUndefined();

  await promoteOnceThere('one');
  expect((await deploymentState(client))?.current).toBe('one');
  await until('the life to wait for a decision', async () => {
    const { stage } = await life.query(statusQuery);
    return stage === 'awaiting-decision' ? true : undefined;
  });

  await work('two');
  await promoteOnceThere('two');
  await life.executeUpdate(decideUpdate, { args: [{ grant: 'good' }] });
  expect(await life.result()).toMatchObject({ outcome: 'verified' });
  const { raw } = await life.describe();
  expect(raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion).toMatchObject({
    deploymentName: DEPLOYMENT,
    buildId: 'two',
  });
  const question = await client.workflow.start('answerQuestion', {
    workflowId: 'question/1',
    taskQueue: taskQueue(TEST_PREFIX, 'core'),
    args: [{ key: INPUT.key, digest: 'd', question: 'why?', personId: 'ana', timing: INPUT.timing }],
  });
  await question.result();
  const { VersioningBehavior } = proto.temporal.api.enums.v1;
  const behaviourOf = async (handle: WorkflowHandle) =>
    (await handle.describe()).raw.workflowExecutionInfo?.versioningInfo?.behavior;
  expect(await behaviourOf(life)).toBe(VersioningBehavior.VERSIONING_BEHAVIOR_AUTO_UPGRADE);
  expect(await behaviourOf(question)).toBe(VersioningBehavior.VERSIONING_BEHAVIOR_PINNED);
  expect((await deploymentState(client))?.versions).toContainEqual({ buildId: 'two', status: 'current' });
}, 90_000);

it('deploys every workflow that is run embedded, with a behaviour of its own', () => {
  expect(Object.keys(deployed).sort()).toEqual(Object.keys(embedded).sort());
  for (const workflow of Object.values(deployed))
    expect(workflow).toHaveProperty('workflowDefinitionOptions.versioningBehavior');
});
