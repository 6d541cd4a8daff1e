import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Ledger } from '../../../activities/ledger/port.js';
import { openLedger } from '../../../activities/ledger/registry.js';
import { Secret } from '../../../runtime/secret.js';
import { type Desk, openDesk, signIn } from './support/desk.js';
import { draftRow, finding, NOW, REQUEST_ID, requestRow } from './support/organisation.js';

const PAGE = `/requests/${encodeURIComponent(REQUEST_ID)}`;
let folder: string;
let ledger: Ledger;
let desk: Desk;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gateway-ledger-'));
  const key = new Secret(randomBytes(32).toString('base64'));
  ledger = await openLedger(
    { vendor: 'embedded', folder: path.join(folder, 'ledger'), bodyKey: 'env:KEY' },
    { log: () => {}, now: () => NOW, fetch, resolveSecret: async () => key, folder },
  );
  const { request, status, notices, decisions, ...rest } = requestRow();
  const records = [{ key: rest.findingKeys[0] ?? '', fingerprint: 'f', finding: finding(), original: {} }];
  await ledger.recordFindings({ scanId: 's', source: 'wiz', atMs: NOW, records });
  await ledger.putDraft(draftRow(), []);
  await ledger.openRequest({ request, ...rest }, []);
  expect([status, decisions]).toEqual(['open', []]);
  for (const notice of notices) await ledger.recordNotice({ requestId: request.id, ...notice }, []);
  desk = openDesk({ ledger });
});
afterAll(async () => {
  await desk.app.close();
  await ledger.close();
  await rm(folder, { recursive: true });
});

describe('over the embedded ledger', () => {
  it('a person signs in, reads, asks, decides, and an auditor sees it', async () => {
    const ana = await signIn(desk, 'ana');
    expect((await ana.get('/')).text).toContain('One decision waits for you');
    const page = await ana.get(PAGE);
    expect(page.text).toContain('18,204 observed requests replayed');
    await ana.post(`${PAGE}/questions`, { ...ana.form(page.text, '/questions'), question: 'Why?' });
    const sent = await ana.post(`${PAGE}/decide`, ana.form(page.text, '/decide', 'value="approve"'));
    const after = await ana.get(sent.location ?? '');
    expect(after.text).toContain('Your decision is on record and counts.');
    expect(after.text).toContain('You asked: Why?');
    const measures = await ledger.measures(0);
    expect(measures.map((each) => each.what)).toContain('understood');
    const cleo = await signIn(desk, 'cleo');
    expect((await cleo.get('/audit')).text).toMatch(/Intact[\s\S]*A decision was signed for them/);
    expect(await ledger.verifyAudit()).toMatchObject({ ok: true, faults: [] });
  });

  it('a code is spent once and a session ends, whoever asks at the same time', async () => {
    const [first, second] = await Promise.all([signIn(desk, 'ben'), signIn(desk, 'olga')]);
    const page = await first.get('/');
    await first.post('/sign-out', first.form(page.text, '/sign-out'));
    expect((await first.get('/')).status).toBe(303);
    expect((await second.get('/findings')).status).toBe(200);
  });
});
