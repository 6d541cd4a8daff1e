import { describe, expect, it } from '@jest/globals';
import { openInbox, type Parcel } from '../../../client/gateway/callback-inbox.js';
import type { WebhookRoute } from '../../../client/gateway/webhooks.js';
import { fakeSigner } from './support/desk.js';
import { type FakeLedger, fakeLedger } from './support/fake-ledger.js';
import { NOW } from './support/organisation.js';

function open(
  deliver: (parcel: Parcel) => Promise<'done' | 'later'>,
  over: { ledger?: FakeLedger; clock?: { nowMs: number } } = {},
) {
  const ledger = over.ledger ?? fakeLedger();
  const clock = over.clock ?? { nowMs: NOW };
  const counted: string[] = [];
  const route: WebhookRoute = {
    name: 'chat',
    path: '/chat',
    contentTypes: [],
    maxBytes: 1,
    rememberMs: 1_000,
    verify: () => undefined,
    deliver,
  };
  const inbox = openInbox({
    ledger,
    signer: fakeSigner,
    routes: [route],
    metrics: { webhook: (_route: string, outcome: string) => counted.push(outcome) } as never,
    now: () => clock.nowMs,
    log: () => undefined,
  });
  const parcel = (key: string): Parcel => ({ key, content: { n: key }, receivedAtMs: clock.nowMs });
  return { inbox, ledger, clock, counted, take: (key: string) => inbox.take(route, parcel(key)) };
}

describe('the inbox of callbacks', () => {
  it('delivers what it takes, once', async () => {
    const done: string[] = [];
    const { inbox, take, counted } = open(async ({ key }) => {
      done.push(key);
      return 'done';
    });
    expect([await take('a'), await take('a'), await take('b')]).toEqual([true, false, true]);
    await inbox.close();
    expect(done).toEqual(['a', 'b']);
    expect(counted).toEqual(['delivered', 'delivered']);
  });

  it.each<[name: string, deliver: () => Promise<'done' | 'later'>]>([
    ['cannot be delivered yet', async () => 'later'],
    ['fails', () => Promise.reject(new Error('503'))],
  ])('keeps what %s for the next start, and waits longer each time', async (_name, deliver) => {
    const { inbox, take, ledger, counted, clock } = open(deliver);
    await take('a');
    await inbox.close();
    expect(counted).toEqual(['postponed']);

    const later = open(async () => 'done', { ledger, clock });
    later.inbox.wake();
    await later.inbox.close();
    expect(later.counted).toEqual(['delivered']);
    expect(await later.take('a')).toBe(false);
  });

  it('does not try again before its time', async () => {
    const { inbox, take, counted, clock } = open(async () => 'later');
    await take('a');
    clock.nowMs = NOW + 4_999;
    inbox.wake();
    await inbox.close();
    expect(counted).toEqual(['postponed']);
  });

  it('drops what somebody else wrote into the ledger, or changed there', async () => {
    const done: string[] = [];
    const { inbox, ledger, counted } = open(async ({ key }) => {
      done.push(key);
      return 'done';
    });
    const genuine = await fakeSigner.sign('curtail-parcel+jwt', {
      route: 'chat',
      key: 'b',
      content: { who: 'ana' },
      receivedAtMs: NOW,
    });
    const forged = [
      { content: { who: 'ben' }, receivedAtMs: NOW, seal: 'none' },
      { content: { who: 'ben' }, receivedAtMs: NOW, seal: genuine },
      { content: { who: 'ben' } },
      'text',
    ];
    for (const [index, value] of forged.entries())
      await ledger.putItem({ bucket: 'webhook/chat', key: `f${index}`, value, expiresAtMs: NOW + 1_000 });
    inbox.wake();
    await inbox.close();
    expect(done).toEqual([]);
    expect(counted).toEqual(['unsealed', 'unsealed', 'unsealed', 'unsealed']);
  });
});
