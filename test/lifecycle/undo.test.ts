import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { PreparedUndo } from '../../activities/contract.js';
import { separationFacts } from '../../activities/lifecycle/separation-facts.js';
import { signUndoAsk } from '../../runtime/undo-asks.js';
import { arn } from '../../samples/model/names.js';
import { requestId } from '../../workflows/naming.js';
import { HOME, type NewRole } from '../support/organisation.js';
import {
  approve,
  askInput,
  decide,
  openProduct,
  type Played,
  type Product,
  playUntilAsked,
  unique,
  withPorts,
} from '../support/product.js';

let product: Product;
beforeAll(async () => {
  product = await openProduct();
}, 60_000);
afterAll(() => product.close());

/** A change that was approved and applied. */
async function applied(name: string, role: Partial<NewRole> = {}) {
  const life = await product.begin({ name: unique(name), ...role });
  const played = await playUntilAsked(product, life);
  if (role.tags?.['privilege'] === 'high') await decide(product, played, 'dana.okafor');
  const changeId = await approve(product, played);
  expect(await product.activities.apply({ changeId })).toEqual({ status: 'applied' });
  return { life, played, changeId };
}
type Applied = Awaited<ReturnType<typeof applied>>;

async function askFor(on: Applied, sub: string, more: { changeId?: string; workflowId?: string } = {}) {
  const workflowId = more.workflowId ?? unique('undo/h');
  const reason = 'the nightly job needs it again';
  const ask = await signUndoAsk(
    { sub, workflowId, changeId: more.changeId ?? on.changeId, reason },
    product.signer,
    product.ports.now(),
  );
  return { workflowId, ask };
}

/** An undo as far as its open request. */
async function asked(on: Applied, sub: string): Promise<Played> {
  const { workflowId, ask } = await askFor(on, sub);
  const prepared = await product.activities.prepareUndo({ workflowId, ask });
  if (prepared.kind !== 'draft') throw new Error(prepared.reason);
  const life = { ...on.life, workflowId, generation: prepared.generation };
  const played: Played = {
    ...on.played,
    life,
    prepared: { ...on.played.prepared, digest: prepared.digest },
    requestId: requestId(workflowId, prepared.generation, 1, prepared.digest),
  };
  await product.activities.ask(askInput(product, played));
  return played;
}

async function policiesOf(role: string): Promise<string> {
  const account = await product.organisation.read(role.split(':')[4] ?? '');
  return JSON.stringify(account.RoleDetailList.find((each) => each.Arn === role)?.RolePolicyList);
}

describe('an undo that somebody asks for', () => {
  it('restores what was there, after another person approved, and says who asked and who approved', async () => {
    const life = await product.begin({ name: unique('undone') });
    const before = await policiesOf(life.role);
    const played = await playUntilAsked(product, life);
    const changeId = await approve(product, played);
    await product.activities.apply({ changeId });
    expect(await policiesOf(life.role)).not.toBe(before);
    const undo = await asked({ life, played, changeId }, 'priya.raman');
    const row = await product.ports.ledger.request(undo.requestId);
    expect(row?.request).toMatchObject({ requestedBy: 'priya.raman', provedReduction: false });
    expect(row?.request.approverIds).not.toContain('priya.raman');
    expect(row?.title).toMatch(/^Undo: /);

    expect(await decide(product, undo, 'priya.raman')).toMatchObject({ outcome: 'refused' });
    expect(await decide(product, undo, 'dana.okafor')).toMatchObject({ complete: true });
    const undoId = `change/${undo.requestId}`;
    for (let run = 0; run < 2; run += 1)
      expect(await product.activities.apply({ changeId: undoId })).toEqual({ status: 'applied' });
    expect(await policiesOf(life.role)).toBe(before);
    expect((await product.ports.ledger.change(changeId))?.status).toBe('rolled-back');
    const note = 'undone: asked by priya.raman, approved by dana.okafor';
    const end = { ...undo.life, requestId: undo.requestId, digest: undo.prepared.digest, note };
    for (let run = 0; run < 2; run += 1)
      expect(await product.activities.endUndo(end)).toEqual({ undone: true });
    expect(await product.ports.ledger.finding(life.key)).toMatchObject({ outcome: 'rolled-back', note });
    const rows = await product.audit(life.key);
    expect(rows.filter((type) => type.includes('undo'))).toEqual([
      'undo.asked',
      'change.undone',
      'undo.done',
    ]);
    const first = (await product.ports.ledger.request(played.requestId))?.ticket;
    const comments = await product.tickets();
    expect(
      comments.filter((line) => line.ticketId === first?.id && line.key.includes('first-ticket')),
    ).toHaveLength(2);
  }, 30_000);

  it('leaves the fix and its finding alone when it is rejected', async () => {
    const on = await applied('kept');
    const before = await product.ports.ledger.finding(on.life.key);
    const undo = await asked(on, 'priya.raman');
    await decide(product, undo, 'dana.okafor', { verdict: 'reject', reason: 'the job was retired' });
    const end = { ...undo.life, requestId: undo.requestId, digest: undo.prepared.digest, note: 'rejected' };
    expect(await product.activities.endUndo(end)).toEqual({ undone: false });
    expect(await product.ports.ledger.finding(on.life.key)).toEqual(before);
    expect((await product.ports.ledger.change(on.changeId))?.status).toBe('applied');
    expect(await product.activities.apply({ changeId: `change/${undo.requestId}` })).toMatchObject({
      status: 'refused',
    });
  }, 30_000);
});

