import { afterEach, describe, expect, it } from '@jest/globals';
import type { QuarantineRow } from '../../../domain/finding/quarantine.js';
import { type Desk, openDesk, TOKEN } from './support/desk.js';
import { send } from './support/http.js';

const ROWS: readonly QuarantineRow[] = [
  { id: 2, source: 'wiz', reason: 'no id', pointer: '/id', line: 7, original: { a: 1 }, atMs: 2_000 },
  { id: 1, source: 'generic', reason: 'not JSON', original: 'abc', atMs: 1_000 },
];
let desk: Desk | undefined;
afterEach(async () => {
  await desk?.app.close();
});

function open(replayed: number[] = []): Desk {
  desk = openDesk({
    quarantine: {
      list: async () => ROWS,
      record: async (id) => ROWS.find((row) => row.id === id),
      replay: async ({ id }) => {
        replayed.push(id);
        return { id, outcome: 'taken-in', findingKeys: ['k'] };
      },
    },
  });
  return desk;
}

async function ask(on: Desk, method: string, url: string) {
  const answer = await send(on.app, {
    method,
    url: `/api/v1${url}`,
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    ...(method === 'POST' && { payload: '{}' }),
  });
  return { status: answer.status, body: JSON.parse(answer.text) };
}

describe('the quarantine', () => {
  it('is listed, shown and read again, oldest first', async () => {
    const replayed: number[] = [];
    const on = open(replayed);
    expect((await ask(on, 'GET', '/quarantine')).body.records).toEqual(
      ROWS.map(({ original: _original, ...row }) => row),
    );
    expect((await ask(on, 'GET', '/quarantine/2')).body).toEqual(ROWS[0]);
    expect((await ask(on, 'POST', '/quarantine/2/replay')).body.outcome).toBe('taken-in');
    expect((await ask(on, 'POST', '/quarantine/replay')).body.results).toHaveLength(2);
    expect(replayed).toEqual([2, 1, 2]);
  });

  it.each<[string, string, number]>([
    ['GET', '/quarantine/99', 404],
    ['POST', '/quarantine/99/replay', 404],
    ['GET', '/quarantine/abc', 400],
    ['GET', '/quarantine/0', 400],
  ])('%s %s', async (method, url, status) => {
    expect((await ask(open(), method, url)).status).toBe(status);
  });

  it('is said to be absent where nothing is taken in', async () => {
    desk = openDesk();
    expect((await ask(desk, 'GET', '/quarantine')).status).toBe(503);
  });
});
