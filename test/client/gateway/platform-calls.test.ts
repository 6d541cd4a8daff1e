import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Desk, openDesk, signIn, TOKEN } from './support/desk.js';
import { send } from './support/http.js';
import { findingRow, NOW } from './support/organisation.js';

let desk: Desk;
const row = findingRow();
beforeEach(() => {
  desk = openDesk();
  const { source: platform, sourceId } = row.finding;
  const call = { platform, method: 'GET', durationMs: 12, atMs: NOW };
  desk.ledger.rows.platformCalls.push(
    { ...call, sourceId, operation: 'reading an <issue>', status: 200, digest: 'd'.repeat(64) },
    { ...call, sourceId, operation: 'writing a note', status: 0 },
    { ...call, sourceId: 'another', operation: 'somebody else', status: 200 },
  );
});
afterEach(() => desk.app.close());

function ask(key: string) {
  return send(desk.app, {
    method: 'GET',
    url: `/api/v1/findings/${key}/calls`,
    headers: { authorization: `Bearer ${TOKEN}` },
  });
}

describe('calls of a platform', () => {
  it('are told by finding', async () => {
    const answer = JSON.parse((await ask(row.key)).text);
    expect(answer.calls.map(({ operation }: { operation: string }) => operation)).toEqual([
      'reading an <issue>',
      'writing a note',
    ]);
    expect((await ask('nobody')).status).toBe(404);
  });

  it('stand on the page of the finding, escaped', async () => {
    const page = await (await signIn(desk, 'olga')).get(`/findings/${row.key}`);
    expect(page.text).toContain('reading an &lt;issue&gt;');
    expect(page.text).toContain('no answer');
    expect(page.text).not.toContain('somebody else');
  });
});