describe('the proof of an undo', () => {
  it('says that access widens, shows a request, names what returns, and has the guardrails\u2019 word', async () => {
    const on = await applied('honest');
    const undo = await asked(on, 'priya.raman');
    const proof = (await product.ports.ledger.draft(undo.prepared.digest))?.draft.proof;
    expect(proof).toMatchObject({ verdict: 'restores', guardrails: { allow: true } });
    expect(proof?.noNewAccess).toMatchObject([
      { of: on.life.role, verdict: 'FAIL', witness: { action: expect.any(String) } },
    ]);
    const removed = (await product.ports.ledger.draft(on.played.prepared.digest))?.draft.removed ?? [];
    expect(removed.length).toBeGreaterThan(0);
    expect(proof?.restores?.returns).toEqual(removed.map(({ action }) => action));
  }, 30_000);
});

describe('who may approve an undo', () => {
  it('is nobody who can use the identity, since it is no reduction', async () => {
    const on = await applied('assumed', { assumers: [arn.user(HOME, 'ines.moreau')] });
    const undo = await asked(on, 'priya.raman');
    expect(await decide(product, undo, 'ines.moreau')).toEqual({
      outcome: 'refused',
      reason: 'who can use this identity may approve only a proved reduction of it',
    });
    expect(await decide(product, undo, 'dana.okafor')).toMatchObject({ complete: true });
  }, 30_000);

  it('is nobody to whom the undo itself gives the role back', async () => {
    const { ports } = product;
    const role = arn.role(HOME, unique('given-back'));
    const after = { Statement: [{ Principal: { AWS: arn.user(HOME, 'ines.moreau') } }] };
    const change = { kind: 'trust-policy' as const, target: { principal: role }, before: {}, after };
    const on = await applied('any');
    const any = await ports.ledger.draft(on.played.prepared.digest);
    if (any === undefined) throw new Error('no draft');
    const row = { ...any, draft: { ...any.draft, changes: [change] } };
    const asked = { ...ports, ledger: { ...ports.ledger, draft: async () => row } };
    expect(await separationFacts(asked, { identity: role, digest: 'd' })).toEqual({
      assumerIds: ['ines.moreau'],
    });
  }, 30_000);

  it('are two people for an identity with high privilege', async () => {
    const on = await applied('powerful', { tags: { privilege: 'high' } });
    const undo = await asked(on, 'priya.raman');
    expect(await decide(product, undo, 'dana.okafor')).toMatchObject({ complete: false, waitingFor: 1 });
    expect(await decide(product, undo, 'dana.okafor')).toMatchObject({ complete: false, waitingFor: 1 });
    expect(await decide(product, undo, 'priya.raman')).toMatchObject({ outcome: 'refused' });
    expect(await decide(product, undo, 'ines.moreau')).toMatchObject({ complete: true });
    expect(await product.activities.apply({ changeId: `change/${undo.requestId}` })).toEqual({
      status: 'applied',
    });
  }, 30_000);
});

