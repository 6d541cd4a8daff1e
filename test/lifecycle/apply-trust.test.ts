import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChangeRow, DraftRow } from '../../activities/ledger/port.js';
import { publicKeyIds, retirePublicKey, rotateSigner } from '../../runtime/grant-keys.js';
import {
  approve,
  decide,
  openProduct,
  type Played,
  type Product,
  playUntilAsked,
  unique,
  withPorts,
} from '../support/product.js';
import { type Approved, changeBench } from './change-bench.js';

let product: Product;
beforeAll(async () => {
  product = await openProduct();
}, 60_000);
afterAll(() => product.close());
const bench = changeBench(() => product);

describe('the change worker believes nobody', () => {
  let good: Approved;
  beforeAll(async () => {
    good = await bench.approved();
  });

  it('refuses an id that the ledger does not know, on record', async () => {
    expect(await product.activities.apply({ changeId: 'change/of-mine' })).toEqual({
      status: 'refused',
      reason: 'there is no such change in the ledger',
    });
    const rows = await product.ports.ledger.auditOf({ stream: 'system' });
    expect(rows.filter((row) => row.type === 'change.refused')).toHaveLength(1);
  });

  it.each<
    [what: string, more: (good: Approved) => Partial<ChangeRow>, reason: string, status: 'refused' | 'lapsed']
  >([
    ['without any request', () => ({ requestId: 'nobody-asked' }), 'nobody approved it', 'refused'],
    [
      'with a standing approval that does not exist',
      () => ({ standingApprovalId: 'mine' }),
      'no such standing approval',
      // For the workflow: a person is asked. The row is refused like every other.
      'lapsed',
    ],
    ['of another digest', () => ({ digest: 'f'.repeat(64) }), 'no draft with the digest', 'refused'],
    ['of another workflow', () => ({ workflowId: 'finding/wiz/forged' }), 'for another change', 'refused'],
  ])('refuses a planned change %s', async (_what, more, reason, status) => {
    const changeId = await bench.plan(good, more(good));
    expect(await product.activities.apply({ changeId })).toEqual({
      status,
      reason: expect.stringContaining(reason),
    });
    expect(await bench.rowOf(changeId)).toMatchObject({ status: 'refused' });
    expect((await product.audit(good.life.key)).at(-1)).toBe('change.refused');
  });

  it('refuses a planned change that is wider than what was drafted', async () => {
    const { changes } = await bench.rowOf(good.changeId);
    const wider = changes.map((change) => ({
      ...change,
      after: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
    }));
    const changeId = await bench.plan(good, { changes: wider });
    expect(await product.activities.apply({ changeId })).toMatchObject({
      reason: 'the planned change is not the drafted one',
    });
  });

  it.each<[what: string, tamper: (draft: DraftRow) => DraftRow, reason: string]>([
    [
      'change',
      (row) => ({
        ...row,
        draft: { ...row.draft, changes: row.draft.changes.map((change) => ({ ...change, after: null })) },
      }),
      'not what its digest says',
    ],
    [
      'proof',
      (row) => ({ ...row, draft: { ...row.draft, proof: { ...row.draft.proof, blindSpots: ['none'] } } }),
      'not what its digest says',
    ],
  ])('refuses when the %s of the draft was tampered with', async (_what, tamper, reason) => {
    const { ledger } = product.ports;
    const activities = withPorts(product, {
      ledger: {
        ...ledger,
        draft: async (digest) => {
          const row = await ledger.draft(digest);
          return row === undefined ? undefined : tamper(row);
        },
      },
    });
    expect(await activities.apply({ changeId: good.changeId })).toMatchObject({
      status: 'refused',
      reason: expect.stringContaining(reason),
    });
  });

  it('refuses with one approval where two are needed, and takes the second', async () => {
    const played = await playUntilAsked(
      product,
      await product.begin({ name: unique('two'), tags: { privilege: 'high' } }),
    );
    await decide(product, played, 'priya.raman');
    const early = await bench.plan(good, {
      ...(await draftedChange(played)),
      requestId: played.requestId,
      digest: played.prepared.digest,
      workflowId: played.life.workflowId,
      findingKeys: played.life.keys,
    });
    expect(await product.activities.apply({ changeId: early })).toMatchObject({ status: 'refused' });
    expect(await bench.done(played)).toEqual([]);
    const changeId = await approve(product, played, 'dana.okafor');
    expect(await product.activities.apply({ changeId })).toEqual({ status: 'applied' });
  });

  it('refuses when the one who approved may not decide any more', async () => {
    const { directory } = product.ports;
    const left = await bench.approved();
    const activities = withPorts(product, {
      directory: {
        ...directory,
        person: async (id) => {
          const person = await directory.person(id);
          return person === undefined || id !== 'priya.raman' ? person : { ...person, roles: [] };
        },
      },
    });
    expect(await activities.apply({ changeId: left.changeId })).toMatchObject({
      status: 'refused',
      reason: expect.stringContaining('no role that decides'),
    });
  });

  it('refuses what was approved under a key that was withdrawn, and nothing signed after it', async () => {
    const own = await openProduct();
    try {
      const played = await playUntilAsked(own, await own.begin({ name: unique('key') }));
      const changeId = await approve(own, played);
      const [old = ''] = await publicKeyIds(`${own.folder}/state/keys`);
      await rotateSigner(`${own.folder}/state/keys`);
      await retirePublicKey(`${own.folder}/state/keys`, old);
      expect(await own.activities.apply({ changeId })).toMatchObject({
        status: 'refused',
        reason: expect.stringContaining("not one of the gateway's"),
      });
    } finally {
      await own.close();
    }
  });

  it('judges a grant by when it was recorded, not by when it is used', async () => {
    const late = await bench.approved();
    product.clock.offsetMs = 3 * 3_600_000;
    try {
      expect(await product.activities.apply({ changeId: late.changeId })).toEqual({ status: 'applied' });
    } finally {
      product.clock.offsetMs = 0;
    }
  });

  it('refuses a grant that the ledger claims to have recorded in the future', async () => {
    const { ledger } = product.ports;
    const lied = await bench.approved();
    const activities = withPorts(product, {
      ledger: {
        ...ledger,
        request: async (id) => {
          const row = await ledger.request(id);
          if (row === undefined) return undefined;
          const recordedAtMs = Date.now() + 3_600_000;
          return { ...row, decisions: row.decisions.map((decision) => ({ ...decision, recordedAtMs })) };
        },
      },
    });
    expect(await activities.apply({ changeId: lied.changeId })).toMatchObject({ status: 'refused' });
  });
});

