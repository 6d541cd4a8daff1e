import type { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Desk, openDesk, TOKEN } from './support/desk.js';
import { type Answer, send } from './support/http.js';
import { DIGEST, findingRow, REQUEST_ID } from './support/organisation.js';

const KEY = findingRow().key;
const REQUEST = `/api/v1/requests/${encodeURIComponent(REQUEST_ID)}`;
let desk: Desk;
afterEach(() => desk.app.close());

function call(
  method: string,
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const type: Record<string, string> = payload === undefined ? {} : { 'content-type': 'application/json' };
  const all = { authorization: `Bearer ${TOKEN}`, ...type, ...headers };
  return send(desk.app, { method, url, headers: all, ...(payload !== undefined && { payload }) });
}

async function cliSession(personId: string): Promise<string> {
  const { challenge } = JSON.parse((await call('POST', '/api/v1/sign-in', { person: personId })).text);
  const code = desk.codes.get(personId);
  return JSON.parse((await call('POST', '/api/v1/sign-in/code', { challenge, code })).text).session;
}

describe('the API', () => {
  it.each<[string, Record<string, string>, number]>([
    ['no token', { authorization: '' }, 401],
    ['a wrong token', { authorization: 'Bearer nope' }, 401],
    ['the token without its scheme', { authorization: TOKEN }, 401],
    ['a longer token', { authorization: `Bearer ${TOKEN}x` }, 401],
    ['a proxy in between', { 'x-forwarded-for': '203.0.113.9' }, 403],
    ['the token', {}, 200],
  ])('with %s', async (_name, headers, status) => {
    desk = openDesk();
    const answer = await call('GET', '/api/v1/counts', undefined, headers);
    expect(answer.status).toBe(status);
    if (status !== 200) expect(JSON.parse(answer.text).error.requestId).toBe(answer.headers['x-request-id']);
  });

  it('lists and shows findings and requests', async () => {
    desk = openDesk();
    const list = JSON.parse(
      (await call('GET', '/api/v1/findings?live=true&stage=awaiting-decision&source=wiz')).text,
    );
    expect(list.findings.map((row: { key: string }) => row.key)).toEqual([KEY]);
    expect(JSON.parse((await call('GET', '/api/v1/findings?stage=closed')).text).findings).toEqual([]);
    const shown = JSON.parse((await call('GET', `/api/v1/findings/${KEY}`)).text);
    expect(shown).toMatchObject({
      finding: { key: KEY },
      requests: [{ request: { id: REQUEST_ID } }],
      changes: [],
      audit: [],
    });
    const request = JSON.parse((await call('GET', REQUEST)).text);
    expect(request).toMatchObject({ request: { status: 'open' }, draft: { digest: DIGEST } });
    expect(
      JSON.parse((await call('GET', '/api/v1/requests?person=ana&status=open')).text).requests,
    ).toHaveLength(1);
    expect(JSON.parse((await call('GET', '/api/v1/counts')).text)).toEqual({
      stages: { 'awaiting-decision': 1 },
      outcomes: {},
    });
  });

  it.each([
    ['GET', '/api/v1/findings?limit=-1', 400],
    ['GET', '/api/v1/findings?stage=nowhere', 400],
    ['GET', '/api/v1/findings/nothing', 404],
    ['GET', '/api/v1/requests/nothing', 404],
    ['GET', '/api/v1/nowhere', 404],
    ['POST', '/api/v1/findings/nothing/retry', 404],
  ])('answers %s %s with %d', async (method, url, status) => {
    desk = openDesk();
    const answer = await call(method, url);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text).error.type).toEqual(expect.any(String));
  });

  it('decides for a person who signed in by code, as that person', async () => {
    desk = openDesk();
    const session = await cliSession('ana');
    const answer = await call('POST', `${REQUEST}/decide`, { session, verdict: 'approve', digest: DIGEST });
    expect(JSON.parse(answer.text)).toEqual({
      outcome: 'accepted',
      receipt: { outcome: 'accepted', complete: true, waitingFor: 0 },
    });
    const claims = JSON.parse(Buffer.from(desk.offers[0]?.grant.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({ sub: 'ana', via: 'cli', digest: DIGEST });
  });

  it('does not decide for the token alone, for a wrong code, or about another draft', async () => {
    desk = openDesk();
    const body = { verdict: 'approve', digest: DIGEST };
    expect((await call('POST', `${REQUEST}/decide`, body)).status).toBe(400);
    expect((await call('POST', `${REQUEST}/decide`, { ...body, session: 'x'.repeat(43) })).status).toBe(401);
    const { challenge } = JSON.parse((await call('POST', '/api/v1/sign-in', { person: 'ana' })).text);
    expect((await call('POST', '/api/v1/sign-in/code', { challenge, code: 'x' })).status).toBe(401);
    const session = await cliSession('ana');
    const stale = await call('POST', `${REQUEST}/decide`, { ...body, session, digest: 'e'.repeat(64) });
    expect(JSON.parse(stale.text)).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('changed'),
    });
    const other = await cliSession('mallory');
    const wrong = await call('POST', `${REQUEST}/decide`, { ...body, session: other });
    expect(JSON.parse(wrong.text)).toMatchObject({ outcome: 'refused' });
    expect(desk.offers).toEqual([]);
  });

  it('gives an operator’s commands', async () => {
    desk = openDesk();
    for (const command of ['retry', 'resume', 'cancel']) {
      expect(JSON.parse((await call('POST', `/api/v1/findings/${KEY}/${command}`)).text)).toMatchObject({
        done: true,
      });
    }
    expect(desk.commands).toHaveLength(3);
  });

  it('verifies, exports and watches the audit chain', async () => {
    desk = openDesk();
    await cliSession('ana');
    await call('POST', `${REQUEST}/decide`, {
      session: await cliSession('ana'),
      verdict: 'approve',
      digest: DIGEST,
    });
    const verified = JSON.parse((await call('POST', '/api/v1/audit/verify', { heads: [] })).text);
    expect(verified).toMatchObject({ ok: true, rows: 1 });
    const lines = (await call('GET', '/api/v1/audit/export')).text.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).type)).toEqual(['grant.signed']);
    expect(JSON.parse((await call('GET', '/api/v1/audit/heads')).text).heads).toHaveLength(1);
    const first = JSON.parse((await call('GET', '/api/v1/watch?afterSeq=0&waitMs=0')).text);
    expect(first).toMatchObject({ afterSeq: 1, rows: [{ type: 'grant.signed' }] });
    const none = JSON.parse((await call('GET', '/api/v1/watch?afterSeq=1&waitMs=0')).text);
    expect(none).toEqual({ rows: [], afterSeq: 1 });
  });

  it('hands an export on as it comes, whatever its type', async () => {
    const seen: { source: string; text: string }[] = [];
    const intake = async (input: { source: string; body: Readable }) => {
      const chunks: Buffer[] = [];
      for await (const chunk of input.body) chunks.push(Buffer.from(chunk));
      seen.push({ source: input.source, text: Buffer.concat(chunks).toString() });
      return {
        received: 1,
        new: 1,
        changed: 0,
        reopened: 0,
        unchanged: 0,
        quarantined: 0,
        started: 1,
        held: 0,
      };
    };
    desk = openDesk({ intake });
    const csv = await call('POST', '/api/v1/ingest/wiz', undefined, { 'content-type': 'text/csv' });
    expect(csv.status).toBe(202);
    const json = await call('POST', '/api/v1/ingest/generic', { pad: 'x'.repeat(1_000_000) });
    expect(JSON.parse(json.text)).toMatchObject({ received: 1 });
    expect(seen.map((each) => [each.source, each.text.length])).toEqual([
      ['wiz', 0],
      ['generic', 1_000_010],
    ]);
    expect((await call('POST', '/api/v1/ingest/elsewhere', {})).status).toBe(400);
  });
});