describe('an approved undo', () => {
  async function approved(name: string) {
    const on = await applied(name);
    const undo = await asked(on, 'priya.raman');
    await decide(product, undo, 'dana.okafor');
    return { on, undo, changeId: `change/${undo.requestId}` };
  }
  const killSwitch = (more: { defaultVariant: string; targeting: unknown }) =>
    product.flags((flags) => Object.assign(flags.flags['kill-switch'] ?? {}, more));

  it('waits while the kill switch is on, unless the switch spares undos', async () => {
    const { on, changeId } = await approved('switched');
    try {
      await killSwitch({ defaultVariant: 'on', targeting: undefined });
      expect(await product.activities.apply({ changeId })).toMatchObject({ status: 'stopped' });
      expect((await product.ports.ledger.change(on.changeId))?.status).toBe('applied');
      const spared = { if: [{ '==': [{ var: 'act' }, 'undo'] }, 'off', 'on'] };
      await killSwitch({ defaultVariant: 'on', targeting: spared });
      expect(await product.activities.apply({ changeId })).toEqual({ status: 'applied' });
    } finally {
      await killSwitch({ defaultVariant: 'off', targeting: undefined });
    }
  }, 30_000);

  it('overwrites nothing that somebody changed since', async () => {
    const { on, changeId } = await approved('drifted');
    await product.organisation.edit(HOME, (account) => {
      const role = account.RoleDetailList.find((each) => each.Arn === on.life.role);
      const [policy] = role?.RolePolicyList ?? [];
      if (policy !== undefined) policy.PolicyDocument = { Version: '2012-10-17', Statement: [] };
    });
    expect(await product.activities.apply({ changeId })).toMatchObject({ status: 'conflict' });
    expect(await policiesOf(on.life.role)).toContain('"Statement":[]');
  }, 30_000);

  it('leaves a finding alone that came back meanwhile', async () => {
    const { on, undo, changeId } = await approved('returned');
    await product.activities.apply({ changeId });
    await product.ports.ledger.setStage(
      { keys: [on.life.key], stage: 'closed', outcome: 'verified', atMs: product.ports.now() },
      [],
    );
    await product.ports.ledger.nextGeneration(on.life.key);
    const before = await product.ports.ledger.finding(on.life.key);
    const end = { ...undo.life, requestId: undo.requestId, digest: undo.prepared.digest, note: 'undone' };
    expect(await product.activities.endUndo(end)).toEqual({ undone: true });
    expect(await product.ports.ledger.finding(on.life.key)).toEqual(before);
  }, 30_000);
});

describe('an undo that must not be', () => {
  let on: Applied;
  beforeAll(async () => {
    on = await applied('guarded');
  }, 30_000);

  it.each<[what: string, prepare: () => Promise<PreparedUndo>, reason: string]>([
    [
      'nobody signed it',
      async () => product.activities.prepareUndo({ workflowId: 'undo/x/1', ask: 'a.b.c' }),
      'nobody asked',
    ],
    [
      'an auditor asks for it',
      async () => product.activities.prepareUndo(await askFor(on, 'samuel.adeyemi')),
      'neither its owner',
    ],
    [
      'somebody whom the directory does not know asks for it',
      async () => product.activities.prepareUndo(await askFor(on, 'mallory')),
      'directory does not know',
    ],
    [
      'there is no such change',
      async () =>
        product.activities.prepareUndo(await askFor(on, 'priya.raman', { changeId: 'change/none' })),
      'no such change',
    ],
    [
      'it was asked for another workflow',
      async () =>
        product.activities.prepareUndo({ ...(await askFor(on, 'priya.raman')), workflowId: 'undo/other/1' }),
      'another workflow',
    ],
  ])('is refused when %s', async (_what, prepare, reason) => {
    expect(await prepare()).toEqual({ kind: 'refused', reason: expect.stringContaining(reason) });
  });

  it.each<[what: string, settings: Partial<Product['ports']['settings']>, reason: string]>([
    ['in a freeze', { freezes: () => [{ name: 'Year-end sale' }] }, 'change freeze: Year-end sale'],
    [
      'for an identity that is never touched by now',
      { neverTouch: () => ({ rules: [{ reason: 'statutory', names: ['guarded-*'] }], except: [] }) },
      'never touch: statutory',
    ],
  ])('is refused %s, on record, and nobody is asked', async (_what, more, reason) => {
    const settings = { ...product.ports.settings, ...more };
    const { prepareUndo } = withPorts(product, { settings });
    const before = await product.ports.ledger.requests({ findingKey: on.life.key });
    expect(await prepareUndo(await askFor(on, 'priya.raman'))).toEqual({
      kind: 'refused',
      reason: expect.stringContaining(reason),
    });
    expect((await product.audit(on.life.key)).at(-1)).toBe('undo.refused');
    expect(await product.ports.ledger.requests({ findingKey: on.life.key })).toEqual(before);
  });

  it('is refused by the change worker when the request hides who asked', async () => {
    const undo = await asked(on, 'priya.raman');
    const row = await product.ports.ledger.request(undo.requestId);
    if (row === undefined) throw new Error('no request');
    const { requestedBy: _hidden, ...request } = row.request;
    const id = unique('forged');
    await product.ports.ledger.openRequest({ ...row, request: { ...request, id } }, []);
    await decide(product, { ...undo, requestId: id }, 'dana.okafor');
    expect(await product.activities.apply({ changeId: `change/${id}` })).toEqual({
      status: 'refused',
      reason: expect.stringContaining('hides who asked'),
    });
  }, 30_000);
});
