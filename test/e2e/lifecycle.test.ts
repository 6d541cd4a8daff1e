import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { Applied } from '../../activities/contract.js';
import { createLifecycleControl } from '../../client/lifecycle-control.js';
import { rootCauseOf } from '../../domain/finding/cluster.js';
import { parseAccount } from '../../domain/graph/account.js';
import { arn, PRODUCTION } from '../../samples/model/names.js';
import { clusterWorkflowId, findingWorkflowId, taskQueue } from '../../workflows/naming.js';
import { findingAbout } from '../support/organisation.js';
import { type Life, unique } from '../support/product.js';
import { TEST_PREFIX } from '../support/temporal.js';
import { type Faults, openFaults } from './faults.js';
import { resetAfter } from './reset.js';
import { ONCE, startWorld, until, type World } from './world.js';

let world: World;
let faults: Faults;
beforeAll(async () => {
  faults = openFaults();
  world = await startWorld({ adapt: faults.adapt });
}, 120_000);
afterAll(() => world.stop());

const CHANGE_QUEUE = taskQueue(TEST_PREFIX, 'change');

async function approvedLife(prefix: string): Promise<Life> {
  const life = await world.product.begin({ name: unique(prefix) });
  expect(await world.decide(await world.untilAsked(life))).toMatchObject({
    outcome: 'accepted',
    complete: true,
  });
  await world.untilStage(life, 'verifying');
  return life;
}

async function verifiedOnce(life: Life): Promise<void> {
  await world.product.scan();
  expect(await world.ended(life)).toMatchObject({ outcome: 'verified' });
  expect(await world.effects(life)).toEqual(ONCE);
  const requests = await world.product.ports.ledger.requests({ findingKey: life.key });
  expect(requests.map((row) => [row.status, row.decisions.length])).toEqual([['approved', 1]]);
}

/** What reconciling finds when everything was quiet for a while. */
async function reconcile(): Promise<readonly string[]> {
  world.product.clock.offsetMs = 120_000;
  try {
    return (await world.product.activities.reconcile({})).stopped;
  } finally {
    world.product.clock.offsetMs = 0;
  }
}

/** A life whose first steps are four minutes old by the product's clock. */
async function begunEarlier(prefix: string): Promise<Life> {
  world.product.clock.offsetMs = -240_000;
  return world.product.begin({ name: unique(prefix) });
}

async function resume(key: string): Promise<void> {
  const control = createLifecycleControl({
    client: world.cluster.client,
    coreQueue: taskQueue(TEST_PREFIX, 'core'),
    timing: world.product.ports.settings.timing,
    ladder: world.product.ports.settings.ladder,
    ledger: world.product.ports.ledger,
    starter: world.product.ports.starter,
    phaseOf: async (context) => (await world.product.ports.flags.read(context)).phase,
  });
  expect(await control.resume(key)).toMatchObject({ done: true });
}

describe('the change worker', () => {
  it('refuses a forged change from a standalone activity and from a foreign workflow, on record', async () => {
    const { client, server } = world.cluster;
    const changeId = unique('change/of-mine');
    const alone = await client.activity.execute<Applied>('apply', {
      id: unique('alone'),
      taskQueue: CHANGE_QUEUE,
      args: [{ changeId }],
      scheduleToCloseTimeout: '10s',
    });
    expect(alone).toEqual({ status: 'refused', reason: 'there is no such change in the ledger' });

    const connection = await NativeConnection.connect({ address: server.address });
    const worker = await Worker.create({
      connection,
      taskQueue: 'foreign',
      workflowsPath: fileURLToPath(new URL('foreign-workflow.ts', import.meta.url)),
    });
    const running = worker.run();
    try {
      const waiting = await world.product.begin({ name: unique('unapproved') });
      const { request } = await world.untilAsked(waiting);
      for (const forged of [changeId, `change/${request.id}`])
        expect(
          await client.workflow.execute('foreign', {
            workflowId: unique('foreign'),
            taskQueue: 'foreign',
            args: [{ changeId: forged, taskQueue: CHANGE_QUEUE }],
          }),
        ).toMatchObject({ status: 'refused' });
      expect((await world.effects(waiting)).writes).toEqual([]);
    } finally {
      worker.shutdown();
      await running;
      await connection.close();
    }
    const rows = await world.product.ports.ledger.auditOf({ stream: 'system' });
    expect(rows.filter((row) => row.type === 'change.refused')).toHaveLength(2);
  });

  it('refuses a forged undo of a change that is in place, on record', async () => {
    const life = await approvedLife('undo');
    const [change] = await world.product.ports.ledger.changes({ findingKey: life.key });
    expect(
      await world.cluster.client.activity.execute('rollBack', {
        id: unique('alone'),
        taskQueue: CHANGE_QUEUE,
        args: [{ changeId: change?.id, reason: 'because I say so' }],
        scheduleToCloseTimeout: '10s',
      }),
    ).toMatchObject({ status: 'refused' });
    expect(await world.product.audit(life.key)).toContain('change.undo-refused');
    await verifiedOnce(life);
  });
});

