import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CnappSource } from '../../activities/cnapp/port.js';
import { Failure, FailureType } from '../../domain/failure.js';
import type { Finding } from '../../domain/finding/finding.js';
import type { Call } from '../../samples/model/calls.js';
import { deletesObject, findingAbout, HOME, readsObject } from '../support/organisation.js';
import { openProduct, type Product, unique, withPorts } from '../support/product.js';
import { type Approved, changeBench } from './change-bench.js';

let product: Product;
beforeAll(async () => {
  product = await openProduct();
}, 60_000);
afterAll(() => product.close());
const bench = changeBench(() => product);

async function applied(): Promise<Approved> {
  const approved = await bench.approved();
  expect(await product.activities.apply({ changeId: approved.changeId })).toEqual({ status: 'applied' });
  return approved;
}

function verify(on: Approved, last = false) {
  return product.activities.verify({
    ...on.life,
    changeId: on.changeId,
    requestId: on.requestId,
    last,
    outcome: 'verified',
  });
}

/** The platform scans again and reports these; what it does not report is resolved. */
async function scan(...reported: readonly Approved[]): Promise<void> {
  const scanId = unique('scan');
  if (reported.length > 0)
    await product.takeIn(
      reported.map((each) => findingAbout(each.life.role)),
      scanId,
    );
  await product.ports.ledger.completeScan({ scanId, source: 'wiz', atMs: product.ports.now() });
}

function denied(on: Approved, call: (account: string, role: string) => Call): Promise<void> {
  const name = on.life.role.split('/').at(-1) ?? '';
  return product.organisation.trail(HOME, [call(HOME, name)], product.ports.now() + 1_000, true);
}

function publishes(account: string, role: string): Call {
  return {
    ...readsObject(account, role),
    action: 'sns:Publish',
    eventSource: 'sns.amazonaws.com',
    eventName: 'Publish',
    resource: `arn:aws:sns:us-east-1:${account}:month-end`,
    requestParameters: { topicArn: `arn:aws:sns:us-east-1:${account}:month-end` },
    resources: [{ type: 'AWS::SNS::Topic', ARN: `arn:aws:sns:us-east-1:${account}:month-end` }],
  };
}

describe('a change that was applied', () => {
  it('is verified once the next scan reports it no more', async () => {
    const on = await applied();
    expect(await verify(on)).toEqual({ status: 'pending', waitingFor: 'the next scan of wiz' });
    await scan();
    expect(await verify(on)).toEqual({ status: 'verified' });
    expect((await product.ports.ledger.change(on.changeId))?.status).toBe('verified');
  });

  it('waits while the source still reports it, and gives up when told to', async () => {
    const on = await applied();
    await scan(on);
    expect(await verify(on)).toEqual({ status: 'pending', waitingFor: 'wiz still reports it' });
    expect(await verify(on, true)).toEqual({
      status: 'still-open',
      reason: 'wiz still reports it; what we read back is correct',
    });
    expect((await product.ports.ledger.finding(on.life.key))?.stage).not.toBe('closed');
  });

  it('is not confirmed by a scan that is older than it', async () => {
    const approved = await bench.approved();
    await scan(approved);
    await product.activities.apply({ changeId: approved.changeId });
    expect(await verify(approved)).toEqual({ status: 'pending', waitingFor: 'the next scan of wiz' });
  });

  it('has failed when what is there is not what was approved', async () => {
    const on = await applied();
    await bench.drift(on.life);
    expect(await verify(on)).toEqual({
      status: 'failed',
      reason: 'what is there now is not what was approved',
    });
  });

  it('has failed when a request is denied that worked before, and the rollback lets it work again', async () => {
    const on = await applied();
    await denied(on, deletesObject);
    const verdict = await verify(on);
    expect(verdict).toMatchObject({ status: 'failed', reason: expect.stringContaining('s3:DeleteObject') });
    expect(await product.ports.ledger.change(on.changeId)).toMatchObject({
      status: 'failed',
      note: expect.stringContaining('s3:DeleteObject'),
    });
    expect((await product.audit(on.life.key)).at(-1)).toBe('change.failed');
    expect(await product.activities.apply({ changeId: on.changeId })).toEqual({ status: 'applied' });
    expect(await verify(on)).toEqual(verdict);
    const was = await bench.policies(on.life);
    expect(await product.activities.rollBack({ changeId: on.changeId, reason: 'harm' })).toEqual({
      status: 'rolled-back',
    });
    expect(await bench.policies(on.life)).not.toEqual(was);
  });

  it.each<[what: string, call: (account: string, role: string) => Call]>([
    ['a request that was never allowed', publishes],
    ['a request that is allowed still', readsObject],
  ])('is not undone by %s', async (_what, call) => {
    const on = await applied();
    await denied(on, call);
    expect(await verify(on)).toMatchObject({ status: 'pending' });
  });

  it('is not undone by what somebody else was denied', async () => {
    const on = await applied();
    await denied({ ...on, life: { ...on.life, role: 'role/stranger' } }, deletesObject);
    expect(await verify(on)).toMatchObject({ status: 'pending' });
  });
});

