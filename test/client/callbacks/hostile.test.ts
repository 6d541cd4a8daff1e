import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ATTACKS, type Attack, genuine } from '../../support/callback-attacks.js';
import { type Callback, callbackDoors, type Sender, senders, TICKET } from '../../support/callback-world.js';
import { startTeams, type TeamsServer } from '../../support/teams-server.js';
import { type Desk, openDesk } from '../gateway/support/desk.js';
import { fakeLedger } from '../gateway/support/fake-ledger.js';
import { DIGEST, draftRow, NOW, PEOPLE, REQUEST_ID, requestRow } from '../gateway/support/organisation.js';

const NAMES = ['servicenow', 'jira', 'slack', 'teams', 'teams-questions'] as const;
let teams: TeamsServer;
let desk: Desk;
let all: readonly Sender[];
let count = 0;

beforeAll(async () => {
  teams = await startTeams();
  all = senders(teams);
  const ledger = fakeLedger();
  ledger.rows.drafts.push(draftRow());
  const row = requestRow();
  ledger.rows.requests.push({ ...row, ticket: { id: TICKET, number: 'CHG1', url: '' } });
  const directory = {
    person: async (id: string) => PEOPLE.find((person) => person.id === id),
    byEmail: async () => PEOPLE[0],
    people: async () => PEOPLE,
    team: async () => [],
    standIn: async () => undefined,
  };
  const world = { ledger, directory, teams, now: () => NOW, approvals: [] };
  desk = openDesk({ ledger, directory, openWebhooks: callbackDoors(world) });
  await desk.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await desk.app.close();
  await teams.close();
});

function groundOf(name: string) {
  const sender = all.find((each) => each.name === name);
  if (sender === undefined) throw new Error(`no sender ${name}`);
  count += 1;
  return { sender, request: { id: REQUEST_ID, digest: DIGEST }, nowMs: NOW, id: `17951833${count}.100000` };
}

function post({ path, headers, body }: Callback): Promise<number> {
  const { port } = desk.app.server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const flat = [...headers, ['content-length', String(body.length)] as const].flat();
    const sent = request(
      { host: '127.0.0.1', port, method: 'POST', path, headers: ['host', 'x', ...flat] },
      (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode ?? 0));
      },
    );
    // What is refused before it was read may lose its connection: the status has then come already.
    sent.on('error', reject);
    sent.end(body);
  });
}

async function countedAs(route: string, outcome: string): Promise<number> {
  const text = await (
    await fetch(`http://127.0.0.1:${(desk.app.server.address() as AddressInfo).port}/metrics`)
  ).text();
  const line = text
    .split('\n')
    .find((each) => each.startsWith(`curtail_webhooks_total{route="${route}",outcome="${outcome}"}`));
  return Number(line?.split(' ').at(-1) ?? 0);
}

describe.each(NAMES)('the door of %s', (name) => {
  it.each(ATTACKS.map((attack): [string, Attack] => [attack.name, attack]))(
    'refuses what is %s, counts it, and logs none of it',
    async (_name, attack) => {
      const made = await attack.make(groundOf(name));
      if (made === undefined) return;
      const before = await countedAs(name, attack.counted);
      const offers = desk.offers.length;
      expect(await post(made)).toBe(attack.status);
      expect(await countedAs(name, attack.counted)).toBe(before + 1);
      expect(desk.offers).toHaveLength(offers);
      const logged = desk.logs.join('\n');
      for (const secret of ['29:ben', 'U0BEN00001', 'ben@example.com', 'v1,', 'sha256=', 'Bearer ', 'HMAC '])
        expect(logged).not.toContain(secret);
    },
  );

  it('takes a genuine delivery, and its replay changes nothing', async () => {
    const made = await genuine(groundOf(name), {});
    expect(await post(made)).toBeLessThan(300);
    const [taken, duplicates] = [await countedAs(name, 'taken'), await countedAs(name, 'duplicate')];
    expect(await post(made)).toBeLessThan(300);
    expect(await countedAs(name, 'taken')).toBe(taken);
    expect(await countedAs(name, 'duplicate')).toBe(duplicates + 1);
  });
});
