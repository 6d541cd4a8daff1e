import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { TicketApproval } from '../../../activities/itsm/port.js';
import { jiraCallbacks } from '../../../client/callbacks/jira.js';
import { serviceNowCallbacks } from '../../../client/callbacks/servicenow.js';
import { Secret } from '../../../runtime/secret.js';
import type { Desk } from '../gateway/support/desk.js';
import { type Answer, send } from '../gateway/support/http.js';
import { HOUR, NOW } from '../gateway/support/organisation.js';
import { AT, type FakeTickets, openCallbackDesk, standardHeaders, TICKET_ID, WH_SECRET } from './support.js';

const JIRA_SECRET = 'jira-webhook-secret';
let desk: Desk;
let tickets: FakeTickets;
afterEach(() => desk.app.close());

const approvedBy = (name: string, over: Partial<TicketApproval> = {}): TicketApproval => ({
  id: 'a1.approved',
  verdict: 'approve',
  names: [name],
  atIso: AT,
  ...over,
});

function openServiceNow(
  over: { highPrivilege?: boolean; basic?: { user: string; password: Secret } } = {},
): void {
  const { basic } = over;
  const keys = basic === undefined ? [WH_SECRET] : [];
  const made = openCallbackDesk(
    'servicenow',
    (look) => [
      serviceNowCallbacks({
        keys,
        instance: 'acme.service-now.com',
        table: 'change_request',
        look,
        ...(basic !== undefined && { basic }),
      }),
    ],
    over,
  );
  ({ desk, tickets } = made);
}

/** What our business rule sends; it names an approver, as a forger would. */
const callback = (over: object = {}, data: object = {}): string =>
  JSON.stringify({
    type: 'change.approval',
    instance: 'acme.service-now.com',
    occurred_at: AT,
    data: {
      table: 'change_request',
      sys_id: TICKET_ID,
      approval: 'approved',
      approvals: [{ approver: { email: 'ben@example.com' }, state: 'approved' }],
      ...data,
    },
    ...over,
  });

function deliver(path: string, body: string, headers: Record<string, string>): Promise<Answer> {
  return send(desk.app, { method: 'POST', url: `/webhooks/${path}`, headers, payload: body });
}

/** Sends, and closes the gateway, which ends what it has begun. */
async function deliverAndEnd(body: string, headers = standardHeaders(body)): Promise<Answer> {
  const answer = await deliver('servicenow', body, headers);
  await desk.app.close();
  return answer;
}

function claimsOf(index: number): Record<string, unknown> {
  const [, payload = ''] = desk.offers[index]?.grant.split('.') ?? [];
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
}

