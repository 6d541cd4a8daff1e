import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { StartFinding } from '../../activities/starter/port.js';
import { createStarter } from '../../client/starter.js';
import { LADDER, type Ladder } from '../../domain/approval/ladder.js';
import type { Severity } from '../../domain/finding/finding.js';
import { TIMING_PROFILES } from '../../runtime/timing.js';
import {
  type ClusterMember,
  type ClusterReviewInput,
  joinSignal,
} from '../../workflows/cluster-review/messages.js';
import {
  decideUpdate,
  decisionSignal,
  type FindingLifecycleInput,
  type LifecycleResult,
  retryUpdate,
  settledSignal,
} from '../../workflows/finding-lifecycle/messages.js';
import { taskQueue } from '../../workflows/naming.js';
import { FAKE_DRAFT, type FakeActivities, fakeActivities } from '../support/fake-activities.js';
import { startTestCluster, TEST_PREFIX, type TestCluster } from '../support/temporal.js';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
}, 120_000);
afterAll(() => cluster.stop());

const TIMING = { ...TIMING_PROFILES.test, verifyAfterMs: 50, verifyEveryMs: 50, clusterWaitMs: 50 };
const LADDERS = LADDER as Readonly<Record<Severity, Ladder>>;
const digest = (text: string): string => Buffer.from(text).toString('hex').padEnd(64, '0');

function starter() {
  return createStarter({
    client: cluster.client,
    coreQueue: taskQueue(TEST_PREFIX, 'core'),
    timing: TIMING,
    ladder: LADDERS,
    digest,
  });
}

function findings(cause: string, count: number): StartFinding[] {
  return Array.from({ length: count }, (_, index) => ({
    key: `${cause}${index}`.padStart(32, '0'),
    source: 'orca',
    generation: 1,
    kind: 'excessive-permissions' as const,
    severity: 'high' as const,
    subject: `arn:aws:iam::123456789012:role/web-${index}`,
    phase: 'assist' as const,
    riskScore: 70,
    rootCause: cause,
  }));
}

const MEMBER = { key: 'k', workflowId: 'finding/orca/k', subject: 'arn' };
let malformed = 0;

async function result(workflowId: string): Promise<LifecycleResult> {
  return (await cluster.client.workflow.getHandle(workflowId).result()) as LifecycleResult;
}

