import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HOME } from '../support/organisation.js';
import {
  approve,
  draftOf,
  openProduct,
  type Played,
  type Product,
  playUntilAsked,
  unique,
} from '../support/product.js';

let product: Product;
beforeAll(async () => {
  product = await openProduct();
}, 60_000);
afterAll(() => product.close());

function verification(played: Played, changeId: string, last = false) {
  return {
    ...played.life,
    changeId,
    requestId: played.requestId,
    last,
    outcome: 'verified' as const,
  };
}

describe('a lone finding, step by step', () => {
  it('goes from first sight to a verified fix, and every step is in its chain', async () => {
    const life = await product.begin({ name: unique('journey') });
    const played = await playUntilAsked(product, life);
    expect(played.prepared).toMatchObject({ proof: 'proved', route: 'api', phase: 'assist' });
    const changeId = await approve(product, played);
    expect(await product.activities.apply({ changeId })).toEqual({ status: 'applied' });
    expect(await product.activities.verify(verification(played, changeId))).toEqual({
      status: 'pending',
      waitingFor: 'the next scan of wiz',
    });

    await product.ports.ledger.completeScan({
      scanId: unique('scan'),
      source: 'wiz',
      atMs: product.ports.now(),
    });
    expect(await product.activities.verify(verification(played, changeId))).toEqual({ status: 'verified' });

    expect(await product.ports.ledger.finding(life.key)).toMatchObject({
      stage: 'closed',
      outcome: 'verified',
    });
    expect(await product.audit(life.key)).toEqual([
      'finding.started',
      'finding.enriched',
      'draft.made',
      'draft.explained',
      'request.opened',
      'ticket.opened',
      'request.asked',
      'decision.approve',
      'change.planned',
      'request.approved',
      'change.applied',
      'change.verified',
      'source.told',
      'finding.verified',
    ]);
    const tickets = (await product.tickets()).filter((line) => line.key.startsWith(life.workflowId));
    expect(tickets.map((line) => line.state ?? line.effect)).toEqual(['opened', 'commented', 'done']);
    const effects = (await product.organisation.journal(HOME)).filter((line) => line.key.includes(life.key));
    expect(effects.map((line) => line.event)).toEqual(['begun', 'done']);
  });

  it('leaves the same traces when every step runs twice, as a retry would', async () => {
    const life = await product.begin({ name: unique('twice') });
    const played = await playUntilAsked(product, life);
    await product.activities.explain({ ...life, digest: played.prepared.digest });
    const grant = await product.sign({ sub: 'priya.raman', requestId: played.requestId });
    const settle = { ...life, requestId: played.requestId, digest: played.prepared.digest, grant };
    const first = await product.activities.settle(settle);
    expect(await product.activities.settle(settle)).toEqual(first);
    const changeId = `change/${played.requestId}`;
    for (let run = 0; run < 2; run += 1)
      expect(await product.activities.apply({ changeId })).toEqual({ status: 'applied' });
    await product.ports.ledger.completeScan({
      scanId: unique('scan'),
      source: 'wiz',
      atMs: product.ports.now(),
    });
    for (let run = 0; run < 2; run += 1)
      expect(await product.activities.verify(verification(played, changeId))).toEqual({ status: 'verified' });
    const rows = await product.audit(life.key);
    expect(rows.filter((type) => type !== 'finding.enriched')).toEqual(
      [...new Set(rows)].filter((type) => type !== 'finding.enriched'),
    );
    const effects = (await product.organisation.journal(HOME)).filter((line) => line.key.includes(life.key));
    expect(effects.map((line) => line.event)).toEqual(['begun', 'done']);
    const tickets = (await product.tickets()).filter((line) => line.key.startsWith(life.workflowId));
    expect(new Set(tickets.map((line) => line.key)).size).toBe(tickets.length);
  });

  it('closes twice without telling anybody twice', async () => {
    const life = await product.begin({ name: unique('closed') });
    const played = await playUntilAsked(product, life);
    const end = { ...life, outcome: 'rejected' as const, note: 'not now', requestId: played.requestId };
    await product.activities.close(end);
    const tickets = (await product.tickets()).length;
    await product.activities.close(end);
    expect((await product.tickets()).length).toBe(tickets);
    expect((await product.audit(life.key)).filter((type) => type === 'finding.rejected')).toHaveLength(1);
  });

  it('leaves no request open behind an ending that nobody decided', async () => {
    const life = await product.begin({ name: unique('cancelled') });
    const played = await playUntilAsked(product, life);
    await product.activities.close({ ...life, outcome: 'cancelled', note: 'cancelled by an operator' });
    expect((await product.ports.ledger.request(played.requestId))?.status).toBe('void');
    const ticket = (await product.ports.ledger.request(played.requestId))?.ticket;
    expect((await product.ports.tickets.read(ticket?.id ?? '')).state).toBe('closed');
  });
});

describe('a draft that is not to be acted on', () => {
  it.each<[why: string, phase: 'observe' | 'assist', act: () => Promise<void>]>([
    ['the phase carried is observe', 'observe', async () => undefined],
    [
      'the flags cannot be read',
      'assist',
      async () => {
        await product.flags((flags) => {
          Reflect.deleteProperty(flags, 'flags');
        });
      },
    ],
  ])('comes as observe when %s', async (_why, phase, act) => {
    const kept: string[] = [];
    await product.flags((flags) => kept.push(JSON.stringify(flags)));
    try {
      const life = await product.begin({ name: unique('observe') });
      await act();
      const { contextDigest } = await product.activities.enrich(life);
      expect(await product.activities.prepare({ ...life, contextDigest, phase, round: 1 })).toMatchObject({
        kind: 'draft',
        phase: 'observe',
      });
    } finally {
      await product.flags((flags) => Object.assign(flags, JSON.parse(kept[0] ?? '{}')));
    }
  });

  it('has the same digest when it is computed again later for the same moment, and another for another', async () => {
    const life = await product.begin({ name: unique('again') });
    const { contextDigest } = await product.activities.enrich(life);
    const asOfMs = product.ports.now();
    const at = async (moment: number) =>
      draftOf(
        await product.activities.prepare({
          ...life,
          contextDigest,
          phase: 'assist',
          round: 1,
          asOfMs: moment,
        }),
      ).digest;
    const first = await at(asOfMs);
    product.clock.offsetMs = 3_600_000;
    try {
      expect(await at(asOfMs)).toBe(first);
      expect(await at(product.ports.now())).not.toBe(first);
    } finally {
      product.clock.offsetMs = 0;
    }
  });

  it('is refused with a reason when the account is not ours', async () => {
    const life = await product.begin({ name: unique('foreign') }, { account: '999999999999' });
    const { contextDigest } = await product.activities.enrich(life);
    expect(
      await product.activities.prepare({ ...life, contextDigest, phase: 'assist', round: 1 }),
    ).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('999999999999'),
    });
  });

  it('is named never-touch before anything is drafted', async () => {
    const life = await product.begin({ name: unique('regulator') });
    expect((await product.activities.enrich(life)).neverTouch).toMatch(/statutory/);
  });
});

it('keeps the audit chain intact through all of this', async () => {
  expect(await product.ports.ledger.verifyAudit()).toMatchObject({ ok: true, faults: [] });
});