describe('a callback of ServiceNow', () => {
  it('brings an approval that the instance confirms to its workflow, as a grant for the person', async () => {
    openServiceNow();
    tickets.approvals.push(approvedBy('ana@example.com'));
    expect((await deliverAndEnd(callback())).status).toBe(202);
    expect(claimsOf(0)).toMatchObject({ sub: 'ana', verdict: 'approve', via: 'servicenow' });
    expect(tickets.comments).toEqual([]);
  });

  it('is a hint and nothing more: an approver whom only the body names decides nothing', async () => {
    openServiceNow();
    expect((await deliverAndEnd(callback())).status).toBe(202);
    expect([tickets.reads, desk.offers]).toEqual([1, []]);
  });

  it('gives a rejection without a comment a reason', async () => {
    openServiceNow();
    tickets.approvals.push(approvedBy('ana@example.com', { verdict: 'reject' }));
    await deliverAndEnd(callback());
    expect(claimsOf(0)).toMatchObject({
      verdict: 'reject',
      reason: 'rejected in servicenow without a reason',
    });
  });

  it.each<[name: string, approval: TicketApproval, said: string]>([
    [
      'somebody whom the directory does not know',
      approvedBy('stranger@example.com'),
      'does not know this account',
    ],
    ['somebody without the right', approvedBy('mallory@example.com'), 'does not count'],
  ])('tells the ticket why %s does not count', async (_name, approval, said) => {
    openServiceNow();
    tickets.approvals.push(approval);
    await deliverAndEnd(callback());
    expect(desk.offers).toEqual([]);
    expect(tickets.comments).toHaveLength(1);
    expect(tickets.comments[0]?.text).toContain(said);
  });

  it('sends who decides about a highly privileged identity to the page', async () => {
    openServiceNow({ highPrivilege: true });
    tickets.approvals.push(approvedBy('ana@example.com'));
    await deliverAndEnd(callback());
    expect(desk.offers).toEqual([]);
    expect(tickets.comments[0]?.text).toContain('sign in on the page');
  });

  it('does not count what was decided before the question was asked', async () => {
    openServiceNow();
    tickets.approvals.push(approvedBy('ana@example.com', { atIso: new Date(NOW - HOUR).toISOString() }));
    await deliverAndEnd(callback());
    expect([desk.offers, tickets.comments]).toEqual([[], []]);
  });

  it('is done once however often it comes', async () => {
    openServiceNow();
    tickets.approvals.push(approvedBy('mallory@example.com'));
    const body = callback();
    for (const id of ['m1', 'm1', 'm2', 'm3']) {
      expect((await deliver('servicenow', body, standardHeaders(body, { id }))).status).toBe(202);
    }
    await desk.app.close();
    expect(tickets.comments).toHaveLength(1);
    expect(desk.ledger.rows.audit.filter(({ type }) => type === 'decision.refused')).toHaveLength(1);
  });

  it.each<[name: string, body: string, headers: Record<string, string>, status: number]>([
    ['of another instance', callback({ instance: 'evil.service-now.com' }), {}, 403],
    ['a day and an hour old', callback({ occurred_at: new Date(NOW - 25 * HOUR).toISOString() }), {}, 401],
    ['without a record', callback({}, { sys_id: '../sys_user' }), {}, 400],
    ['about another table', callback({}, { table: 'incident' }), {}, 202],
    ['with the signature of another body', callback(), standardHeaders('{}'), 401],
  ])('%s reads nothing', async (_name, body, headers, status) => {
    openServiceNow();
    expect((await deliverAndEnd(body, { ...standardHeaders(body), ...headers })).status).toBe(status);
    expect(tickets.reads).toBe(0);
  });

  it('may sign in instead, where an instance cannot sign', async () => {
    openServiceNow({ basic: { user: 'curtail', password: new Secret('s3cret:word') } });
    tickets.approvals.push(approvedBy('ana@example.com'));
    const type = { 'content-type': 'application/json' };
    const auth = `Basic ${Buffer.from('curtail:s3cret:word').toString('base64')}`;
    expect((await deliver('servicenow', callback(), type)).status).toBe(401);
    expect((await deliver('servicenow', callback(), { ...type, authorization: `${auth}x` })).status).toBe(
      401,
    );
    expect((await deliverAndEnd(callback(), { ...type, authorization: auth })).status).toBe(202);
    expect(desk.offers).toHaveLength(1);
  });

  it('verifies with the key of the script that we ship', () => {
    const fixture = readFileSync(new URL('./fixtures/servicenow-approval.json', import.meta.url));
    const route = serviceNowCallbacks({
      keys: [new Secret('whsec_ZufIK0m7KR3QnI4CBEgxHEp7uWrrXF23afZoErE6ULU=')],
      instance: 'acme-dev.service-now.com',
      table: 'change_request',
      look: async () => 'done',
    });
    const headers = {
      'webhook-id': 'ae90f7470951a6373d6e3dc6d6a04399.7',
      'webhook-timestamp': '1795183387',
      'webhook-signature': 'v1,SS84FoL82GfRexBMHoTPVkL/Oza4XeIfP25PvD3jFDg=',
    };
    expect(route.verify({ headers, body: fixture }, 1_795_183_387_000)).toBeUndefined();
  });
});