describe('a platform that is polled for what changed', () => {
  function over(on: Approved, answer: () => Promise<Finding | undefined>) {
    const [base] = product.ports.sources.values();
    if (base === undefined) throw new Error('no source');
    const asked: string[] = [];
    const source: CnappSource = {
      ...base,
      traits: { ...base.traits, vendor: 'wiz', incremental: true },
      get: answer,
      rescan: async (sourceId) => {
        asked.push(sourceId);
        return { where: 'scan 1' };
      },
    };
    const activities = withPorts(product, { sources: new Map([['wiz', source]]) });
    const look = () =>
      activities.verify({ ...on.life, changeId: on.changeId, last: false, outcome: 'verified' });
    return { look, asked };
  }

  it('is asked to look again once, and about the finding itself', async () => {
    const on = await applied();
    let status: Finding['status'] = 'open';
    const { look, asked } = over(on, async () => findingAbout(on.life.role, { status }));
    expect(await look()).toMatchObject({ status: 'pending' });
    expect(await look()).toMatchObject({ status: 'pending' });
    expect(asked).toHaveLength(1);
    status = 'resolved';
    expect(await look()).toEqual({ status: 'verified' });
    expect(await product.audit(on.life.key)).toContain('source.asked-to-rescan');
  });

  it.each<[what: string, answer: (role: string) => Promise<Finding | undefined>]>([
    ['does not know it', async () => undefined],
    ['answers another finding', async () => findingAbout('other', { status: 'resolved' })],
    [
      'is down',
      async () => {
        throw new Failure(FailureType.VendorUnavailable, 'down');
      },
    ],
  ])('is waited for when it %s', async (_what, answer) => {
    const on = await applied();
    expect(await over(on, () => answer(on.life.role)).look()).toMatchObject({ status: 'pending' });
  });
});

describe('a change that was handed over', () => {
  it('is watched in the account itself, and not believed because the ticket says so', async () => {
    const like = await bench.approved();
    const changeId = await bench.plan(like, { route: 'ticket' });
    const handed = await product.activities.apply({ changeId });
    expect(handed).toMatchObject({ status: 'handed-over', route: 'ticket' });
    expect(await product.activities.apply({ changeId })).toEqual(handed);
    expect(await product.activities.watchHandOver({ changeId })).toEqual({ status: 'waiting' });

    const [change] = (await bench.rowOf(changeId)).changes;
    await product.organisation.edit(HOME, (account) => {
      const role = account.RoleDetailList.find((each) => each.Arn === like.life.role);
      for (const policy of role?.RolePolicyList ?? []) policy.PolicyDocument = change?.after ?? null;
    });
    for (let look = 0; look < 2; look += 1)
      expect(await product.activities.watchHandOver({ changeId })).toEqual({ status: 'done' });
    await scan();
    expect(await verify({ ...like, changeId })).toEqual({ status: 'verified' });
    expect(await product.activities.rollBack({ changeId, reason: 'harm' })).toMatchObject({
      status: 'refused',
    });
  });

  it('is declined when its ticket was closed and nothing was done', async () => {
    const like = await bench.approved();
    const changeId = await bench.plan(like, { route: 'ticket' });
    await product.activities.apply({ changeId });
    const row = await product.ports.ledger.request(like.requestId);
    await product.ports.tickets.setState({
      ticketId: row?.ticket?.id ?? '',
      state: 'closed',
      key: unique('person'),
    });
    expect(await product.activities.watchHandOver({ changeId })).toMatchObject({ status: 'declined' });
  });
});

it('keeps the audit chain intact through all of this', async () => {
  expect(await product.ports.ledger.verifyAudit()).toMatchObject({ ok: true, faults: [] });
});
