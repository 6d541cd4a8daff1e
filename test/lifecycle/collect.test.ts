import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Chat, Notice } from '../../activities/chat/port.js';
import type { LifecyclePorts } from '../../activities/lifecycle/ports.js';
import { Failure, FailureType } from '../../domain/failure.js';
import {
  approve,
  askInput,
  openProduct,
  type Played,
  type Product,
  playUntilAsked,
  unique,
  withPorts,
} from '../support/product.js';

const HOUR = 3_600_000;
const AFTER = 2;
let product: Product;
let sent: Notice[] = [];
let chatIsDown = false;
beforeAll(async () => {
  product = await openProduct({ timing: { digestWindowMs: HOUR } });
}, 60_000);
afterAll(() => product.close());
beforeEach(() => {
  // Nothing that was said in another test counts.
  product.clock.offsetMs += 3 * HOUR;
  sent = [];
  chatIsDown = false;
});

const chat: Chat = {
  vendor: 'console',
  changesMessages: false,
  send: async (notice) => {
    if (chatIsDown) throw new Failure(FailureType.VendorUnavailable, 'the chat is down');
    sent.push(notice);
    return { id: notice.key, deliveredAtMs: product.ports.now() };
  },
  update: async () => undefined,
};

const activities = () => withPorts(product, ports());
function ports(): Partial<LifecyclePorts> {
  return { chats: [chat], settings: { ...product.ports.settings, digestAfter: AFTER } };
}

async function asked(): Promise<Played> {
  return playUntilAsked(
    { ...product, activities: activities() },
    await product.begin({ name: unique('many') }),
  );
}

async function many(count: number): Promise<readonly Played[]> {
  const all: Played[] = [];
  for (let n = 0; n < count; n += 1) all.push(await asked());
  return all;
}

/** The desk's round after the window has passed. */
async function later() {
  product.clock.offsetMs += HOUR;
  return activities().tendDesk({});
}

describe('notices to one person within an hour', () => {
  it('are told at once up to the limit; the rest is one message with all of it, once', async () => {
    const all = await many(AFTER + 3);
    expect(sent).toHaveLength(AFTER);
    expect((await activities().tendDesk({})).digests).toBe(0);
    expect((await later()).digests).toBe(1);
    const digest = sent.at(-1);
    expect(sent).toHaveLength(AFTER + 1);
    expect(digest).toMatchObject({ title: '3 more requests wait for your decision', buttons: false });
    for (const { requestId } of all.slice(AFTER))
      expect(JSON.stringify(digest?.body)).toContain(encodeURIComponent(requestId));
    expect((await later()).digests).toBe(0);
    expect(sent).toHaveLength(AFTER + 1);
  });

  it('have their ticket and their place in the inbox at once, and time to decide from the digest on', async () => {
    const last = (await many(AFTER + 1)).at(-1);
    if (last === undefined) throw new Error('nobody was asked');
    const again = await activities().ask(askInput(product, last));
    const row = await product.ports.ledger.request(last.requestId);
    expect(row?.ticket).toBeDefined();
    expect(row?.status).toBe('open');
    expect(again.deliveredAtMs).toBeGreaterThan(product.ports.now() + HOUR / 2);
    expect(row?.request.expiresAtMs).toBeGreaterThanOrEqual(
      again.deliveredAtMs + product.ports.settings.timing.minNoticeMs,
    );
    await later();
    const told = (await product.ports.ledger.request(last.requestId))?.notices ?? [];
    expect(told.map(({ rung }) => rung)).toEqual([
      'opened',
      expect.stringMatching(/^opened, in a digest to /),
    ]);
  });

  it('are not collected when they are critical, or the last before the request expires', async () => {
    await many(AFTER);
    const life = await product.begin({ name: unique('many') });
    const played = await playUntilAsked(
      {
        ...product,
        activities: {
          ...activities(),
          ask: (input) => activities().ask({ ...input, severity: 'critical' }),
        },
      },
      life,
    );
    expect(sent).toHaveLength(AFTER + 1);
    const last = product.ports.settings.ladder.high.filter(({ act }) => act !== 'expire').at(-1);
    await activities().ask(askInput(product, played, last?.name));
    expect(sent).toHaveLength(AFTER + 2);
    expect((await later()).digests).toBe(0);
  });

  it('leave out what was decided meanwhile', async () => {
    const all = await many(AFTER + 1);
    const last = all.at(-1);
    if (last === undefined) throw new Error('nobody was asked');
    await approve(product, last);
    expect((await later()).digests).toBe(0);
    expect(sent).toHaveLength(AFTER);
  });

  it('wait for the next round while the chat is down', async () => {
    await many(AFTER + 1);
    chatIsDown = true;
    expect((await later()).digests).toBe(0);
    chatIsDown = false;
    expect((await activities().tendDesk({})).digests).toBe(1);
  });
});
