import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { Activities } from '../../activities/contract.js';
import type { FindingRow, Ledger, RequestRow } from '../../activities/ledger/port.js';
import { createHistories } from '../../client/histories.js';
import { createStarter } from '../../client/starter.js';
import type { DecisionReceipt } from '../../domain/approval/request.js';
import type { Timing } from '../../domain/lifecycle/timing.js';
import { timingOf } from '../../runtime/timing.js';
import { sha256 } from '../../workers/open-ports.js';
import type { RunningWorkers } from '../../workers/run.js';
import { decideUpdate, type LifecycleResult } from '../../workflows/finding-lifecycle/messages.js';
import { taskQueue, type Zone } from '../../workflows/naming.js';
import { HOME } from '../support/organisation.js';
import { type Life, openProduct, type Product, type ProductOptions, unique } from '../support/product.js';
import { startTestCluster, TEST_PREFIX, type TestCluster } from '../support/temporal.js';

/** Waits of end-to-end tests: as short as a busy machine allows. */
export const WORLD_TIMING: Partial<Timing> = {
  ladderFactor: 1,
  verifyAfterMs: 50,
  verifyEveryMs: 200,
  verifyGiveUpMs: 60_000,
  routePollEveryMs: 100,
  routeGiveUpMs: 60_000,
  parkedRetriesMs: [500],
  writeGiveUpMs: 30_000,
  ledgerGiveUpMs: 30_000,
  readGiveUpMs: 30_000,
};
/**
 * The same where processes are killed: a lost attempt is noticed within seconds, and nothing gives up or parks because
 * a machine is busy.
 */
export const HARDY_TIMING: Partial<Timing> = {
  ...WORLD_TIMING,
  ledgerTimeoutMs: 10_000,
  readTimeoutMs: 10_000,
  ledgerGiveUpMs: 600_000,
  readGiveUpMs: 600_000,
  writeGiveUpMs: 600_000,
  thinkGiveUpMs: 60_000,
  verifyGiveUpMs: 600_000,
};
/** How long anything may take before a test says what it saw instead. */
const PATIENCE_MS = 25_000;

/** A real Temporal server and the product over real adapters, with the product's own workers. */
export interface World {
  cluster: TestCluster;
  product: Product;
  workers: RunningWorkers;
  /** Starts workers over other activities in place of the running ones. */
  workOver(activities: Activities): Promise<void>;
  handle(life: Life): WorkflowHandle<() => Promise<LifecycleResult>>;
  /** Waits until the finding is in a stage. */
  untilStage(life: Life, ...stages: readonly string[]): Promise<FindingRow>;
  /** Waits until people are asked, and returns the open request. */
  untilAsked(life: Life): Promise<RequestRow>;
  /** Hands a signed decision to the workflow. */
  offer(row: RequestRow, grant: string): Promise<DecisionReceipt>;
  decide(row: RequestRow, personId?: string, nowMs?: number): Promise<DecisionReceipt>;
  /** How a life ended. */
  ended(life: Life): Promise<LifecycleResult>;
  /** Effects of a life on the account and on the ticket desk: what must never be there twice. */
  effects(life: Life): Promise<Effects>;
  stop(): Promise<void>;
}

export interface Effects {
  /** Writes that took place, by what follows the request in their key. */
  writes: readonly string[];
  ticketsOpened: number;
  /** Keys that the ticket desk's journal has more than once. */
  repeated: readonly string[];
}

/** Waits for something with a deadline. @throws Error naming what was seen last */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  seen: () => unknown = () => 'nothing',
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline) {
    const found = await probe();
    if (found !== undefined) return found;
    await delay(40);
  }
  throw new Error(`waiting for ${what}: ${JSON.stringify(await seen())} after ${patienceMs} ms`);
}

export async function startWorld(
  options: Pick<ProductOptions, 'adapt' | 'databaseUrl' | 'timing'> & { zones?: readonly Zone[] } = {},
): Promise<World> {
  const cluster = await startTestCluster();
  const { client } = cluster;
  const timing = { ...WORLD_TIMING, ...options.timing };
  const product = await openProduct({
    ...options,
    timing,
    starter: ({ ports }) =>
      createStarter({
        client,
        coreQueue: taskQueue(TEST_PREFIX, 'core'),
        timing: timingOf('test', timing),
        ladder: ports.settings.ladder,
        digest: sha256,
      }),
    histories: createHistories(client),
  });
  const world: World = {
    ...steps(cluster, product),
    cluster,
    product,
    workers: await cluster.work(product.activities, options.zones),
    async workOver(activities) {
      await world.workers.stop();
      world.workers = await cluster.work(activities);
    },
    async stop() {
      await cluster.stop();
      await product.close();
    },
  };
  return world;
}

/** What a test does in a world, whoever runs its workers. */
export function steps(
  { client }: Pick<TestCluster, 'client'>,
  product: Pick<Product, 'organisation' | 'sign' | 'tickets'> & { ports: { ledger: Ledger } },
  patienceMs = PATIENCE_MS,
): Omit<World, 'cluster' | 'product' | 'workers' | 'workOver' | 'stop'> {
  const { ledger } = product.ports;
  const handle: World['handle'] = (life) => client.workflow.getHandle(life.workflowId);
  const world: ReturnType<typeof steps> = {
    handle,
    untilStage: (life, ...stages) =>
      until(
        `stage ${stages.join(' or ')}`,
        async () => {
          const row = await ledger.finding(life.key);
          return row !== undefined && stages.includes(row.stage) ? row : undefined;
        },
        () => ledger.finding(life.key),
        patienceMs,
      ),
    untilAsked: (life) =>
      until(
        'an open request that people were told of',
        async () => {
          const [row] = await ledger.requests({ findingKey: life.key, status: 'open' });
          return row !== undefined && row.notices.length > 0 ? row : undefined;
        },
        async () => [await ledger.finding(life.key), await ledger.requests({ findingKey: life.key })],
        patienceMs,
      ),
    offer: (row, grant) =>
      client.withDeadline(Date.now() + PATIENCE_MS, () =>
        client.workflow
          .getHandle(row.request.workflowId)
          .executeUpdate(decideUpdate, { args: [{ grant }], updateId: unique('update') }),
      ),
    async decide(row, personId = 'priya.raman', nowMs) {
      return world.offer(row, await product.sign({ sub: personId, requestId: row.request.id }, nowMs));
    },
    ended: (life) =>
      until(
        'the end',
        async () => {
          const { status } = await handle(life).describe();
          return status.name === 'RUNNING' ? undefined : handle(life).result();
        },
        async () => [await ledger.finding(life.key), await ledger.changes({ findingKey: life.key })],
        patienceMs,
      ),
    async effects(life) {
      const journal = await product.organisation.journal(HOME);
      const tickets = await product.tickets();
      const keys = tickets.map((line) => line.key).filter((key) => key.includes(life.key));
      return {
        writes: journal
          .filter((line) => line.event === 'done' && line.key.includes(life.key))
          .map((line) => line.key.slice(line.key.indexOf('/', line.key.lastIndexOf('#')))),
        ticketsOpened: tickets.filter((line) => line.effect === 'opened' && line.key.includes(life.key))
          .length,
        repeated: keys.filter((key, index) => keys.indexOf(key) !== index),
      };
    },
  };
  return world;
}

/** What a life that went well leaves behind, and nothing else. */
export const ONCE: Effects = { writes: ['/0'], ticketsOpened: 1, repeated: [] };