async function draftedChange(played: Played): Promise<Pick<ChangeRow, 'changes'>> {
  const drafted = await product.ports.ledger.draft(played.prepared.digest);
  return { changes: drafted?.draft.changes ?? [] };
}

describe('an undo', () => {
  it.each<[what: string, prepare: (on: Approved) => Promise<unknown>, reason: string]>([
    [
      'was not verified yet',
      (on) => product.activities.apply({ changeId: on.changeId }),
      'no failed verification',
    ],
    [
      'was verified',
      async (on) => {
        await product.activities.apply({ changeId: on.changeId });
        await product.ports.ledger.setChange(on.changeId, { status: 'verified' }, []);
      },
      'no failed verification',
    ],
    ['was never applied', async () => undefined, 'nothing of ours to undo'],
    [
      'the change worker itself is taking back',
      (on) => product.ports.ledger.setChange(on.changeId, { status: 'rolling-back' }, []),
      'nothing of ours to undo',
    ],
  ])('of a change that %s is refused whoever calls, on record', async (_what, prepare, reason) => {
    const on = await bench.approved();
    await prepare(on);
    const { status } = await bench.rowOf(on.changeId);
    const was = await bench.policies(on.life);
    expect(await product.activities.rollBack({ changeId: on.changeId, reason: 'harm' })).toEqual({
      status: 'refused',
      reason: expect.stringContaining(reason),
    });
    expect(await bench.policies(on.life)).toEqual(was);
    expect(await bench.rowOf(on.changeId)).toMatchObject({ status });
    expect((await product.audit(on.life.key)).at(-1)).toBe('change.undo-refused');
  });

  it('of an id that the ledger does not know is refused on record', async () => {
    expect(await product.activities.rollBack({ changeId: 'change/nobody', reason: 'harm' })).toMatchObject({
      status: 'refused',
    });
    const rows = await product.ports.ledger.auditOf({ stream: 'system' });
    expect(rows.filter((row) => row.type === 'change.undo-refused')).toHaveLength(1);
  });

  it('cannot be prepared by a verification from before the change was applied', async () => {
    const on = await bench.approved();
    expect(
      await product.activities.verify({
        ...on.life,
        changeId: on.changeId,
        requestId: on.requestId,
        last: false,
        outcome: 'verified',
      }),
    ).toMatchObject({ status: 'failed' });
    expect(await bench.rowOf(on.changeId)).toMatchObject({ status: 'planned' });
    expect(await product.activities.apply({ changeId: on.changeId })).toEqual({ status: 'applied' });
    expect(await product.activities.rollBack({ changeId: on.changeId, reason: 'harm' })).toMatchObject({
      status: 'refused',
    });
  });
});

describe('the kill switch', () => {
  it.each<[where: string, targeting: unknown]>([
    ['everywhere', undefined],
    ['in an environment', { if: [{ '==': [{ var: 'environment' }, 'development'] }, 'on', 'off'] }],
    ['for a team', { if: [{ '==': [{ var: 'team' }, 'data-platform'] }, 'on', 'off'] }],
    ['for a kind', { if: [{ '==': [{ var: 'kind' }, 'excessive-permissions'] }, 'on', 'off'] }],
  ])('pulled %s stops an apply and no rollback', async (_where, targeting) => {
    const before = await bench.approved();
    const applied = await bench.approved();
    await product.activities.apply({ changeId: applied.changeId });
    await product.flags((flags) => {
      const [on, off] = [{ targeting }, { targeting: undefined }];
      Object.assign(flags.flags['kill-switch'] ?? {}, targeting === undefined ? off : on, {
        defaultVariant: targeting === undefined ? 'on' : 'off',
      });
    });
    try {
      expect(await product.activities.apply({ changeId: before.changeId })).toMatchObject({
        status: 'stopped',
      });
      expect(await bench.done(before)).toEqual([]);
      await bench.fail(applied.changeId);
      expect(await product.activities.rollBack({ changeId: applied.changeId, reason: 'harm' })).toEqual({
        status: 'rolled-back',
      });
    } finally {
      await product.flags((flags) => {
        Object.assign(flags.flags['kill-switch'] ?? {}, { defaultVariant: 'off', targeting: undefined });
      });
    }
    expect(await product.activities.apply({ changeId: before.changeId })).toEqual({ status: 'applied' });
  });
});

it('keeps the audit chain intact through all of this', async () => {
  expect(await product.ports.ledger.verifyAudit()).toMatchObject({ ok: true, faults: [] });
});