describe('a cluster that is away', () => {
  it('loses no decision, and gets it once when it is back', async () => {
    openServiceNow();
    tickets.approvals.push(approvedBy('ana@example.com'));
    desk.receipt.next = new Error('no connection');
    const body = callback();
    expect((await deliver('servicenow', body, standardHeaders(body))).status).toBe(202);
    await desk.app.close();
    expect(desk.offers).toHaveLength(1);

    const { ledger, offers } = desk;
    const kept = new Map(ledger.rows.items);
    openServiceNow();
    tickets.approvals.push(approvedBy('ana@example.com'));
    for (const [key, value] of kept) desk.ledger.rows.items.set(key, value);
    expect((await deliver('servicenow', body, standardHeaders(body))).status).toBe(202);
    await desk.app.close();
    expect(desk.offers).toHaveLength(1);
    // The same click is the same Update, whichever gateway hands it over.
    expect(desk.offers[0]?.updateId).toBe(offers[0]?.updateId);
  });
});

describe('a callback of Jira', () => {
  const issue = { id: '10068', self: 'https://acme.atlassian.net/rest/api/2/issue/10068' };
  const moved = (over: object = {}): string =>
    JSON.stringify({
      timestamp: NOW,
      webhookEvent: 'jira:issue_updated',
      user: { accountId: '712020:ben' },
      issue,
      changelog: { items: [{ field: 'status', toString: 'Approved' }] },
      ...over,
    });
  const signed = (body: string, secret = JIRA_SECRET): Record<string, string> => ({
    'content-type': 'application/json; charset=UTF-8',
    'x-atlassian-webhook-identifier': '5c1f0f5e-3a90-4c0c-9a5b-1e9c4d2f7a10',
    'x-hub-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  });

  function openJira(): void {
    const made = openCallbackDesk('jira', (look) =>
      jiraCallbacks({
        secrets: [new Secret('the one before'), new Secret(JIRA_SECRET)],
        siteUrl: 'https://acme.atlassian.net',
        look,
      }),
    );
    ({ desk, tickets } = made);
    const [row] = desk.ledger.rows.requests;
    if (row === undefined) throw new Error('no request');
    desk.ledger.rows.requests[0] = { ...row, ticket: { id: '10068', number: 'SEC-42', url: '' } };
  }

  it.each<[name: string, path: string, body: string, headers: Record<string, string>, offers: number]>([
    ['by webhook', 'jira', moved(), {}, 1],
    ['by a rule', 'jira/automation', '{"issueId":"10068"}', { authorization: `Bearer ${JIRA_SECRET}` }, 1],
    [
      'by a rule of the older kind',
      'jira/automation',
      JSON.stringify({ issue }),
      { authorization: `Bearer ${JIRA_SECRET}` },
      1,
    ],
    ['about another issue', 'jira', moved({ issue: { ...issue, id: '10069' } }), {}, 0],
    ['about no issue', 'jira', moved({ issue: undefined }), {}, 0],
  ])('is taken: %s', async (_name, path, body, headers, offers) => {
    openJira();
    tickets.approvals.push(approvedBy('ana@example.com'));
    expect((await deliver(path, body, { ...signed(body), ...headers })).status).toBe(202);
    await desk.app.close();
    expect(desk.offers).toHaveLength(offers);
  });

  it.each<[name: string, path: string, body: string, headers: Record<string, string>, status: number]>([
    ['signed with another secret', 'jira', moved(), signed(moved(), 'x'), 401],
    ['signed with another method', 'jira', moved(), { 'x-hub-signature': 'md5=abcd' }, 401],
    ['two days old', 'jira', moved({ timestamp: NOW - 48 * HOUR }), {}, 401],
    ['from tomorrow', 'jira', moved({ timestamp: NOW + 24 * HOUR }), {}, 401],
    [
      'of another site',
      'jira',
      moved({ issue: { ...issue, self: 'https://evil.atlassian.net/10068' } }),
      {},
      403,
    ],
    ['of another shape', 'jira', '[]', {}, 400],
    ['a rule without its bearer', 'jira/automation', '{"issueId":"10068"}', {}, 401],
    [
      'a rule with an address for an id',
      'jira/automation',
      '{"issueId":"../user"}',
      { authorization: `Bearer ${JIRA_SECRET}` },
      400,
    ],
  ])('is refused: %s', async (_name, path, body, headers, status) => {
    openJira();
    expect((await deliver(path, body, { ...signed(body), ...headers })).status).toBe(status);
    await desk.app.close();
    expect(tickets.reads).toBe(0);
  });
});
