import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { releaseRequestId } from '../../workflows/naming.js';
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
import { changeBench } from './change-bench.js';

let product: Product;
beforeAll(async () => {
  product = await openProduct();
}, 60_000);
afterAll(() => product.close());
const bench = changeBench(() => product);

/** A life whose ticket waits for its release: the owner was not asked yet. */
async function waiting(): Promise<Played> {
  const { life, contextDigest, prepared, requestId } = await playUntilAsked(
    {
      ...product,
      activities: { ...product.activities, ask: async () => ({ deliveredAtMs: 0, waitingFor: '' }) },
    },
    await product.begin({ name: unique('release') }),
  );
  const played = { life, contextDigest, prepared, requestId: releaseRequestId(requestId) };
  await product.activities.ask({ ...askInput(product, played), release: true });
  return played;
}

describe('a ticket that is released first', () => {
  it('is asked of the security team alone: no ticket, no word to the owner', async () => {
    const played = await waiting();
    const row = await product.ports.ledger.request(played.requestId);
    expect(row?.request).toMatchObject({ subject: 'ticket-release', highPrivilege: false });
    expect(row?.request.approverIds).toEqual(['dana.okafor', 'ines.moreau']);
    expect(row?.ticket).toBeUndefined();
    expect((await product.tickets()).some(({ key }) => key.includes(played.life.key))).toBe(false);
  });

  it('plans no change when it is released, and is found again after a reset', async () => {
    const played = await waiting();
    const released = await decide(product, played, 'ines.moreau', { reason: 'check the yearly job' });
    expect(released).toMatchObject({ verdict: 'approve', released: true, reason: 'check the yearly job' });
    expect(released).not.toHaveProperty('changeId');
    expect(await product.ports.ledger.changes({ findingKey: played.life.key })).toEqual([]);
    const again = await product.activities.ask({ ...askInput(product, played), release: true });
    expect(again.settled).toMatchObject({ released: true });
  });

  it('cannot be released by its owner', async () => {
    expect(await decide(product, await waiting(), 'priya.raman')).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('is not asked here'),
    });
  });

  it('authorises nothing: a change planned on a release is refused by the change worker', async () => {
    const good = await bench.approved();
    const played = await waiting();
    await decide(product, played, 'ines.moreau');
    const { changes } = await bench.rowOf(good.changeId);
    const id = `change/${played.requestId}`;
    await product.ports.ledger.planChange(
      {
        id,
        workflowId: played.life.workflowId,
        generation: 1,
        digest: played.prepared.digest,
        requestId: played.requestId,
        findingKeys: played.life.keys,
        changes: (await product.ports.ledger.draft(played.prepared.digest))?.draft.changes ?? changes,
        route: 'api',
      },
      [],
    );
    expect(await product.activities.apply({ changeId: id })).toEqual({
      status: 'refused',
      reason: 'what was approved is not a change',
    });
  });

  it('stands in the ticket with the note of whoever released it', async () => {
    const played = await playUntilAsked(product, await product.begin({ name: unique('noted') }));
    const other = await playUntilAsked(
      {
        ...product,
        activities: {
          ...product.activities,
          ask: (input) =>
            product.activities.ask({ ...input, note: { by: 'ines.moreau', text: 'check the yearly job' } }),
        },
      },
      await product.begin({ name: unique('noted') }),
    );
    const opened = (await product.tickets()).filter(({ effect }) => effect === 'opened');
    const textOf = (key: string) => JSON.stringify(opened.find((line) => line.key.includes(key)));
    expect(textOf(other.life.key)).toContain('Note from ines.moreau: check the yearly job');
    expect(textOf(played.life.key)).not.toContain('Note from');
    expect(await approve(product, other)).toContain('change/');
  });

  it('is what the configuration says, phase by phase', async () => {
    const life = await product.begin({ name: unique('phase') });
    const asking = withPorts(product, { settings: { ...product.ports.settings, releaseFirst: ['assist'] } });
    const { prepared } = await playUntilAsked({ ...product, activities: asking }, life);
    expect(prepared.releaseFirst).toBe(true);
    const plain = await playUntilAsked(product, await product.begin({ name: unique('phase') }));
    expect(plain.prepared.releaseFirst).toBeUndefined();
  });
});
