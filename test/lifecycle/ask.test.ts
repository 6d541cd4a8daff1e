import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Failure, FailureType } from '../../domain/failure.js';
import { findingAbout, HOME } from '../support/organisation.js';
import {
  approve,
  askInput,
  decide,
  offer,
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

async function opened(played: Played) {
  const [tickets, notices] = [await product.tickets(), await product.notices()];
  return {
    tickets: tickets.filter((line) => line.effect === 'opened' && line.key.includes(played.life.key)).length,
    notices: notices
      .filter((line) => line.key.includes(played.life.key))
      .map((line) => line.key.split('/').at(-1)),
    requests: (await product.ports.ledger.requests({ findingKey: played.life.key })).length,
  };
}

describe('asking again after a terminated life was reset', () => {
  it.each(['void', 'expired'] as const)(
    'opens a request that was %s, and its approval is carried out',
    async (status) => {
      const played = await playUntilAsked(product, await product.begin({ name: unique('again') }));
      const { requestId } = played;
      await product.ports.ledger.closeRequest({ requestId, status, atMs: product.ports.now() }, []);
      expect(await decide(product, played, 'priya.raman')).toMatchObject({ outcome: 'refused' });
      product.clock.offsetMs += 60_000;
      for (let retry = 0; retry < 2; retry += 1)
        expect(await product.activities.ask(askInput(product, played))).not.toHaveProperty('settled');
      expect(await product.ports.ledger.request(requestId)).toMatchObject({ status: 'open', reopened: 1 });
      expect(await opened(played)).toEqual({
        tickets: 1,
        notices: ['opened', 'opened, again 1'],
        requests: 1,
      });
      const changeId = await approve(product, played);
      expect(await product.activities.apply({ changeId })).toEqual({ status: 'applied' });
      expect(await product.audit(played.life.key)).toContain('request.reopened');
    },
  );

  it('counts no approval from before it was void', async () => {
    const played = await playUntilAsked(product, await product.begin({ name: unique('struck') }));
    const { requestId } = played;
    const grant = await product.sign({ sub: 'priya.raman', requestId });
    expect(await offer(product, played, grant)).toMatchObject({ outcome: 'accepted', complete: true });
    await product.ports.ledger.closeRequest({ requestId, status: 'void', atMs: product.ports.now() }, []);
    product.clock.offsetMs += 60_000;
    await product.activities.ask(askInput(product, played));
    expect(await product.activities.apply({ changeId: `change/${requestId}` })).toMatchObject({
      status: 'refused',
    });
    expect(await offer(product, played, grant)).toMatchObject({ outcome: 'refused' });
    expect((await product.ports.ledger.request(requestId))?.decisions).toEqual([]);
  });

  it('is not brought about by a late attempt of an ask from before it was closed', async () => {
    const played = await playUntilAsked(product, await product.begin({ name: unique('late') }));
    const { requestId } = played;
    const late = askInput(product, played);
    product.clock.offsetMs += 60_000;
    await product.ports.ledger.closeRequest({ requestId, status: 'void', atMs: product.ports.now() }, []);
    await product.activities.ask(late);
    expect((await product.ports.ledger.request(requestId))?.status).toBe('void');
  });
});

describe('asking', () => {
  it('opens one ticket and one request and tells once, however often it is retried', async () => {
    const played = await playUntilAsked(product, await product.begin({ name: unique('asked') }));
    const first = await product.activities.ask(askInput(product, played));
    for (let retry = 0; retry < 3; retry += 1)
      expect(await product.activities.ask(askInput(product, played))).toEqual(first);
    expect(await opened(played)).toEqual({ tickets: 1, notices: ['opened'], requests: 1 });
  });

  it.each<[where: string, broken: (once: () => void) => Parameters<typeof withPorts>[1]]>([
    [
      'after the ticket was made and before the ledger knows',
      (once) => ({
        ledger: {
          ...product.ports.ledger,
          setRequestTicket: async (...given) => {
            once();
            await product.ports.ledger.setRequestTicket(...given);
          },
        },
      }),
    ],
    [
      'before people are told',
      (once) => ({
        chats: product.ports.chats.map((chat) => ({
          ...chat,
          send: async (message) => {
            once();
            return chat.send(message);
          },
        })),
      }),
    ],
    [
      'after people were told',
      (once) => ({
        chats: product.ports.chats.map((chat) => ({
          ...chat,
          send: async (message) => {
            const sent = await chat.send(message);
            once();
            return sent;
          },
        })),
      }),
    ],
    [
      'after the notice was recorded',
      (once) => ({
        ledger: {
          ...product.ports.ledger,
          setStage: async (update, audit) => {
            if (update.stage === 'awaiting-decision') once();
            await product.ports.ledger.setStage(update, audit);
          },
        },
      }),
    ],
  ])('that dies %s makes nothing twice', async (_where, broken) => {
    let died = false;
    const dying = withPorts(
      product,
      broken(() => {
        if (died) return;
        died = true;
        throw new Failure(FailureType.VendorUnavailable, 'killed');
      }),
    );
    const life = await product.begin({ name: unique('dying') });
    await expect(playUntilAsked({ ...product, activities: dying }, life)).rejects.toThrow('killed');
    const asked = await product.ports.ledger.requests({ findingKey: life.key });
    const [row] = asked;
    if (row === undefined) throw new Error('the request was not opened');
    const played: Played = {
      life,
      requestId: row.request.id,
      contextDigest: '',
      prepared: { digest: row.request.digest } as Played['prepared'],
    };
    await dying.ask(askInput(product, played));
    expect(await opened(played)).toEqual({ tickets: 1, notices: ['opened'], requests: 1 });
  });

  it('reminds by the same ticket, and escalates to the manager and to security', async () => {
    const played = await playUntilAsked(product, await product.begin({ name: unique('ladder') }));
    await product.activities.ask(askInput(product, played, 'reminder'));
    await product.activities.ask(askInput(product, played, 'escalation'));
    expect(await opened(played)).toEqual({
      tickets: 1,
      notices: ['opened', 'reminder', 'escalation'],
      requests: 1,
    });
    const row = await product.ports.ledger.request(played.requestId);
    expect(row?.request.approverIds).toEqual(
      expect.arrayContaining(['priya.raman', 'tomas.lindqvist', 'dana.okafor']),
    );
    expect(await decide(product, played, 'tomas.lindqvist')).toMatchObject({ complete: true });
  });

  it('withdraws when the source closed it meanwhile, and nothing stays open', async () => {
    const role = { name: unique('gone') };
    const life = await product.begin(role);
    const played = await playUntilAsked(product, life);
    await product.takeIn([findingAbout(life.role, { status: 'resolved' })]);
    expect(await product.activities.ask(askInput(product, played, 'reminder'))).toMatchObject({
      withdrawn: true,
    });
    expect((await opened(played)).notices).toEqual(['opened']);
    await product.activities.close({
      ...life,
      outcome: 'resolved-at-source',
      note: 'the source closed it meanwhile',
      requestId: played.requestId,
    });
    const row = await product.ports.ledger.request(played.requestId);
    expect(row?.status).toBe('void');
    expect((await product.ports.tickets.read(row?.ticket?.id ?? '')).state).toBe('closed');
    expect(await decide(product, played, 'priya.raman')).toEqual({
      outcome: 'refused',
      reason: 'already void',
    });
  });

  it('finds a decision that was made before it was reset, for the same digest only', async () => {
    const played = await playUntilAsked(product, await product.begin({ name: unique('reset') }));
    const changeId = await approve(product, played);
    expect(await product.activities.ask(askInput(product, played))).toMatchObject({
      settled: { verdict: 'approve', by: 'priya.raman', changeId },
    });
    expect(await opened(played)).toEqual({ tickets: 1, notices: ['opened'], requests: 1 });
    const again = await playUntilAsked(product, played.life);
    expect(again.requestId).not.toBe(played.requestId);
    expect((await product.ports.ledger.request(again.requestId))?.status).toBe('open');
  });

  it('voids what was asked about an older draft', async () => {
    const first = await playUntilAsked(product, await product.begin({ name: unique('older') }));
    const second = await playUntilAsked(product, first.life, 2);
    expect((await product.ports.ledger.request(first.requestId))?.status).toBe('void');
    expect(await decide(product, first, 'priya.raman')).toMatchObject({ outcome: 'refused' });
    expect(await decide(product, second, 'priya.raman')).toMatchObject({ complete: true });
  });

  it('asks the security team when nobody is known to own it', async () => {
    const tags = { owner: 'nobody@elsewhere.example', team: 'no-such-team' };
    const life = await product.begin({ name: unique('orphan'), tags });
    const { directory, settings } = product.ports;
    const accounts = { [HOME]: { environment: 'development' as const, route: 'api' as const } };
    const activities = withPorts(product, { directory, settings: { ...settings, accounts } });
    const played = await playUntilAsked({ ...product, activities }, life);
    const row = await product.ports.ledger.request(played.requestId);
    expect(row?.request.approverIds).toEqual(['dana.okafor', 'ines.moreau']);
  });
});

describe('working hours of the team that is asked', () => {
  const never = { timeZone: 'UTC', days: [1, 2, 3, 4, 5], fromMinute: 540, toMinute: 541, holidays: [] };
  const directory = () => ({ ...product.ports.directory, workingHours: async () => never });

  it('move the rungs and the end of the request; what is critical does not wait for them', async () => {
    const played = await playUntilAsked(product, await product.begin({ name: unique('hours') }));
    const activities = withPorts(product, { directory: directory() });
    const input = askInput(product, played);
    const dueAtMs = [input.openedAtMs + 1_000, input.expiresAtMs];
    const asked = await activities.ask({ ...input, dueAtMs });
    for (const at of asked.dueAtMs ?? []) expect(new Date(at).toISOString().slice(11, 16)).toBe('09:00');
    expect(asked.dueAtMs).toHaveLength(2);
    const row = await product.ports.ledger.request(played.requestId);
    expect(row?.request.expiresAtMs).toBe(asked.dueAtMs?.[1]);
    expect(await activities.ask({ ...input, dueAtMs, severity: 'critical' })).not.toHaveProperty('dueAtMs');
    expect(await product.activities.ask({ ...input, dueAtMs })).not.toHaveProperty('dueAtMs');
  });
});

it('keeps the audit chain intact through all of this', async () => {
  expect(await product.ports.ledger.verifyAudit()).toMatchObject({ ok: true, faults: [] });
});
