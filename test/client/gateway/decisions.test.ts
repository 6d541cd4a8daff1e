import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { openPublicKeys, openSigner } from '../../../runtime/grant-keys.js';
import { verifyGrant } from '../../../runtime/grants.js';
import { type Browser, type Desk, openDesk, signIn } from './support/desk.js';
import { approval, DIGEST, HOUR, NOW, REQUEST_ID, requestRow, WORKFLOW } from './support/organisation.js';

const PAGE = `/requests/${encodeURIComponent(REQUEST_ID)}`;
let desk: Desk;
afterEach(() => desk.app.close());

/** Opens the page, fills the form as it stands there, and follows to what the page says next. */
async function decide(
  browser: Browser,
  verdict: string,
  fields: Record<string, string | string[]> = {},
): Promise<string> {
  const page = await browser.get(PAGE);
  const form = browser.form(page.text, '/decide', `value="${verdict}"`);
  const sent = await browser.post(`${PAGE}/decide`, { ...form, ...fields });
  if (sent.location === undefined) return sent.text;
  return (await browser.get(sent.location)).text;
}

describe('deciding', () => {
  it('approves exactly what was shown, with a grant that verifies', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'desk-'));
    const signer = await openSigner(folder);
    desk = openDesk({ signer });
    const ana = await signIn(desk, 'ana');
    expect(await decide(ana, 'approve')).toContain('Your decision is on record and counts.');
    const [offer] = desk.offers;
    expect(offer).toMatchObject({ workflowId: WORKFLOW, requestId: REQUEST_ID });
    const checked = await verifyGrant(offer?.grant, openPublicKeys(folder), { nowMs: NOW });
    expect(checked).toMatchObject({
      ok: true,
      claims: { sub: 'ana', digest: DIGEST, verdict: 'approve', via: 'page' },
    });
    await rm(folder, { recursive: true });
  });

  it('is one offer when the button is clicked twice, and another after a reload', async () => {
    desk = openDesk();
    const ana = await signIn(desk, 'ana');
    const form = ana.form((await ana.get(PAGE)).text, '/decide', 'value="approve"');
    await ana.post(`${PAGE}/decide`, form);
    await ana.post(`${PAGE}/decide`, form);
    await decide(ana, 'approve');
    const ids = desk.offers.map((offer) => offer.updateId);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it('says what happened once', async () => {
    desk = openDesk();
    const ana = await signIn(desk, 'ana');
    await decide(ana, 'approve');
    expect((await ana.get(PAGE)).text).not.toContain('on record and counts');
  });

  it('releases a ticket with a note, and says that nothing changes yet', async () => {
    desk = openDesk();
    const [row] = desk.ledger.rows.requests;
    if (row === undefined) throw new Error('no request');
    desk.ledger.rows.requests[0] = { ...row, request: { ...row.request, subject: 'ticket-release' } };
    const ana = await signIn(desk, 'ana');
    const page = (await ana.get(PAGE)).text;
    expect(page).toContain('Release the ticket');
    expect(page).toContain('Nothing changes yet');
    expect(page).not.toContain('Approve &amp; deploy');
    await decide(ana, 'approve', { reason: 'check the yearly job' });
    expect(claimsOf(desk.offers[0]?.grant)).toMatchObject({
      verdict: 'approve',
      reason: 'check the yearly job',
    });
  });

  it('takes a rejection with its reason only', async () => {
    desk = openDesk();
    const ana = await signIn(desk, 'ana');
    expect(await decide(ana, 'reject', { reason: '  ' })).toContain('a rejection needs a reason');
    expect(desk.offers).toHaveLength(0);
    await decide(ana, 'reject', { reason: 'month end\r\nis next week' });
    expect(claimsOf(desk.offers[0]?.grant)).toMatchObject({
      verdict: 'reject',
      reason: 'month end\nis next week',
    });
  });

  it('takes an edit that keeps what the draft removes, and nothing else', async () => {
    desk = openDesk();
    const ana = await signIn(desk, 'ana');
    const reason = 'the yearly export writes';
    expect(await decide(ana, 'edit', { reason })).toContain('an edit names what to keep');
    expect(await decide(ana, 'edit', { reason, keep: ['iam:*'] })).toContain(
      'can only keep actions that the draft removes',
    );
    await decide(ana, 'edit', { reason, keep: ['s3:PutObject', 'dynamodb:Scan'] });
    expect(claimsOf(desk.offers[0]?.grant)).toMatchObject({
      verdict: 'edit',
      keepActions: ['s3:PutObject', 'dynamodb:Scan'],
    });
  });

  it('refuses a draft that changed since it was shown', async () => {
    desk = openDesk();
    const ana = await signIn(desk, 'ana');
    const form = ana.form((await ana.get(PAGE)).text, '/decide', 'value="approve"');
    desk.ledger.rows.requests[0] = requestRow({ request: approval({ digest: 'f'.repeat(64) }) });
    const sent = await ana.post(`${PAGE}/decide`, form);
    expect((await ana.get(sent.location ?? '')).text).toContain('the draft has changed since it was shown');
    expect(desk.offers).toHaveLength(0);
  });

  it.each([
    ['whoever was not asked', 'mallory', {}, 404],
    ['an auditor', 'cleo', {}, /no role that decides/],
    ['the person who asked for it', 'ana', { requestedBy: 'ana' }, /asked for a change/],
    ['the person who drafted it', 'ana', { draftedBy: 'ana' }, /drafted or edited/],
    ['anybody after the time is over', 'ana', { expiresAtMs: NOW + 1 }, /time to decide is over/],
  ] as const)('refuses %s', async (_name, personId, over, expected) => {
    desk = openDesk();
    desk.ledger.rows.requests[0] = requestRow({ request: approval({ ...over }) });
    const browser = await signIn(desk, personId);
    if (expected === 404) {
      expect((await browser.get(PAGE)).status).toBe(404);
      expect((await browser.post(`${PAGE}/decide`, { csrf: 'x' })).status).toBe(403);
      return;
    }
    const shown = (await browser.get(PAGE)).text;
    const { csrf = '' } = browser.form(shown, '/sign-out');
    desk.clock.nowMs += 2;
    const form = { csrf, digest: DIGEST, nonce: 'n'.repeat(16), verdict: 'approve' };
    const sent = await browser.post(`${PAGE}/decide`, form);
    const said = (await browser.get(sent.location ?? '')).text;
    expect(/class="banner[^>]*>([^<]*)</.exec(said)?.[1]).toMatch(expected);
    expect(desk.offers).toHaveLength(0);
    expect(desk.ledger.rows.audit.filter((row) => row.type === 'decision.refused')).toHaveLength(1);
    expect(desk.ledger.rows.audit.filter((row) => row.type === 'grant.signed')).toHaveLength(0);
  });

  it('asks whoever can use the identity for a proof that the change only reduces', async () => {
    desk = openDesk({ separationFacts: async () => ({ assumerIds: ['ana'] }) });
    const ana = await signIn(desk, 'ana');
    expect(await decide(ana, 'approve')).toContain('on record');
    desk.ledger.rows.requests[0] = requestRow({ request: approval({ provedReduction: false }) });
    const { text } = await ana.get(PAGE);
    expect(text).toContain(
      'You cannot approve this: who can use this identity may approve only a proved reduction',
    );
    expect(() => ana.form(text, '/decide', 'value="approve"')).toThrow();
    expect(ana.form(text, '/decide', 'value="reject"')['verdict']).toBe('reject');
  });

  it('offers an auditor nothing to decide with', async () => {
    desk = openDesk();
    const { text } = await (await signIn(desk, 'cleo')).get(PAGE);
    expect(text).toContain('You can read everything here, but not decide');
    expect(text).not.toContain('/decide"');
    expect(text).not.toContain('/sign"');
  });

  it('tells the workflow’s own no, and an answer that did not come, apart', async () => {
    desk = openDesk();
    const ana = await signIn(desk, 'ana');
    desk.receipt.next = { outcome: 'refused', reason: 'nothing waits for a decision' };
    expect(await decide(ana, 'approve')).toContain('That was not taken: nothing waits for a decision.');
    desk.receipt.next = new Error('deadline exceeded at 10.0.0.7:7233');
    const text = await decide(ana, 'approve');
    expect(text).toContain('could not learn whether your decision was recorded');
    expect(text).not.toContain('10.0.0.7');
  });

  it('waits for the second person, and says who was first', async () => {
    desk = openDesk();
    const first = {
      verdict: 'approve' as const,
      personId: 'ben',
      requestId: REQUEST_ID,
      workflowId: WORKFLOW,
      digest: DIGEST,
      jti: 'j',
      issuedAtMs: NOW - HOUR,
    };
    desk.ledger.rows.requests[0] = requestRow({
      request: approval({ highPrivilege: true, approverIds: ['ana', 'ben'] }),
      decisions: [first],
    });
    desk.receipt.next = { outcome: 'accepted', complete: false, waitingFor: 1 };
    const ana = await signIn(desk, 'ana');
    expect((await ana.get(PAGE)).text).toMatch(/Two different people must approve.*So far: Ben Okafor/s);
    expect(await decide(ana, 'approve')).toContain('One more person must approve');
  });

  it('wants a fresh sign-in for high privilege', async () => {
    desk = openDesk();
    desk.ledger.rows.requests[0] = requestRow({ request: approval({ highPrivilege: true }) });
    const ana = await signIn(desk, 'ana');
    const form = ana.form((await ana.get(PAGE)).text, '/decide', 'value="approve"');
    desk.clock.nowMs += 11 * 60_000;
    expect((await ana.get(PAGE)).text).toContain('Sign in again');
    expect((await ana.get(PAGE)).text).not.toContain('Approve &amp; deploy');
    const sent = await ana.post(`${PAGE}/decide`, form);
    expect(sent.location).toBe(`/sign-in?next=${encodeURIComponent(PAGE)}`);
    expect(desk.offers).toHaveLength(0);
  });

  it('needs the session’s token in every form', async () => {
    desk = openDesk();
    const ana = await signIn(desk, 'ana');
    const form = ana.form((await ana.get(PAGE)).text, '/decide', 'value="approve"');
    const ben = await signIn(desk, 'ben');
    const other = ben.form((await ben.get(PAGE)).text, '/decide', 'value="approve"');
    for (const csrf of ['', 'x'.repeat(43), other['csrf'] ?? '']) {
      expect((await ana.post(`${PAGE}/decide`, { ...form, csrf })).status).toBe(403);
    }
    expect(desk.offers).toHaveLength(0);
  });
});

describe('a copied decision', () => {
  it('is a grant for this draft, shown once and kept nowhere', async () => {
    desk = openDesk();
    const ana = await signIn(desk, 'ana');
    const form = ana.form((await ana.get(PAGE)).text, '/sign');
    const signed = await ana.post(`${PAGE}/sign`, { ...form, verdict: 'approve', reason: '' });
    const shown = /<textarea[^>]*>\{&quot;grant&quot;:&quot;([^&]+)&quot;\}<\/textarea>/.exec(
      signed.text,
    )?.[1];
    expect(claimsOf(shown)).toMatchObject({ sub: 'ana', digest: DIGEST, verdict: 'approve' });
    expect(signed.headers['cache-control']).toBe('no-store');
    expect(JSON.stringify(desk.ledger.rows)).not.toContain(shown);
    expect(desk.offers).toHaveLength(0);
  });

  it('is refused as a decision would be', async () => {
    desk = openDesk();
    desk.ledger.rows.requests[0] = requestRow({ request: approval({ draftedBy: 'ana' }) });
    const ana = await signIn(desk, 'ana');
    const form = ana.form((await ana.get(PAGE)).text, '/sign');
    const sent = await ana.post(`${PAGE}/sign`, { ...form, verdict: 'approve', reason: '' });
    expect((await ana.get(sent.location ?? '')).text).toContain('cannot approve it');
  });
});

describe('a question', () => {
  it('is answered, marked, and on record', async () => {
    desk = openDesk();
    const ana = await signIn(desk, 'ana');
    const form = ana.form((await ana.get(PAGE)).text, '/questions');
    const sent = await ana.post(`${PAGE}/questions`, { ...form, question: 'Is <b>delete</b> used?' });
    const page = await ana.get((sent.location ?? '').split('#')[0] ?? '');
    expect(page.text).toContain('You asked: Is &lt;b&gt;delete&lt;/b&gt; used?');
    expect(page.text).toMatch(/AI-generated guidance[\s\S]*llm_q1/);
    expect(desk.ledger.rows.audit.find((row) => row.type === 'question.answered')).toMatchObject({
      actor: 'ana',
      fields: { llmSessionId: 'llm_q1' },
    });
    expect((await ana.post(`${PAGE}/questions`, { ...form, question: ' ' })).status).toBe(400);
  });
});

describe('after a decision', () => {
  it('the page follows the change until it is verified', async () => {
    desk = openDesk();
    const ana = await signIn(desk, 'ana');
    desk.ledger.rows.requests[0] = requestRow({ status: 'approved', closedMs: NOW });
    const [lead] = desk.ledger.rows.findings;
    if (lead === undefined) throw new Error('no finding');
    lead.stage = 'remediating';
    const moving = await ana.get(PAGE);
    expect(moving.text).toMatch(/<noscript><meta http-equiv="refresh" content="5"><\/noscript>/);
    const followed = /data-follow="([^"]+)" data-state="([^"]+)"/.exec(moving.text);
    expect(JSON.parse((await ana.get(followed?.[1] ?? '')).text)).toEqual({ state: followed?.[2] });
    lead.stage = 'closed';
    lead.outcome = 'verified';
    expect(JSON.parse((await ana.get(followed?.[1] ?? '')).text)).not.toEqual({ state: followed?.[2] });
    const settled = await ana.get(PAGE);
    expect(settled.text).toContain('Fixed and verified');
    expect(settled.text).not.toContain('http-equiv="refresh"');
  });

  it('an edited request leads to the one that followed', async () => {
    desk = openDesk();
    desk.ledger.rows.requests[0] = requestRow({ status: 'edited', closedMs: NOW });
    const next = `${WORKFLOW}#g1r2`;
    desk.ledger.rows.requests.push(requestRow({ request: approval({ id: next, openedAtMs: NOW }) }));
    const ana = await signIn(desk, 'ana');
    expect((await ana.get(PAGE)).text).toContain(`href="/requests/${encodeURIComponent(next)}"`);
  });
});

function claimsOf(grant: string | undefined): unknown {
  return JSON.parse(Buffer.from(grant?.split('.')[1] ?? '', 'base64url').toString());
}
