import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { Activities } from '../../activities/contract.js';
import { LADDER, scaleLadder } from '../../domain/approval/ladder.js';
import { TIMING_PROFILES } from '../../runtime/timing.js';
import {
  decideUpdate,
  decisionSignal,
  type FindingLifecycleInput,
  type LifecycleResult,
  retryUpdate,
  settledSignal,
  statusQuery,
} from '../../workflows/finding-lifecycle/messages.js';
import { taskQueue } from '../../workflows/naming.js';
import {
  APPROVE,
  broken,
  FAKE_DRAFT,
  type FakeActivities,
  fakeActivities,
} from '../support/fake-activities.js';
import { startTestCluster, TEST_PREFIX, type TestCluster } from '../support/temporal.js';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster();
}, 120_000);
afterAll(() => cluster.stop());

let count = 0;
const TIMING = {
  ...TIMING_PROFILES.test,
  verifyAfterMs: 50,
  verifyEveryMs: 50,
  routePollEveryMs: 50,
  parkedRetriesMs: [60_000],
};

function input(more: Partial<FindingLifecycleInput> = {}): FindingLifecycleInput {
  count += 1;
  return {
    key: String(count).padStart(32, '0'),
    source: 'wiz',
    generation: 1,
    kind: 'excessive-permissions',
    severity: 'high',
    subject: 'arn:aws:iam::123456789012:role/app',
    phase: 'assist',
    ladder: LADDER.high,
    timing: TIMING,
    ...more,
  };
}

async function begin(given = input()) {
  return cluster.client.workflow.start<(input: FindingLifecycleInput) => Promise<LifecycleResult>>(
    'findingLifecycle',
    {
      workflowId: `finding/wiz/${given.key}`,
      taskQueue: taskQueue(TEST_PREFIX, 'core'),
      memo: { generation: given.generation },
      args: [given],
    },
  );
}
type Handle = Awaited<ReturnType<typeof begin>>;

async function withWorkers<T>(
  overrides: Partial<Activities>,
  run: (fake: FakeActivities) => Promise<T>,
): Promise<T> {
  const fake = fakeActivities(overrides);
  const workers = await cluster.work(fake);
  try {
    return await run(fake);
  } finally {
    await workers.stop();
  }
}

