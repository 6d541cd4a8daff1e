import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LifecyclePorts } from '../../activities/lifecycle/ports.js';
import { Failure, FailureType } from '../../domain/failure.js';
import { arn, PRODUCTION } from '../../samples/model/names.js';
import { buildActivities } from '../../workers/build-activities.js';
import { findingAbout, HOME, type NewRole } from '../support/organisation.js';
import {
  approve,
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

const SAYS_NO = new Failure(FailureType.CloudRejected, 'the cloud says no');
const TWO: Partial<NewRole> = { second: ['sqs:*'] };

describe('what is there', () => {
  it('is not touched by API when infrastructure code owns it', async () => {
    const [key = ''] = await product.takeIn([
      { ...findingAbout(arn.role(PRODUCTION, 'reporting-etl')), sourceId: unique('id') },
    ]);
    const life: Life = {
      key,
      role: arn.role(PRODUCTION, 'reporting-etl'),
      workflowId: `finding/wiz/${key}`,
      generation: 1,
      keys: [key],
    };
    const played = await playUntilAsked(product, life);
    expect(played.prepared.route).toBe('pull-request');
    const changeId = await approve(product, played, 'ines.moreau');
    const forced = await bench.plan({ ...played, changeId }, { route: 'api' });
    expect(await product.activities.apply({ changeId: forced })).toMatchObject({
      status: 'refused',
      reason: expect.stringContaining('terraform'),
    });
  });

  it('is a conflict when somebody changed it, and the voided approval is worth nothing afterwards', async () => {
    const drifted = await bench.approved();
    const before = await product.organisation.read(HOME);
    await bench.drift(drifted.life);
    for (let attempt = 0; attempt < 2; attempt += 1)
      expect(await product.activities.apply({ changeId: drifted.changeId })).toMatchObject({
        status: 'conflict',
      });
    await product.activities.closeRequest({
      ...drifted.life,
      requestId: drifted.requestId,
      status: 'void',
      note: 'it drifted',
    });
    await product.organisation.edit(HOME, (account) => Object.assign(account, before));
    expect(await product.activities.apply({ changeId: drifted.changeId })).toEqual({
      status: 'refused',
      reason: 'the request is void, so it approves nothing',
    });
    expect(await bench.done(drifted)).toEqual([]);
  });

  it('is a conflict when the identity is gone', async () => {
    const gone = await bench.approved();
    await product.organisation.edit(HOME, (account) => {
      account.RoleDetailList = account.RoleDetailList.filter((role) => role.Arn !== gone.life.role);
    });
    expect(await product.activities.apply({ changeId: gone.changeId })).toMatchObject({ status: 'conflict' });
  });

  it('counts as applied when it is already as it shall be', async () => {
    const early = await bench.approved();
    const { changes } = await bench.rowOf(early.changeId);
    const [change] = changes;
    await product.organisation.edit(HOME, (account) => {
      const role = account.RoleDetailList.find((each) => each.Arn === early.life.role);
      for (const policy of role?.RolePolicyList ?? []) policy.PolicyDocument = change?.after ?? null;
    });
    expect(await product.activities.apply({ changeId: early.changeId })).toEqual({ status: 'applied' });
    expect(await bench.done(early)).toEqual([]);
    await bench.fail(early.changeId);
    expect(await product.activities.rollBack({ changeId: early.changeId, reason: 'harm' })).toEqual({
      status: 'rolled-back',
    });
    expect(await bench.done(early)).toEqual([]);
  });
});

describe('a set of changes', () => {
  it('is applied whole, and undone whole in reverse', async () => {
    const set = await bench.approved(TWO);
    const was = await bench.policies(set.life);
    expect(await product.activities.apply({ changeId: set.changeId })).toEqual({ status: 'applied' });
    expect(await bench.done(set)).toEqual(['/0', '/1']);
    await bench.fail(set.changeId);
    await product.activities.rollBack({ changeId: set.changeId, reason: 'harm' });
    expect(await bench.done(set)).toEqual(['/0', '/1', '/1/undo', '/0/undo']);
    expect(await bench.policies(set.life)).toEqual(was);
  });

  it('is undone when the cloud says no half-way, and never goes half-way again', async () => {
    const set = await bench.approved(TWO);
    const was = await bench.policies(set.life);
    const refusing = withPorts(
      product,
      bench.writerThat((write) => {
        if (write === 2) throw SAYS_NO;
      }),
    );
    expect(await refusing.apply({ changeId: set.changeId })).toEqual({
      status: 'refused',
      reason: SAYS_NO.message,
    });
    expect(await bench.policies(set.life)).toEqual(was);
    // The answer was lost, and the cloud would say yes by now.
    expect(await product.activities.apply({ changeId: set.changeId })).toEqual({
      status: 'refused',
      reason: SAYS_NO.message,
    });
    expect(await bench.policies(set.life)).toEqual(was);
    expect(await bench.done(set)).toEqual(['/0', '/0/undo']);
  });

  it('is undone by the next attempt when this one dies while it undoes', async () => {
    const set = await bench.approved(TWO);
    const was = await bench.policies(set.life);
    const dying = withPorts(
      product,
      bench.writerThat((write) => {
        if (write === 2) throw SAYS_NO;
        if (write === 3) throw new Error('killed');
      }),
    );
    await expect(dying.apply({ changeId: set.changeId })).rejects.toThrow('killed');
    expect(await bench.policies(set.life)).not.toEqual(was);
    expect(await product.activities.apply({ changeId: set.changeId })).toMatchObject({ status: 'refused' });
    expect(await bench.policies(set.life)).toEqual(was);
  });

  it('is undone when the rest was changed by somebody else while this was away', async () => {
    const set = await bench.approved(TWO);
    const dying = withPorts(
      product,
      bench.writerThat((write) => {
        if (write === 2) throw new Error('killed');
      }),
    );
    await expect(dying.apply({ changeId: set.changeId })).rejects.toThrow('killed');
    await bench.drift(set.life, 'second');
    for (let attempt = 0; attempt < 2; attempt += 1)
      expect(await product.activities.apply({ changeId: set.changeId })).toMatchObject({
        status: 'conflict',
      });
    expect((await bench.done(set)).filter((key) => key.endsWith('undo'))).toEqual(['/0/undo']);
  });

  it('is undone when it may not go on after a crash', async () => {
    const set = await bench.approved(TWO);
    const was = await bench.policies(set.life);
    const dying = withPorts(
      product,
      bench.writerThat((write) => {
        if (write === 2) throw new Error('killed');
      }),
    );
    await expect(dying.apply({ changeId: set.changeId })).rejects.toThrow('killed');
    const distrusting = withPorts(product, { verifyGrant: async () => ({ ok: false, reason: 'withdrawn' }) });
    expect(await distrusting.apply({ changeId: set.changeId })).toMatchObject({ status: 'refused' });
    expect(await bench.policies(set.life)).toEqual(was);
  });

  it('is finished by the next attempt when nobody objects', async () => {
    const set = await bench.approved(TWO);
    const dying = withPorts(
      product,
      bench.writerThat((write) => {
        if (write === 2) throw new Error('killed');
      }),
    );
    await expect(dying.apply({ changeId: set.changeId })).rejects.toThrow('killed');
    expect(await product.activities.apply({ changeId: set.changeId })).toEqual({ status: 'applied' });
    expect(await bench.done(set)).toEqual(['/0', '/1']);
  });
});

describe('a worker that dies right after it wrote what became of a change', () => {
  /** Writes the change's row, and is gone. */
  function dying(): LifecyclePorts['ledger'] {
    const { ledger } = product.ports;
    return {
      ...ledger,
      async setChange(id, update, audit) {
        await ledger.setChange(id, update, audit);
        if (update.status === 'applied' || update.status === 'handed-over') throw new Error('killed');
      },
    };
  }

  it('leaves pages and measures that say that the fix is in place', async () => {
    const on = await bench.approved();
    const { ledger } = product.ports;
    await expect(withPorts(product, { ledger: dying() }).apply({ changeId: on.changeId })).rejects.toThrow(
      'killed',
    );
    expect(await product.activities.apply({ changeId: on.changeId })).toEqual({ status: 'applied' });
    expect(await ledger.finding(on.life.key)).toMatchObject({ stage: 'verifying' });
    expect(await measuresOf(on.life.key)).toContain('fixed');
  });

  it('leaves pages and measures that say so for what was handed over, too', async () => {
    const on = await bench.approved();
    const { ledger } = product.ports;
    const changeId = await bench.plan(on, { route: 'ticket' });
    await expect(withPorts(product, { ledger: dying() }).apply({ changeId })).rejects.toThrow('killed');
    expect(await product.activities.apply({ changeId })).toMatchObject({ status: 'handed-over' });
    expect(await ledger.finding(on.life.key)).toMatchObject({ stage: 'awaiting-ticket' });

    const [change] = (await bench.rowOf(changeId)).changes;
    await product.organisation.edit(HOME, (account) => {
      const role = account.RoleDetailList.find((each) => each.Arn === on.life.role);
      for (const policy of role?.RolePolicyList ?? []) policy.PolicyDocument = change?.after ?? null;
    });
    const watching = withPorts(product, { ledger: dying() });
    await expect(watching.watchHandOver({ changeId })).rejects.toThrow('killed');
    expect(await product.activities.watchHandOver({ changeId })).toEqual({ status: 'done' });
    expect(await ledger.finding(on.life.key)).toMatchObject({ stage: 'verifying' });
    expect(await measuresOf(on.life.key)).toContain('fixed');
  });

  async function measuresOf(key: string): Promise<readonly string[]> {
    const measures = await product.ports.ledger.measures(0);
    return measures.filter((each) => each.findingKey === key).map(({ what }) => what);
  }
});

describe('a write whose answer is lost', () => {
  it('is looked for and not repeated', async () => {
    const lost = await bench.approved();
    const { cloudWriter } = product.ports;
    const losing = withPorts(
      product,
      bench.writer({
        apply: async (input) => {
          await cloudWriter?.apply(input);
          throw new Failure(FailureType.WriteOutcomeUnknown, 'the connection broke');
        },
      }),
    );
    await expect(losing.apply({ changeId: lost.changeId })).rejects.toMatchObject({
      type: FailureType.WriteOutcomeUnknown,
      nonRetryable: false,
    });
    expect(await product.activities.apply({ changeId: lost.changeId })).toEqual({ status: 'applied' });
    expect(await bench.done(lost)).toEqual(['/0']);
  });

  it('happens once when two attempts overlap', async () => {
    const twice = await bench.approved();
    const both = await Promise.all([
      product.activities.apply({ changeId: twice.changeId }),
      product.activities.apply({ changeId: twice.changeId }),
    ]);
    expect(both).toEqual([{ status: 'applied' }, { status: 'applied' }]);
    expect(await bench.done(twice)).toEqual(['/0']);
  });
});

describe('a rollback', () => {
  it('is not followed by another apply of the same approval', async () => {
    const back = await bench.approved();
    const was = await bench.policies(back.life);
    await product.activities.apply({ changeId: back.changeId });
    await bench.fail(back.changeId);
    for (let attempt = 0; attempt < 2; attempt += 1)
      expect(await product.activities.rollBack({ changeId: back.changeId, reason: 'harm' })).toEqual({
        status: 'rolled-back',
      });
    expect(await product.activities.apply({ changeId: back.changeId })).toMatchObject({ status: 'refused' });
    expect(await bench.policies(back.life)).toEqual(was);
    expect(await bench.rowOf(back.changeId)).toMatchObject({ status: 'rolled-back' });
  });

  it('overwrites nothing that somebody changed meanwhile', async () => {
    const back = await bench.approved();
    await product.activities.apply({ changeId: back.changeId });
    await bench.fail(back.changeId);
    await bench.drift(back.life);
    const theirs = await bench.policies(back.life);
    expect(await product.activities.rollBack({ changeId: back.changeId, reason: 'harm' })).toMatchObject({
      status: 'refused',
      reason: expect.stringContaining('somebody else'),
    });
    expect(await bench.policies(back.life)).toEqual(theirs);
  });

  it('that died half-way is finished by the next attempt', async () => {
    const back = await bench.approved(TWO);
    const was = await bench.policies(back.life);
    await product.activities.apply({ changeId: back.changeId });
    await bench.fail(back.changeId);
    const dying = withPorts(
      product,
      bench.writerThat((write) => {
        if (write === 2) throw new Error('killed');
      }),
    );
    await expect(dying.rollBack({ changeId: back.changeId, reason: 'harm' })).rejects.toThrow('killed');
    expect(await product.activities.rollBack({ changeId: back.changeId, reason: 'harm' })).toEqual({
      status: 'rolled-back',
    });
    expect(await bench.policies(back.life)).toEqual(was);
    expect(await bench.done(back)).toEqual(['/0', '/1', '/1/undo', '/0/undo']);
  });

  it('of what was never applied is refused', async () => {
    const never = await bench.approved();
    expect(await product.activities.rollBack({ changeId: never.changeId, reason: 'harm' })).toMatchObject({
      status: 'refused',
    });
  });

  it('needs a worker that may write', async () => {
    const { cloudWriter: _writer, ...reader } = product.ports;
    const readOnly = buildActivities(reader);
    const back = await bench.approved();
    await expect(readOnly.apply({ changeId: back.changeId })).rejects.toMatchObject({
      type: FailureType.InvalidInput,
    });
    await product.activities.apply({ changeId: back.changeId });
    await bench.fail(back.changeId);
    await expect(readOnly.rollBack({ changeId: back.changeId, reason: 'harm' })).rejects.toMatchObject({
      type: FailureType.InvalidInput,
    });
  });
});

it('keeps the audit chain intact through all of this', async () => {
  expect(await product.ports.ledger.verifyAudit()).toMatchObject({ ok: true, faults: [] });
});