describe('a reset', () => {
  it.each(['prepare', 'ask', 'settle', 'apply'])(
    'to just after %s finds the decision again and does nothing twice',
    async (activity) => {
      const life = await approvedLife('reset');
      await resetAfter(world.cluster.client, life.workflowId, activity);
      await verifiedOnce(life);
    },
  );

  it.each(['enrich', 'explain'])(
    'to just after %s does nothing twice, and loses nothing',
    async (activity) => {
      const life = await approvedLife('early-reset');
      await resetAfter(world.cluster.client, life.workflowId, activity);
      await world.product.scan();
      await world.ended(life);
      expect(await world.effects(life)).toMatchObject({ writes: ONCE.writes, repeated: [] });
      const changes = await world.product.ports.ledger.changes({ findingKey: life.key });
      expect(changes).toHaveLength(1);
      expect(await world.product.ports.ledger.requests({ findingKey: life.key, status: 'open' })).toEqual([]);
    },
  );

  it('of a life that has ended does nothing twice either', async () => {
    const life = await approvedLife('ended');
    await verifiedOnce(life);
    for (const activity of ['prepare', 'verify']) {
      await resetAfter(world.cluster.client, life.workflowId, activity);
      await verifiedOnce(life);
    }
  });
});

describe('a termination that is taken back by a reset', () => {
  it.each(['prepare', 'ask'])(
    'to just after %s asks again, and the decision is carried out once',
    async (activity) => {
      const life = await begunEarlier('taken-back');
      const { request } = await world.untilAsked(life);
      await until('the workflow to wait', async () => {
        const { stage } = await world.handle(life).query<{ stage: string }>('status');
        return stage === 'awaiting-decision' ? stage : undefined;
      });
      await world.handle(life).terminate('by an operator');
      world.product.clock.offsetMs = -120_000;
      expect((await world.product.activities.reconcile({})).stopped).toContain(life.key);
      world.product.clock.offsetMs = 0;
      expect((await world.product.ports.ledger.request(request.id))?.status).toBe('void');

      await resetAfter(world.cluster.client, life.workflowId, activity);
      await until('the same question to be open again', async () => {
        await world.product.activities.reconcile({});
        const row = await world.product.ports.ledger.request(request.id);
        return row?.status === 'open' ? row : undefined;
      });
      expect(await world.decide(await world.untilAsked(life))).toMatchObject({ outcome: 'accepted' });
      await world.untilStage(life, 'verifying');
      await verifiedOnce(life);
    },
  );

  it('of a life before its first step starts nothing by itself', async () => {
    await world.workers.stop();
    const life = await world.product.begin({ name: unique('early') });
    try {
      await world.handle(life).terminate('by an operator');
      expect(await reconcile()).toContain(life.key);
      expect((await world.handle(life).describe()).status.name).toBe('TERMINATED');
      expect(await world.product.ports.ledger.finding(life.key)).toMatchObject({ stage: 'stopped' });
    } finally {
      await world.workOver(world.product.activities);
    }
  });
});