describe('findings with one root cause', () => {
  it('share one draft, one request, one approval and one verification, and each ends with the cluster', async () => {
    const fake: FakeActivities = fakeActivities();
    const workers = await cluster.work(fake);
    try {
      const eight = findings('a', 8);
      await starter().start(eight);
      const clusterId = starter().ids(eight[0] as StartFinding).clusterId ?? '';
      await cluster.client.workflow
        .getHandle(clusterId)
        .executeUpdate(decideUpdate, { args: [{ grant: 'good' }] });
      for (const finding of eight)
        expect(await result(starter().ids(finding).workflowId)).toMatchObject({ outcome: 'verified' });
      expect(fake.calls.map((call) => call.name)).toEqual([
        'enrich',
        'prepare',
        'explain',
        'ask',
        'settle',
        'apply',
        'verify',
      ]);
      expect(fake.calls[0]?.input).toMatchObject({ keys: eight.map((finding) => finding.key) });
    } finally {
      await workers.stop();
    }
  });

  it.each<[name: string, message: unknown]>([
    ['null', null],
    ['a number', 7],
    ['an array', [{ members: [] }]],
    ['a wrong shape', { members: [{ key: 1 }] }],
    ['too many members', { members: Array.from({ length: 1_001 }, () => MEMBER) }],
    ['one megabyte', { members: [{ ...MEMBER, key: 'x'.repeat(1_000_000) }] }],
  ])('go on after %s to every signal and update of the cluster and of a member', async (_name, message) => {
    const fake = fakeActivities();
    const workers = await cluster.work(fake);
    try {
      malformed += 1;
      const [finding] = findings(`m${malformed}`, 1) as [StartFinding];
      await starter().start([finding]);
      const { workflowId, clusterId = '' } = starter().ids(finding);
      for (const id of [clusterId, workflowId]) {
        const handle = cluster.client.workflow.getHandle(id);
        for (const signal of [joinSignal, decisionSignal, settledSignal])
          await handle.signal(signal, message);
        expect(await handle.executeUpdate(retryUpdate, { args: [message] })).toEqual({ retried: false });
        await expect(handle.executeUpdate(decideUpdate, { args: [message] })).rejects.toThrow(
          WorkflowUpdateFailedError,
        );
      }
      await cluster.client.workflow
        .getHandle(clusterId)
        .executeUpdate(decideUpdate, { args: [{ grant: 'good' }] });
      expect(await result(workflowId)).toMatchObject({ outcome: 'verified' });
      expect(fake.calls[0]?.input).toMatchObject({ keys: [finding.key] });
    } finally {
      await workers.stop();
    }
  });

  it('keep their members and who came too late when the history of their cluster has grown long', async () => {
    let looks = 0;
    const fake = fakeActivities({
      prepare: async () =>
        ({
          ...FAKE_DRAFT,
          coveredPrincipals: findings('g', 2).map(({ subject }) => subject),
        }) as typeof FAKE_DRAFT,
      apply: async ({ changeId }) =>
        looks > 8 || changeId !== 'change/1'
          ? { status: 'applied' }
          : { status: 'handed-over', route: 'ticket', url: 'https://desk/1' },
      watchHandOver: async () => ({ status: ++looks > 8 ? 'done' : 'waiting' }),
    });
    const workers = await cluster.work(fake);
    try {
      const [one, two, late] = findings('g', 3) as [StartFinding, StartFinding, StartFinding];
      const { clusterId = '' } = starter().ids(one);
      const member = (finding: StartFinding): ClusterMember => ({
        key: finding.key,
        workflowId: starter().ids(finding).workflowId,
        subject: finding.subject,
      });
      const given: ClusterReviewInput = {
        ...{ rootCause: 'g', generation: 1, source: 'orca', kind: 'excessive-permissions', severity: 'high' },
        ...{ phase: 'assist', ladder: LADDER.high, timing: { ...TIMING, routePollEveryMs: 50 } },
        members: [member(one)],
        renewAfterEvents: 75,
      };
      const handle = await cluster.client.workflow.start('clusterReview', {
        workflowId: clusterId,
        taskQueue: taskQueue(TEST_PREFIX, 'core'),
        args: [given],
      });
      await handle.executeUpdate(decideUpdate, { args: [{ grant: 'good' }] });
      await starter().start([one, two, late]);
      for (const finding of [one, two])
        expect(await result(starter().ids(finding).workflowId)).toMatchObject({ outcome: 'verified' });
      const next = cluster.client.workflow.getHandle(clusterId);
      await next.executeUpdate(decideUpdate, { args: [{ grant: 'good' }] });
      expect(await result(starter().ids(late).workflowId)).toMatchObject({ outcome: 'verified' });
      const generations = fake.calls
        .filter((call) => call.name === 'prepare')
        .map((call) => (call.input as { generation: number }).generation);
      expect(generations).toEqual([1, 2]);
      const { events } = await cluster.client.workflow
        .getHandle(clusterId, handle.firstExecutionRunId)
        .fetchHistory();
      expect(events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes).toBeDefined();
    } finally {
      await workers.stop();
    }
  }, 60_000);

  it('ask the ledger how their cluster ended when nobody tells them', async () => {
    const looked: string[] = [];
    const fake = fakeActivities({
      lookUpCluster: async ({ key }) => {
        looked.push(key);
        return looked.length === 1 ? { settled: false } : { settled: true, outcome: 'rejected' };
      },
    });
    const workers = await cluster.work(fake);
    try {
      const [finding] = findings('f', 1) as [StartFinding];
      const { rootCause: _cause, riskScore: _risk, ...given } = finding;
      const { workflowId } = starter().ids(finding);
      const member: FindingLifecycleInput = {
        ...given,
        clusterId: 'cluster/that-is-gone',
        ladder: [],
        timing: { ...TIMING, minNoticeMs: 1, verifyGiveUpMs: 1, ladderFactor: 1 / 3_600_000 },
      };
      await cluster.client.workflow.start('findingLifecycle', {
        workflowId,
        taskQueue: taskQueue(TEST_PREFIX, 'core'),
        args: [member],
      });
      expect(await result(workflowId)).toEqual({ outcome: 'rejected', note: 'settled by its cluster' });
      expect(looked).toEqual([finding.key, finding.key]);
    } finally {
      await workers.stop();
    }
  }, 60_000);

  it('attach a later arrival that the proof covers, and leave another for the next generation', async () => {
    const covered = findings('b', 3).map((finding) => finding.subject);
    const generations: number[] = [];
    const fake = fakeActivities({
      prepare: async (input) => {
        generations.push(input.generation);
        return { ...FAKE_DRAFT, coveredPrincipals: covered } as typeof FAKE_DRAFT;
      },
    });
    const workers = await cluster.work(fake);
    try {
      const [first, second, third, fourth] = findings('b', 4) as [
        StartFinding,
        StartFinding,
        StartFinding,
        StartFinding,
      ];
      await starter().start([first]);
      const handle = cluster.client.workflow.getHandle(starter().ids(first).clusterId ?? '');
      for (;;)
        if (fake.calls.some((call) => call.name === 'ask')) break;
        else await new Promise((resolve) => setTimeout(resolve, 10));
      await starter().start([second, third, fourth]);
      await handle.executeUpdate(decideUpdate, { args: [{ grant: 'good' }] });
      for (const finding of [first, second, third])
        expect(await result(starter().ids(finding).workflowId)).toMatchObject({ outcome: 'verified' });
      await cluster.client.workflow
        .getHandle(starter().ids(fourth).clusterId ?? '')
        .executeUpdate(decideUpdate, { args: [{ grant: 'good' }] });
      expect(await result(starter().ids(fourth).workflowId)).toMatchObject({ outcome: 'verified' });
      expect(generations).toEqual([1, 2]);
    } finally {
      await workers.stop();
    }
  });
});
