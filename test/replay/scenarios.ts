import type { Client } from '@temporalio/client';
import type { Activities } from '../../activities/contract.js';
import type { StartFinding } from '../../activities/starter/port.js';
import { createStarter } from '../../client/starter.js';
import { LADDER, type Ladder, scaleLadder } from '../../domain/approval/ladder.js';
import type { Severity } from '../../domain/finding/finding.js';
import { TIMING_PROFILES } from '../../runtime/timing.js';
import {
  decideUpdate,
  decisionSignal,
  retryUpdate,
  statusQuery,
} from '../../workflows/finding-lifecycle/messages.js';
import { taskQueue } from '../../workflows/naming.js';
import { APPROVE, broken, FAKE_DRAFT, type FakeActivities } from '../support/fake-activities.js';
import { TEST_PREFIX } from '../support/temporal.js';

/** A life that is recorded, and how it must end: an outcome, or that it continued as new. */
export interface Scenario {
  /** Folder of the workflow that is recorded. */
  workflow: 'finding-lifecycle' | 'cluster-review' | 'ingest-poll' | 'read-hinted' | 'undo-change';
  name: string;
  ending: string;
  /** Answers of the activities that differ from those of a finding without incidents. */
  answers?: () => Partial<Activities>;
  /** Lives through it and says which run to record. */
  live: (stage: Stage) => Promise<Run>;
}

export interface Run {
  workflowId: string;
  runId?: string;
}

/** What a scenario plays with. */
export interface Stage {
  client: Client;
  fake: FakeActivities;
}

const TIMING = {
  ...TIMING_PROFILES.test,
  clusterWaitMs: 100,
  verifyAfterMs: 50,
  verifyEveryMs: 50,
  routePollEveryMs: 500,
  routeGiveUpMs: 2_500,
  minNoticeMs: 200,
  parkedRetriesMs: [60_000],
};
const LADDERS = LADDER as Readonly<Record<Severity, Ladder>>;

function starterOf(client: Client, ladder = LADDERS) {
  return createStarter({
    client,
    coreQueue: taskQueue(TEST_PREFIX, 'core'),
    timing: TIMING,
    ladder,
    digest: (text) => Buffer.from(text).toString('hex').padEnd(64, '0'),
  });
}

let count = 0;
function finding(more: Partial<StartFinding> = {}): StartFinding {
  count += 1;
  return {
    key: count.toString(16).padStart(32, '0'),
    source: 'wiz',
    generation: 1,
    kind: 'excessive-permissions',
    severity: 'high',
    subject: `arn:aws:iam::123456789012:role/app-${count}`,
    account: '123456789012',
    phase: 'assist',
    riskScore: 70,
    ...more,
  };
}

async function begin(client: Client, ladder?: Readonly<Record<Severity, Ladder>>): Promise<string> {
  const one = finding();
  const starter = starterOf(client, ladder);
  await starter.start([one]);
  return starter.ids(one).workflowId;
}

function decide({ client }: Stage, workflowId: string, grant = 'good') {
  return client.workflow.getHandle(workflowId).executeUpdate(decideUpdate, { args: [{ grant }] });
}

