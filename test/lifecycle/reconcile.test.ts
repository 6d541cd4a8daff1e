import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { takeIn } from '../../activities/lifecycle/intake.js';
import type { Finding } from '../../domain/finding/finding.js';
import { findingKey } from '../../domain/finding/fingerprint.js';
import { arn } from '../../samples/model/names.js';
import { findingAbout, HOME } from '../support/organisation.js';
import {
  decide,
  type Life,
  openProduct,
  type Product,
  playUntilAsked,
  unique,
  withPorts,
} from '../support/product.js';
import { changeBench } from './change-bench.js';

let product: Product;
beforeAll(async () => {
  product = await openProduct();
}, 60_000);
afterAll(() => product.close());
const bench = changeBench(() => product);

/** Reconciles when everything has been quiet for a while. */
async function reconcile(): Promise<readonly string[]> {
  product.clock.offsetMs += 120_000;
  return (await product.activities.reconcile({})).stopped;
}

function terminate(life: Pick<Life, 'workflowId'>): void {
  product.starter.alive.delete(life.workflowId);
}

describe('reconciling', () => {
  it('marks what was terminated as stopped: ticket told, request void, nothing started again', async () => {
    const played = await playUntilAsked(product, await product.begin({ name: unique('terminated') }));
    terminate(played.life);
    const started = product.starter.started.length;
    expect(await reconcile()).toEqual([played.life.key]);
    const row = await product.ports.ledger.finding(played.life.key);
    expect(row).toMatchObject({ stage: 'stopped', outcome: 'stopped' });
    expect(row?.note).toContain(played.life.workflowId);
    const request = await product.ports.ledger.request(played.requestId);
    expect(request?.status).toBe('void');
    const ticket = await product.ports.tickets.read(request?.ticket?.id ?? '');
    expect(ticket.comments.map((comment) => comment.text).join()).toContain(
      `curtail resume ${played.life.key}`,
    );
    expect(await reconcile()).toEqual([]);
    expect(product.starter.started.length).toBe(started);
  });

  it('opens the question again when a stopped life was reset and waits for its decision', async () => {
    const played = await playUntilAsked(product, await product.begin({ name: unique('reset') }));
    terminate(played.life);
    await reconcile();
    expect(await decide(product, played, 'priya.raman')).toMatchObject({ outcome: 'refused' });
    product.starter.alive.add(played.life.workflowId);
    expect(await reconcile()).toEqual([]);
    expect(await product.ports.ledger.finding(played.life.key)).toMatchObject({ stage: 'awaiting-decision' });
    expect(await product.ports.ledger.request(played.requestId)).toMatchObject({
      status: 'open',
      reopened: 1,
    });
    expect(await decide(product, played, 'priya.raman')).toMatchObject({
      outcome: 'accepted',
      complete: true,
    });
  });

  it('leaves alone what runs, and what has only just changed', async () => {
    const running = await playUntilAsked(product, await product.begin({ name: unique('running') }));
    expect(await reconcile()).toEqual([]);
    const fresh = await playUntilAsked(product, await product.begin({ name: unique('fresh') }));
    terminate(fresh.life);
    expect((await product.activities.reconcile({})).stopped).toEqual([]);
    expect(await reconcile()).toEqual([fresh.life.key]);
    expect((await product.ports.ledger.finding(running.life.key))?.stage).toBe('awaiting-decision');
  });

  it('names a change that was in flight', async () => {
    const approved = await bench.approved();
    const dying = withPorts(
      product,
      bench.writerThat(() => {
        throw new Error('killed');
      }),
    );
    await expect(dying.apply({ changeId: approved.changeId })).rejects.toThrow('killed');
    terminate(approved.life);
    await reconcile();
    expect((await product.ports.ledger.finding(approved.life.key))?.note).toContain('in flight');
  });

  it('begins what an intake recorded and never started, and stops nothing of it', async () => {
    const subject = arn.role(HOME, unique('unstarted'));
    const key = await takeInAndDie(findingAbout(subject));
    expect(product.starter.started.filter((start) => start.key === key)).toEqual([]);
    expect(await reconcile()).toEqual([]);
    expect(product.starter.started.filter((start) => start.key === key)).toHaveLength(1);
  });

  it('stops what was terminated before its first step, and does not start it again', async () => {
    const life = await product.begin({ name: unique('early') });
    terminate(life);
    const started = product.starter.started.length;
    expect(await reconcile()).toEqual([life.key]);
    expect(await product.ports.ledger.finding(life.key)).toMatchObject({ stage: 'stopped' });
    expect(product.starter.started.length).toBe(started);
  });

  it('leaves alone what was started and has not come to its first step yet', async () => {
    const life = await product.begin({ name: unique('waiting') });
    const started = product.starter.started.length;
    expect(await reconcile()).toEqual([]);
    expect(product.starter.started.length).toBe(started);
    expect(await product.ports.ledger.finding(life.key)).toMatchObject({ stage: 'new' });
  });

  it('releases the members of a cluster that was terminated, so that they can be resumed', async () => {
    const life = await product.begin({ name: unique('member') });
    const clusterId = `cluster/${unique('c')}`;
    await product.ports.ledger.setStage(
      { keys: [life.key], stage: 'awaiting-decision', clusterId, atMs: product.ports.now() },
      [],
    );
    expect(await reconcile()).toEqual([life.key]);
    expect(await product.activities.lookUpCluster({ clusterId, key: life.key })).toEqual({
      settled: true,
      outcome: 'stopped',
    });
    expect(product.starter.released).toEqual([
      expect.objectContaining({ key: life.key, clusterId, workflowId: life.workflowId }),
    ]);
  });

  it('looks at every live finding, not only at the riskiest', async () => {
    const findings = Array.from({ length: 620 }, (_, index) =>
      findingAbout(arn.role(HOME, `many-${index}`), { severity: index === 0 ? 'low' : 'critical' }),
    );
    const keys = await product.takeIn(findings);
    for (const key of keys)
      await product.ports.ledger.setStage({ keys: [key], stage: 'enriching', atMs: product.ports.now() }, []);
    terminate({ workflowId: `finding/wiz/${keys[0] ?? ''}` });
    expect(await reconcile()).toEqual([keys[0]]);
  });
});

/** An intake that dies between its record and its start. */
async function takeInAndDie(finding: Finding): Promise<string> {
  const ports = { ...product.ports, starter: { ...product.ports.starter, start: async () => undefined } };
  const records = [{ ok: true as const, finding, original: finding }];
  await takeIn(ports, { scanId: unique('scan'), source: 'wiz', atMs: product.ports.now(), records });
  return findingKey(finding, product.ports.digest);
}

it('keeps the audit chain intact through all of this', async () => {
  expect(await product.ports.ledger.verifyAudit()).toMatchObject({ ok: true, faults: [] });
});