describe('health', () => {
  it('is live while the ledger is away, and ready only with it', async () => {
    desk = openDesk();
    desk.ledger.down = true;
    expect((await send(desk.app, { method: 'GET', url: '/healthz' })).status).toBe(200);
    const unready = await send(desk.app, { method: 'GET', url: '/readyz' });
    expect(unready.status).toBe(503);
    expect(unready.text).not.toContain('hunter2');
    desk.ledger.down = false;
    expect((await send(desk.app, { method: 'GET', url: '/readyz' })).status).toBe(200);
  });

  it('counts decisions, refusals, findings and latency', async () => {
    desk = openDesk();
    const session = await cliSession('ana');
    await call('POST', `${REQUEST}/decide`, { session, verdict: 'approve', digest: DIGEST });
    await call('POST', `${REQUEST}/decide`, { session, verdict: 'approve', digest: 'old' });
    const { text } = await send(desk.app, { method: 'GET', url: '/metrics' });
    expect(text).toContain('curtail_decisions_total{verdict="approve",via="cli",outcome="accepted"} 1');
    expect(text).toContain('curtail_refusals_total{why="stale"} 1');
    expect(text).toContain('curtail_findings{stage="awaiting-decision"} 1');
    expect(text).toMatch(
      /curtail_http_request_seconds_count\{method="POST",route="\/api\/v1\/requests\/:id\/decide",status="200"\} 2/,
    );
    expect(text).not.toContain(REQUEST_ID);
  });

  it('keeps its metrics from strangers', async () => {
    desk = openDesk();
    const headers = { 'x-forwarded-for': '203.0.113.9' };
    expect((await send(desk.app, { method: 'GET', url: '/metrics', headers })).status).toBe(401);
    const scrape = await send(desk.app, {
      method: 'GET',
      url: '/metrics',
      headers: { ...headers, authorization: `Bearer ${TOKEN}` },
    });
    expect(scrape.status).toBe(200);
  });
});