describe('a termination', () => {
  it('is found by reconciling, restarts nothing, and the finding can be resumed', async () => {
    const life = await world.product.begin({ name: unique('terminated') });
    const { request } = await world.untilAsked(life);
    await world.handle(life).terminate('by an operator');
    expect(await reconcile()).toContain(life.key);
    expect(await world.product.ports.ledger.finding(life.key)).toMatchObject({ stage: 'stopped' });
    expect((await world.product.ports.ledger.request(request.id))?.status).toBe('void');
    expect((await world.handle(life).describe()).status.name).toBe('TERMINATED');
    expect(await reconcile()).not.toContain(life.key);

    await resume(life.key);
    expect(await world.decide(await world.untilAsked(life))).toMatchObject({ outcome: 'accepted' });
    await world.untilStage(life, 'verifying');
    await world.product.scan();
    expect(await world.ended(life)).toMatchObject({ outcome: 'verified' });
    expect(await world.effects(life)).toEqual({ ...ONCE, ticketsOpened: 2 });
  });

  it('of a cluster releases its members, and one of them can be resumed alone', async () => {
    const account = parseAccount(await world.product.ports.cloud.readAccount(PRODUCTION));
    const findings = ['web-search', 'web-support'].map((name) => findingAbout(arn.role(PRODUCTION, name)));
    const [first] = findings;
    if (first === undefined) throw new Error('no finding');
    const clusterId = clusterWorkflowId(
      world.product.ports.digest(rootCauseOf(first, account) ?? '').slice(0, 32),
    );
    const keys = await world.product.takeIn(findings);
    const lives = keys.map((key) => ({
      key,
      role: '',
      workflowId: findingWorkflowId('wiz', key),
      generation: 1,
      keys: [key],
    }));
    const [one, two] = lives;
    if (one === undefined || two === undefined) throw new Error('two lives were started');
    const row = await world.untilAsked(one);
    expect(row.request.workflowId).toBe(clusterId);
    expect(row.findingKeys).toHaveLength(2);
    await world.cluster.client.workflow.getHandle(clusterId).terminate('by an operator');
    expect(await reconcile()).toEqual(expect.arrayContaining([...keys]));
    for (const life of lives) expect(await world.ended(life)).toMatchObject({ outcome: 'stopped' });
    await resume(two.key);
    const again = await world.untilAsked(two);
    expect(again.request.workflowId).toBe(two.workflowId);
    await world.handle(two).cancel();
    expect(await world.ended(two)).toMatchObject({ outcome: 'cancelled' });
    expect((await world.product.ports.ledger.request(again.request.id))?.status).toBe('void');
  });
});

describe('what is broken around it', () => {
  it('a gateway whose clock is an hour off: its grants are refused with that reason, and the desk stays open', async () => {
    const life = await world.product.begin({ name: unique('clock') });
    const row = await world.untilAsked(life);
    for (const offsetMs of [3_600_000, -3_600_000])
      expect(await world.decide(row, 'priya.raman', Date.now() + offsetMs)).toMatchObject({
        outcome: 'refused',
        reason: expect.stringMatching(/gateway's clock/),
      });
    expect(await world.decide(row)).toMatchObject({ outcome: 'accepted' });
    await world.untilStage(life, 'verifying');
    await verifiedOnce(life);
  });

  it('a ledger that cannot be reached for a while: the finding waits and goes on', async () => {
    const life = await world.product.begin({ name: unique('down') });
    const row = await world.untilAsked(life);
    const grant = await world.product.sign({ sub: 'priya.raman', requestId: row.request.id });
    faults.ledgerDown = true;
    const offered = world.offer(row, grant);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    faults.ledgerDown = false;
    expect(await offered).toMatchObject({ outcome: 'accepted' });
    await world.untilStage(life, 'verifying');
    await verifiedOnce(life);
  });

  it('flags that cannot be read: new findings are observed only, and nothing approved is applied until they are mended', async () => {
    const approved = await world.product.begin({ name: unique('before') });
    const row = await world.untilAsked(approved);
    const path = join(world.product.organisation.folder, 'flags.json');
    const kept: string[] = [];
    await world.product.flags((flags) => kept.push(JSON.stringify(flags)));
    await writeFile(path, '{ "flags": { "phase": ');
    try {
      const fresh = await world.product.begin({ name: unique('observed') });
      expect(await world.ended(fresh)).toMatchObject({ outcome: 'observed' });
      expect(await world.effects(fresh)).toEqual({ writes: [], ticketsOpened: 0, repeated: [] });
      expect(await world.decide(row)).toMatchObject({ outcome: 'accepted' });
      await until('the change to be stopped', async () => {
        const status = await world.handle(approved).query<{ parked?: string }>('status');
        return status.parked === 'apply.stopped' ? status : undefined;
      });
      expect((await world.effects(approved)).writes).toEqual([]);
    } finally {
      await writeFile(path, kept[0] ?? '');
    }
    await world.untilStage(approved, 'verifying');
    await verifiedOnce(approved);
  });
});

it('keeps the audit chain intact through all of this', async () => {
  expect(await world.product.ports.ledger.verifyAudit()).toMatchObject({ ok: true, faults: [] });
});
