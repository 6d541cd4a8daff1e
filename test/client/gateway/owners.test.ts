import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NOBODY_KNOWN } from '../../../domain/ownership/rules.js';
import { type Desk, openDesk, signIn, TOKEN } from './support/desk.js';
import { send } from './support/http.js';
import { finding, findingRow, PEOPLE } from './support/organisation.js';

const security = PEOPLE.find(({ roles }) => roles.includes('security'))?.id ?? '';
const owner = PEOPLE.find(({ roles }) => roles.includes('owner')) ?? PEOPLE[0];
const RULES = `account,tags,person\n*,team=unheard-of,${owner?.id}\n`;
let desk: Desk;
beforeEach(() => {
  desk = openDesk();
  const { draftDigest: _none, ...row } = findingRow({
    owner: NOBODY_KNOWN,
    stage: 'awaiting-decision',
    finding: finding({ tags: { team: 'unheard-of' } }),
  });
  desk.ledger.rows.findings[0] = row;
});
afterEach(() => desk.app.close());

describe('the page of owners', () => {
  it('groups what nobody owns, tries rules before they are saved, and keeps their history', async () => {
    const browser = await signIn(desk, security);
    const page = await browser.get('/owners');
    expect(page.text).toContain('team=unheard-of');
    const fields = browser.form(page.text, '/owners/preview');
    const tried = await browser.post('/owners/preview', { ...fields, text: RULES });
    expect(tried.text).toContain('Every finding would have an owner.');
    expect((await browser.get('/owners')).text).toContain('There are no rules yet.');

    const saving = browser.form(tried.text, '/owners/preview');
    const saved = await browser.post('/owners/save', {
      ...saving,
      text: RULES,
      note: 'the team was renamed',
    });
    expect(saved.status).toBe(303);
    const after = (await browser.get('/owners')).text;
    expect(after).toContain('Saved as version 1');
    expect(after).toContain('the team was renamed');
    expect(desk.ledger.rows.audit.map(({ type, actor }) => [type, actor])).toContainEqual([
      'owner-rules.saved',
      security,
    ]);

    const again = await browser.post('/owners/save', { ...saving, text: RULES });
    expect(again.status).toBe(303);
    expect((await browser.get('/owners')).text).toContain('saved other rules meanwhile');
  });

  it('says which rule asks nobody, and what cannot be read', async () => {
    const browser = await signIn(desk, security);
    const fields = browser.form((await browser.get('/owners')).text, '/owners/preview');
    const unknown = await browser.post('/owners/preview', { ...fields, text: 'account,team\n*,ghosts\n' });
    expect(unknown.text).toContain('the directory knows no team ghosts');
    expect(unknown.text).toContain('1 finding would still have no owner.');
    const broken = await browser.post('/owners/preview', { ...fields, text: 'acount,team\n1,<b>\n' });
    expect(broken.text).toContain('there is no column acount');
    expect(broken.text).not.toContain('/owners/save');
  });

  it('lets nobody without the role security change them', async () => {
    const other = PEOPLE.find(({ roles }) => roles.includes('auditor'))?.id ?? '';
    const browser = await signIn(desk, other);
    const page = await browser.get('/owners');
    expect(page.text).not.toContain('<textarea');
    const { csrf } = browser.form(page.text, '/sign-out');
    const refused = await browser.post('/owners/save', { csrf: csrf ?? '', base: '0', text: RULES });
    expect(refused.status).toBe(403);
  });

  it('saves from the command line only in the name of a person who signed in', async () => {
    const call = (path: string, payload: unknown) =>
      send(desk.app, {
        method: 'POST',
        url: `/api/v1${path}`,
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
        payload: JSON.stringify(payload),
      });
    const forged = await call('/owners/save', { session: 'x', text: RULES, baseVersion: 0 });
    expect(forged.status).toBe(401);
    const { challenge } = JSON.parse((await call('/sign-in', { person: security })).text);
    const { session } = JSON.parse(
      (await call('/sign-in/code', { challenge, code: desk.codes.get(security) })).text,
    );
    const saved = await call('/owners/save', { session, text: RULES, baseVersion: 0 });
    expect(JSON.parse(saved.text)).toEqual({ version: 1, rules: 1 });
    const late = await call('/owners/save', { session, text: RULES, baseVersion: 0 });
    expect(late.status).toBe(409);
  });
});