async function untilStage({ client }: Stage, workflowId: string, wanted: string): Promise<void> {
  const handle = client.workflow.getHandle(workflowId);
  for (;;) {
    if ((await handle.query(statusQuery)).stage === wanted) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Started, and ended by itself. */
async function alone(stage: Stage): Promise<Run> {
  return ended(stage, await begin(stage.client));
}
/** Started, and approved by the first person who is asked. */
async function approved(stage: Stage): Promise<Run> {
  const workflowId = await begin(stage.client);
  await decide(stage, workflowId);
  return ended(stage, workflowId);
}
async function ended(stage: Stage, workflowId: string): Promise<Run> {
  await stage.client.workflow.getHandle(workflowId).result();
  return { workflowId };
}

const ENRICHED = {
  resolvedAtSource: false,
  neverTouch: null,
  environment: 'production',
  owner: 'data',
  contextDigest: 'c',
};

const FINDING: readonly Omit<Scenario, 'workflow'>[] = [
  { name: 'verified', ending: 'verified', live: approved },
  {
    name: 'verified-after-signal',
    ending: 'verified',
    live: async (stage) => {
      const workflowId = await begin(stage.client);
      await untilStage(stage, workflowId, 'awaiting-decision');
      await stage.client.workflow.getHandle(workflowId).signal(decisionSignal, { grant: 'forged' });
      await stage.client.workflow.getHandle(workflowId).signal(decisionSignal, { grant: 'good' });
      return ended(stage, workflowId);
    },
  },
  {
    name: 'auto-remediated',
    ending: 'auto-remediated',
    answers: () => ({
      prepare: async () => ({ ...draft(), phase: 'automate', standingChangeId: 'change/standing/1' }),
    }),
    live: alone,
  },
  {
    name: 'rejected',
    ending: 'rejected',
    live: async (stage) => {
      stage.fake.grants.set('no', {
        outcome: 'accepted',
        complete: true,
        verdict: 'reject',
        by: 'bo',
        reason: 'needed every quarter',
      });
      const workflowId = await begin(stage.client);
      await decide(stage, workflowId, 'no');
      return ended(stage, workflowId);
    },
  },
  {
    name: 'edited-then-approved',
    ending: 'verified',
    live: async (stage) => {
      stage.fake.grants.set('edit', {
        outcome: 'accepted',
        complete: true,
        verdict: 'edit',
        by: 'bo',
        reason: 'used once a year',
        keepActions: ['ec2:StopInstances'],
      });
      const workflowId = await begin(stage.client);
      await decide(stage, workflowId, 'edit');
      await decide(stage, workflowId);
      return ended(stage, workflowId);
    },
  },
  {
    name: 'approved-by-two',
    ending: 'verified',
    live: async (stage) => {
      stage.fake.grants.set('first', { outcome: 'accepted', complete: false, waitingFor: 1 });
      const workflowId = await begin(stage.client);
      await decide(stage, workflowId, 'first');
      await decide(stage, workflowId);
      return ended(stage, workflowId);
    },
  },
  {
    name: 'expired-after-reminders',
    ending: 'expired',
    live: async (stage) => {
      const hurried = { ...LADDERS, high: scaleLadder(LADDER.high, 1 / 200_000) };
      return ended(stage, await begin(stage.client, hurried));
    },
  },
  {
    name: 'voided-then-approved',
    ending: 'verified',
    answers: () => {
      let applies = 0;
      return {
        apply: async () => {
          applies += 1;
          return applies === 1
            ? { status: 'conflict', reason: 'somebody changed it' }
            : { status: 'applied' };
        },
      };
    },
    live: async (stage) => {
      const workflowId = await begin(stage.client);
      await decide(stage, workflowId);
      await decide(stage, workflowId);
      return ended(stage, workflowId);
    },
  },
  {
    name: 'rolled-back',
    ending: 'rolled-back',
    answers: () => ({
      verify: async () => ({ status: 'failed', reason: 'sqs:SendMessage is denied after the change' }),
    }),
    live: approved,
  },
  {
    name: 'still-open-at-source',
    ending: 'fixed-still-open',
    answers: () => {
      let looks = 0;
      return {
        verify: async () => {
          looks += 1;
          return looks === 1
            ? { status: 'pending', waitingFor: 'the next scan of wiz' }
            : { status: 'still-open', reason: 'wiz still reports it; what we read back is correct' };
        },
      };
    },
    live: approved,
  },
  {
    name: 'stopped-then-applied',
    ending: 'verified',
    answers: () => {
      let applies = 0;
      return {
        apply: async () => {
          applies += 1;
          return applies === 1
            ? { status: 'stopped', reason: 'the kill switch is on: nothing is applied' }
            : { status: 'applied' };
        },
      };
    },
    live: approved,
  },
  {
    name: 'stopped',
    ending: 'stopped',
    answers: () => ({
      apply: async () => ({ status: 'stopped', reason: 'the kill switch is on: nothing is applied' }),
    }),
    live: approved,
  },
  {
    name: 'merged-by-pull-request',
    ending: 'verified',
    answers: () => ({ apply: async () => handedOver('pull-request'), watchHandOver: waitsOnce('done') }),
    live: approved,
  },
  {
    name: 'deferred-by-ticket',
    ending: 'deferred',
    answers: () => ({ apply: async () => handedOver('ticket'), watchHandOver: waitsOnce('declined') }),
    live: approved,
  },
  {
    name: 'never-touch',
    ending: 'never-touch',
    answers: () => ({ enrich: async () => ({ ...ENRICHED, neverTouch: 'break-glass' }) }),
    live: alone,
  },
  {
    name: 'resolved-at-source',
    ending: 'resolved-at-source',
    answers: () => ({ enrich: async () => ({ ...ENRICHED, resolvedAtSource: true }) }),
    live: alone,
  },
  {
    name: 'resolved-while-asking',
    ending: 'resolved-at-source',
    answers: () => ({
      ask: async () => ({ deliveredAtMs: Date.now(), waitingFor: 'data', withdrawn: true }),
    }),
    live: alone,
  },
  {
    name: 'settled-before-a-reset',
    ending: 'verified',
    answers: () => ({
      ask: async () => ({ deliveredAtMs: Date.now(), waitingFor: 'data', settled: complete() }),
    }),
    live: alone,
  },
  {
    name: 'no-change',
    ending: 'no-change',
    answers: () => ({ prepare: async () => ({ kind: 'no-change', reason: 'used every month' }) }),
    live: alone,
  },
  {
    name: 'blocked',
    ending: 'blocked',
    answers: () => ({ prepare: async () => ({ kind: 'blocked', reason: 'frozen', digest: 'd' }) }),
    live: alone,
  },
  {
    name: 'unproven',
    ending: 'unproven',
    answers: () => ({ prepare: async () => ({ kind: 'refused', reason: 'grants more than before' }) }),
    live: alone,
  },
  {
    name: 'observed',
    ending: 'observed',
    answers: () => ({ prepare: async () => ({ ...draft(), phase: 'observe' }) }),
    live: alone,
  },
  {
    name: 'parked-then-retried',
    ending: 'verified',
    answers: () => {
      let tries = 0;
      return {
        prepare: async () => {
          tries += 1;
          if (tries === 1) throw broken('vendor.auth');
          return draft();
        },
      };
    },
    live: async (stage) => {
      const workflowId = await begin(stage.client);
      await untilStage(stage, workflowId, 'parked');
      await stage.client.workflow.getHandle(workflowId).executeUpdate(retryUpdate, { args: [{}] });
      await decide(stage, workflowId);
      return ended(stage, workflowId);
    },
  },
  {
    name: 'cancelled',
    ending: 'cancelled',
    live: async (stage) => {
      const workflowId = await begin(stage.client);
      await untilStage(stage, workflowId, 'awaiting-decision');
      await stage.client.workflow.getHandle(workflowId).cancel();
      return ended(stage, workflowId);
    },
  },
  {
    name: 'member-of-a-cluster',
    ending: 'verified',
    live: async (stage) => (await liveAsCluster(stage, 'cause of a member')).member,
  },
];

const CLUSTER: readonly Omit<Scenario, 'workflow'>[] = [
  {
    name: 'three-members',
    ending: 'verified',
    live: async (stage) => (await liveAsCluster(stage, 'cause of three')).cluster,
  },
  {
    name: 'late-arrival-opens-a-generation',
    ending: 'continued-as-new',
    answers: () => ({ prepare: async () => ({ ...draft(), coveredPrincipals: ['somebody else'] }) }),
    live: async (stage) => {
      const starter = starterOf(stage.client);
      const [first, late] = [
        finding({ rootCause: 'cause of two rounds' }),
        finding({ rootCause: 'cause of two rounds' }),
      ];
      await starter.start([first]);
      const workflowId = starter.ids(first).clusterId ?? '';
      await untilStage(stage, workflowId, 'awaiting-decision');
      const { runId } = (await stage.client.workflow.getHandle(workflowId).describe()) as { runId: string };
      await starter.start([late]);
      await decide(stage, workflowId);
      await ended(stage, starter.ids(first).workflowId);
      await decide(stage, workflowId);
      await ended(stage, starter.ids(late).workflowId);
      return { workflowId, runId };
    },
  },
];

const POLL: Scenario = {
  workflow: 'ingest-poll',
  name: 'three-pages',
  ending: 'read to the end',
  answers: () => ({
    pollSource: async ({ cursor }) => {
      const page = Number(cursor ?? '0');
      const read = { seen: 2, started: 1, refused: 0, resolved: 0 };
      return page === 2 ? read : { ...read, nextCursor: String(page + 1) };
    },
  }),
  live: async (stage) => {
    const workflowId = 'ingest/wiz';
    await stage.client.workflow.start('ingestPoll', {
      workflowId,
      taskQueue: taskQueue(TEST_PREFIX, 'core'),
      args: [{ source: 'wiz', timing: TIMING }],
    });
    return ended(stage, workflowId);
  },
};

const HINTED: Scenario = {
  workflow: 'read-hinted',
  name: 'read',
  ending: 'EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED',
  live: async (stage) => {
    const workflowId = 'hints/wiz/1';
    await stage.client.workflow.start('readHinted', {
      workflowId,
      taskQueue: taskQueue(TEST_PREFIX, 'core'),
      args: [{ source: 'wiz', key: '1', hints: [{ sourceId: 'a', kind: 'issue' }], timing: TIMING }],
    });
    return ended(stage, workflowId);
  },
};

const UNDO: readonly Omit<Scenario, 'workflow'>[] = [
  {
    name: 'undone',
    ending: 'undone',
    live: async (stage) => {
      const workflowId = await beginUndo(stage, 'undo/replay/1');
      await decide(stage, workflowId);
      return ended(stage, workflowId);
    },
  },
  {
    name: 'refused-by-guardrails',
    ending: 'the fix stands',
    answers: () => ({ prepareUndo: async () => ({ kind: 'refused', reason: 'change freeze: sale' }) }),
    live: async (stage) => ended(stage, await beginUndo(stage, 'undo/replay/2')),
  },
];

async function beginUndo({ client }: Stage, workflowId: string): Promise<string> {
  const { subject, kind, severity } = finding();
  await client.workflow.start('undoChange', {
    workflowId,
    taskQueue: taskQueue(TEST_PREFIX, 'core'),
    args: [{ ask: 'signed', subject, kind, severity, ladder: LADDER[severity], timing: TIMING }],
  });
  return workflowId;
}

/** Every ending that a life can have, and the ways there that schedule commands of their own. */
export const SCENARIOS: readonly Scenario[] = [
  ...FINDING.map((scenario) => ({ ...scenario, workflow: 'finding-lifecycle' as const })),
  ...CLUSTER.map((scenario) => ({ ...scenario, workflow: 'cluster-review' as const })),
  ...UNDO.map((scenario) => ({ ...scenario, workflow: 'undo-change' as const })),
  POLL,
  HINTED,
];

async function liveAsCluster(stage: Stage, rootCause: string): Promise<{ cluster: Run; member: Run }> {
  const starter = starterOf(stage.client);
  const members = [finding({ rootCause }), finding({ rootCause }), finding({ rootCause })];
  await starter.start(members);
  const ids = members.map((one) => starter.ids(one));
  const workflowId = ids[0]?.clusterId ?? '';
  await decide(stage, workflowId);
  for (const one of ids) await ended(stage, one.workflowId);
  return { cluster: { workflowId }, member: { workflowId: ids[1]?.workflowId ?? '' } };
}

function draft() {
  if (FAKE_DRAFT.kind !== 'draft') throw new Error('the fake draft is none');
  return FAKE_DRAFT;
}
function complete() {
  if (APPROVE.outcome !== 'accepted' || !APPROVE.complete) throw new Error('the fake approval is none');
  return APPROVE;
}
function handedOver(route: 'pull-request' | 'ticket') {
  return { status: 'handed-over' as const, route, url: `https://example.org/${route}/7` };
}
/** Waits at the first look; then it is done, or a person said no. */
function waitsOnce(then: 'done' | 'declined'): Activities['watchHandOver'] {
  let looks = 0;
  return async () => {
    looks += 1;
    if (looks === 1) return { status: 'waiting' };
    return then === 'done' ? { status: 'done' } : { status: 'declined', reason: 'closed without a change' };
  };
}