async function untilStage(handle: Handle, stage: string): Promise<void> {
  for (;;) {
    const status = await handle.query(statusQuery);
    if (status.stage === stage) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function names(fake: FakeActivities): readonly string[] {
  return fake.calls.map((call) => call.name);
}

describe('a lone finding', () => {
  it('is enriched, drafted, explained, asked about, applied, verified and closed', async () => {
    await withWorkers({}, async (fake) => {
      const handle = await begin();
      const receipt = await handle.executeUpdate(decideUpdate, { args: [{ grant: 'good' }] });
      expect(receipt).toEqual({ outcome: 'accepted', complete: true, waitingFor: 0 });
      expect(await handle.result()).toMatchObject({ outcome: 'verified' });
      expect(names(fake)).toEqual(['enrich', 'prepare', 'explain', 'ask', 'settle', 'apply', 'verify']);
    });
  });

  it('takes a decision that arrives before anybody was asked', async () => {
    await withWorkers({}, async () => {
      const handle = await begin();
      await handle.signal(decisionSignal, { grant: 'good' });
      expect(await handle.result()).toMatchObject({ outcome: 'verified' });
    });
  });

  it('stays open after a forged decision and tells the sender why', async () => {
    await withWorkers({}, async () => {
      const handle = await begin();
      const forged = await handle.executeUpdate(decideUpdate, { args: [{ grant: 'forged' }] });
      expect(forged).toEqual({ outcome: 'refused', reason: 'not signed by the gateway' });
      expect((await handle.query(statusQuery)).refusals).toBe(1);
      await handle.executeUpdate(decideUpdate, { args: [{ grant: 'good' }] });
      expect(await handle.result()).toMatchObject({ outcome: 'verified' });
    });
  });

  it.each<[name: string, message: unknown]>([
    ['null', null],
    ['a number', 7],
    ['an array', [{ grant: 'good' }]],
    ['a wrong shape', { grant: 42 }],
    ['one megabyte', { grant: 'x'.repeat(1_000_000) }],
  ])('goes on after %s to every signal and update', async (_name, message) => {
    await withWorkers({}, async () => {
      const handle = await begin();
      await handle.signal(decisionSignal, message);
      await handle.signal(settledSignal, message);
      await expect(handle.executeUpdate(decideUpdate, { args: [message] })).rejects.toThrow(
        WorkflowUpdateFailedError,
      );
      expect(await handle.executeUpdate(retryUpdate, { args: [message] })).toEqual({ retried: false });
      await handle.executeUpdate(decideUpdate, { args: [{ grant: 'good' }] });
      expect(await handle.result()).toMatchObject({ outcome: 'verified' });
    });
  });

  it('hears the gateway still after a flood of forged decisions, and no noise any more', async () => {
    await withWorkers({}, async (fake) => {
      const handle = await begin();
      const signed = (text: string): string => {
        const claims = { workflowId: handle.workflowId, requestId: 'r', jti: text };
        return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${text}`;
      };
      fake.grants.set(signed('good'), APPROVE);
      for (let forged = 0; forged < 20; forged += 1)
        await handle.executeUpdate(decideUpdate, { args: [{ grant: `forged-${forged}` }] });
      const judged = () => names(fake).filter((name) => name === 'settle').length;
      expect(judged()).toBe(20);
      await expect(handle.executeUpdate(decideUpdate, { args: [{ grant: 'good' }] })).rejects.toThrow(
        WorkflowUpdateFailedError,
      );
      await handle.signal(decisionSignal, { grant: 'good' });
      expect(await handle.executeUpdate(decideUpdate, { args: [{ grant: signed('forged') }] })).toMatchObject(
        {
          outcome: 'refused',
        },
      );
      expect(judged()).toBe(21);
      expect(await handle.executeUpdate(decideUpdate, { args: [{ grant: signed('good') }] })).toMatchObject({
        outcome: 'accepted',
      });
      expect(await handle.result()).toMatchObject({ outcome: 'verified' });
    });
  });

  it('asks anew after an edit, with the person and the kept actions in the new draft', async () => {
    await withWorkers({}, async (fake) => {
      fake.grants.set('edit', {
        outcome: 'accepted',
        complete: true,
        verdict: 'edit',
        by: 'bo',
        reason: 'used yearly',
        keepActions: ['ec2:StopInstances'],
      });
      const handle = await begin();
      await handle.executeUpdate(decideUpdate, { args: [{ grant: 'edit' }] });
      await handle.executeUpdate(decideUpdate, { args: [{ grant: 'good' }] });
      expect(await handle.result()).toMatchObject({ outcome: 'verified' });
      const [, again] = fake.calls.filter((call) => call.name === 'prepare');
      expect(again?.input).toMatchObject({
        round: 2,
        edit: { by: 'bo', keepActions: ['ec2:StopInstances'], previousDigest: 'd'.repeat(64) },
      });
    });
  });

  it('asks the security team before the owner where tickets are released first', async () => {
    const released = { outcome: 'accepted', complete: true, verdict: 'approve', by: 'dana' } as const;
    const prepare = async () => ({ ...FAKE_DRAFT, releaseFirst: true as const });
    await withWorkers({ prepare }, async (fake) => {
      fake.grants.set('release', { ...released, reason: 'yearly job', released: true });
      const handle = await begin();
      await handle.executeUpdate(decideUpdate, { args: [{ grant: 'release' }] });
      await handle.executeUpdate(decideUpdate, { args: [{ grant: 'good' }] });
      expect(await handle.result()).toMatchObject({ outcome: 'verified' });
      const asked = fake.calls.filter((call) => call.name === 'ask').map((call) => call.input);
      expect(asked).toMatchObject([
        { release: true, requestId: expect.stringMatching(/-release$/) },
        { note: { by: 'dana', text: 'yearly job' }, requestId: expect.not.stringMatching(/-release$/) },
      ]);
      expect(asked[1]).not.toHaveProperty('release');
    });
  });

  it('ends with the security team’s no, and the owner is never asked', async () => {
    const prepare = async () => ({ ...FAKE_DRAFT, releaseFirst: true as const });
    await withWorkers({ prepare }, async (fake) => {
      fake.grants.set('no', {
        outcome: 'accepted',
        complete: true,
        verdict: 'reject',
        by: 'dana',
        reason: 'known and accepted',
      });
      const handle = await begin();
      await handle.executeUpdate(decideUpdate, { args: [{ grant: 'no' }] });
      expect(await handle.result()).toMatchObject({ outcome: 'rejected' });
      expect(names(fake).filter((name) => name === 'ask')).toHaveLength(1);
    });
  });

  it('voids the approval when the target was changed meanwhile, and asks anew', async () => {
    let applies = 0;
    await withWorkers(
      {
        apply: async () =>
          ++applies === 1 ? { status: 'conflict', reason: 'somebody changed it' } : { status: 'applied' },
      },
      async (fake) => {
        const handle = await begin();
        await handle.executeUpdate(decideUpdate, { args: [{ grant: 'good' }] });
        await handle.executeUpdate(decideUpdate, { args: [{ grant: 'good' }] });
        expect(await handle.result()).toMatchObject({ outcome: 'verified' });
        expect(fake.calls.filter((call) => call.name === 'closeRequest').map((call) => call.input)).toEqual([
          expect.objectContaining({ status: 'void' }),
        ]);
      },
    );
  });

  it('expires when nobody decides: reminds, escalates, and takes the time-out for a no', async () => {
    await withWorkers({}, async (fake) => {
      const ladder = scaleLadder(LADDER.high, 1 / 100_000); // seven days in six seconds
      const handle = await begin(input({ ladder, timing: { ...TIMING, minNoticeMs: 100 } }));
      expect(await handle.result()).toMatchObject({ outcome: 'expired' });
      const rungs = fake.calls
        .filter((call) => call.name === 'ask')
        .map((call) => (call.input as { rung: string }).rung);
      expect(rungs).toEqual(['opened', 'reminder', 'escalation']);
      expect(names(fake)).not.toContain('apply');
    });
  });

  it.each<[ending: string, overrides: Partial<Activities>]>([
    [
      'never-touch',
      {
        enrich: async () => ({
          resolvedAtSource: false,
          neverTouch: 'break-glass',
          environment: 'production',
          owner: 'x',
          contextDigest: 'c',
        }),
      },
    ],
    [
      'resolved-at-source',
      {
        enrich: async () => ({
          resolvedAtSource: true,
          neverTouch: null,
          environment: 'production',
          owner: 'x',
          contextDigest: 'c',
        }),
      },
    ],
    ['no-change', { prepare: async () => ({ kind: 'no-change', reason: 'used monthly' }) }],
    ['blocked', { prepare: async () => ({ kind: 'blocked', reason: 'frozen', digest: 'd' }) }],
    ['observed', { prepare: async () => ({ ...FAKE_DRAFT, phase: 'observe' }) as never }],
    ['unproven', { prepare: async () => ({ ...FAKE_DRAFT, phase: 'observe', proof: 'unproven' }) as never }],
    [
      'auto-remediated',
      { prepare: async () => ({ ...FAKE_DRAFT, phase: 'automate', standingChangeId: 'change/s' }) as never },
    ],
  ])('ends as %s without asking anybody', async (ending, overrides) => {
    await withWorkers(overrides, async (fake) => {
      const handle = await begin();
      expect(await handle.result()).toMatchObject({ outcome: ending });
      expect(names(fake)).not.toContain('ask');
    });
  });

  it('rolls back when verification finds harm', async () => {
    await withWorkers(
      { verify: async () => ({ status: 'failed', reason: 'sqs:SendMessage is denied' }) },
      async (fake) => {
        const handle = await begin();
        await handle.executeUpdate(decideUpdate, { args: [{ grant: 'good' }] });
        expect(await handle.result()).toMatchObject({
          outcome: 'rolled-back',
          note: 'rolled back: sqs:SendMessage is denied',
        });
        expect(names(fake)).toContain('rollBack');
      },
    );
  });

  it('parks a step that cannot work, tells once, and goes on after retry', async () => {
    let tries = 0;
    await withWorkers(
      {
        prepare: async () => {
          tries += 1;
          if (tries === 1) throw broken('vendor.auth');
          return FAKE_DRAFT;
        },
      },
      async (fake) => {
        const handle = await begin();
        await untilStage(handle, 'parked');
        expect((await handle.query(statusQuery)).parked).toBe('vendor.auth');
        expect(await handle.executeUpdate(retryUpdate, { args: [{}] })).toEqual({ retried: true });
        await handle.executeUpdate(decideUpdate, { args: [{ grant: 'good' }] });
        expect(await handle.result()).toMatchObject({ outcome: 'verified' });
        expect(fake.calls.filter((call) => call.name === 'setStage')).toHaveLength(1);
      },
    );
  });

  it('leaves nothing half changed when it is cancelled while people are asked', async () => {
    await withWorkers({}, async (fake) => {
      const handle = await begin();
      await untilStage(handle, 'awaiting-decision');
      await handle.cancel();
      expect(await handle.result()).toMatchObject({ outcome: 'cancelled' });
      expect(names(fake)).not.toContain('apply');
      expect(names(fake).at(-1)).toBe('close');
    });
  });

  it('needs two people where the identity is powerful', async () => {
    await withWorkers({}, async (fake) => {
      fake.grants.set('first', { outcome: 'accepted', complete: false, waitingFor: 1 });
      const handle = await begin();
      expect(await handle.executeUpdate(decideUpdate, { args: [{ grant: 'first' }] })).toEqual({
        outcome: 'accepted',
        complete: false,
        waitingFor: 1,
      });
      await untilStage(handle, 'awaiting-decision');
      expect(names(fake)).not.toContain('apply');
      await handle.executeUpdate(decideUpdate, { args: [{ grant: 'good' }] });
      expect(await handle.result()).toMatchObject({ outcome: 'verified' });
    });
  });

  it('finds its decision again when the ledger has one for the same digest', async () => {
    const settled = APPROVE as Extract<typeof APPROVE, { complete: true }>;
    await withWorkers(
      { ask: async () => ({ deliveredAtMs: Date.now(), waitingFor: 'data', settled }) },
      async (fake) => {
        const handle = await begin();
        expect(await handle.result()).toMatchObject({ outcome: 'verified' });
        expect(names(fake)).not.toContain('settle');
      },
    );
  });
});

describe('a standing approval that lapses between the draft and its application', () => {
  it('leaves the finding to a person, whatever the flags say by then', async () => {
    const phases: string[] = [];
    await withWorkers(
      {
        prepare: async ({ phase }) => {
          phases.push(phase);
          return {
            ...FAKE_DRAFT,
            phase,
            ...(phase === 'automate' && { standingChangeId: 'change/standing/1' }),
          } as typeof FAKE_DRAFT;
        },
        apply: async ({ changeId }) =>
          changeId === 'change/standing/1'
            ? { status: 'lapsed', reason: 'switched off' }
            : { status: 'applied' },
      },
      async (fake) => {
        const handle = await begin(input({ phase: 'automate' }));
        await handle.executeUpdate(decideUpdate, { args: [{ grant: 'good' }] });
        expect(await handle.result()).toMatchObject({ outcome: 'verified' });
        expect(phases).toEqual(['automate', 'assist']);
        expect(names(fake).filter((name) => name === 'ask')).toHaveLength(1);
      },
    );
  });
});

describe('a retried prepare', () => {
  it('is given the same end of the usage window as the attempt before it', async () => {
    const windows: (number | undefined)[] = [];
    await withWorkers(
      {
        prepare: async ({ asOfMs }) => {
          windows.push(asOfMs);
          if (windows.length < 3) throw new Error('killed');
          return FAKE_DRAFT;
        },
      },
      async () => {
        const handle = await begin();
        await handle.executeUpdate(decideUpdate, { args: [{ grant: 'good' }] });
        await handle.result();
        expect(windows).toHaveLength(3);
        expect(new Set(windows).size).toBe(1);
        expect(windows[0]).toEqual(expect.any(Number));
      },
    );
  });
});

describe('a history that has grown long', () => {
  async function runsOf(handle: Handle): Promise<readonly string[]> {
    const runs: string[] = [];
    for await (const run of cluster.client.workflow.list({ query: `WorkflowId = '${handle.workflowId}'` }))
      runs.push(run.status.name);
    return runs;
  }

  it('goes on in a new run while the change is with a person, who is not asked again', async () => {
    let looks = 0;
    await withWorkers(
      {
        apply: async () =>
          looks > 6
            ? { status: 'applied' }
            : { status: 'handed-over', route: 'ticket', url: 'https://desk/1' },
        watchHandOver: async () => ({ status: ++looks > 6 ? 'done' : 'waiting' }),
      },
      async (fake) => {
        const handle = await begin(input({ renewAfterEvents: 70 }));
        await handle.executeUpdate(decideUpdate, { args: [{ grant: 'good' }] });
        expect(await handle.result()).toMatchObject({ outcome: 'verified' });
        expect(await runsOf(handle)).toContain('CONTINUED_AS_NEW');
        expect(names(fake).filter((name) => name === 'ask')).toHaveLength(1);
        expect(names(fake).filter((name) => name === 'settle')).toHaveLength(1);
        // By it `reconcile` tells a life that was begun from one that was not.
        expect((await handle.describe()).memo).toEqual({ generation: 1 });
      },
    );
  });

  it('goes on in a new run while a step is parked, and begins anew where nothing was approved', async () => {
    let tries = 0;
    await withWorkers(
      {
        prepare: async () => {
          tries += 1;
          if (tries < 6) throw broken('vendor.auth');
          return FAKE_DRAFT;
        },
      },
      async () => {
        const timing = { ...TIMING, parkedRetriesMs: [10] };
        const handle = await begin(input({ timing, renewAfterEvents: 30 }));
        await until(async () => tries >= 6);
        await handle.executeUpdate(decideUpdate, { args: [{ grant: 'good' }] });
        expect(await handle.result()).toMatchObject({ outcome: 'verified' });
        expect(await runsOf(handle)).toContain('CONTINUED_AS_NEW');
      },
    );
  });

  it('goes on with another draft, in its next round, when the approval is void by then', async () => {
    let applies = 0;
    await withWorkers(
      {
        apply: async () => {
          applies += 1;
          if (applies > 8) return { status: 'applied' };
          return applies === 8
            ? { status: 'conflict', reason: 'somebody changed it' }
            : { status: 'stopped', reason: 'the kill switch is on' };
        },
      },
      async (fake) => {
        const handle = await begin(input({ renewAfterEvents: 70 }));
        await handle.executeUpdate(decideUpdate, { args: [{ grant: 'good' }] });
        await until(async () => names(fake).filter((name) => name === 'ask').length === 2);
        await handle.executeUpdate(decideUpdate, { args: [{ grant: 'good' }] });
        expect(await handle.result()).toMatchObject({ outcome: 'verified' });
        expect(await runsOf(handle)).toContain('CONTINUED_AS_NEW');
        const rounds = fake.calls
          .filter((call) => call.name === 'prepare')
          .map((call) => (call.input as { round: number }).round);
        expect(rounds).toEqual([1, 2]);
      },
    );
  });

  async function until(holds: () => Promise<boolean>): Promise<void> {
    while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

describe('a write that takes longer than a heartbeat may', () => {
  it('is not taken for one whose worker is lost', async () => {
    const slow = { ...TIMING, heartbeatMs: 1_000, writeTimeoutMs: 20_000, writeGiveUpMs: 60_000 };
    await withWorkers(
      {
        apply: async () => {
          await new Promise((resolve) => setTimeout(resolve, 2_500));
          return { status: 'applied' };
        },
      },
      async (fake) => {
        const handle = await begin(input({ timing: slow }));
        await handle.executeUpdate(decideUpdate, { args: [{ grant: 'good' }] });
        expect(await handle.result()).toMatchObject({ outcome: 'verified' });
        expect(fake.calls.filter((call) => call.name === 'apply')).toHaveLength(1);
      },
    );
  });
});
