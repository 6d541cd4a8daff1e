import { afterEach, describe, expect, it } from '@jest/globals';
import { CODES_PER_HOUR } from '../../../client/gateway/sessions.js';
import { browse, type Desk, ORIGIN, openDesk, signIn } from './support/desk.js';

let desk: Desk;
afterEach(() => desk.app.close());

async function challengeFor(who: string): Promise<Record<string, string>> {
  const browser = browse(desk.app);
  const asked = await browser.post('/sign-in', { who });
  return browser.form(asked.text, '/sign-in/code');
}

describe('sign-in', () => {
  it('goes from a name over a code to the page that was wanted', async () => {
    desk = openDesk();
    const browser = browse(desk.app);
    const wanted = await browser.get('/findings?q=x');
    expect(wanted.headers.location).toBe('/sign-in?next=%2Ffindings%3Fq%3Dx');
    const page = await browser.get(String(wanted.headers.location));
    const asked = await browser.post('/sign-in', {
      ...browser.form(page.text, '/sign-in'),
      who: 'ANA@example.com',
    });
    const code = desk.codes.get('ana') ?? '';
    expect(code).toMatch(/^\d{6}$/);
    const done = await browser.post('/sign-in/code', {
      ...browser.form(asked.text, '/sign-in/code'),
      code: `${code.slice(0, 3)} ${code.slice(3)}`,
    });
    expect(done).toMatchObject({ status: 303, location: '/findings?q=x' });
    expect(done.headers['set-cookie']?.[0]).toMatch(
      /^curtail=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=3600$/,
    );
    expect((await browser.get('/')).text).toContain('Ana Sommer');
  });

  it('marks cookies as secure where pages come by HTTPS', async () => {
    desk = openDesk({
      config: { publicUrl: 'https://curtail.example.com', sessionTtlMinutes: 60, secureCookies: true },
    });
    const browser = browse(desk.app);
    const headers = { origin: 'https://curtail.example.com' };
    const asked = await browser.post('/sign-in', { who: 'ana' }, headers);
    const fields = browser.form(asked.text, '/sign-in/code');
    const done = await browser.post(
      '/sign-in/code',
      { ...fields, code: desk.codes.get('ana') ?? '' },
      headers,
    );
    expect(done.headers['set-cookie']?.[0]).toMatch(/^__Host-curtail=.*; Secure$/);
    expect(done.headers['strict-transport-security']).toBeDefined();
  });

  it('says the same whether a person is known or not, and sends a code to the known only', async () => {
    desk = openDesk();
    const neutral = (text: string): string => text.replace(/value="[\w-]{43}"/, '');
    const [known, unknown] = [
      await browse(desk.app).post('/sign-in', { who: 'ana' }),
      await browse(desk.app).post('/sign-in', { who: 'nobody' }),
    ];
    expect(neutral(unknown.text)).toBe(neutral(known.text));
    expect(unknown.status).toBe(known.status);
    expect([...desk.codes.keys()]).toEqual(['ana']);
  });

  it('takes five wrong codes and then not even the right one', async () => {
    desk = openDesk();
    const fields = await challengeFor('ana');
    const right = desk.codes.get('ana') ?? '';
    const wrong = right === '000000' ? '000001' : '000000';
    const browser = browse(desk.app);
    const tries = await Promise.all(
      [1, 2, 3, 4, 5].map(() => browser.post('/sign-in/code', { ...fields, code: wrong })),
    );
    expect(tries.map((each) => each.status)).toEqual([401, 401, 401, 401, 401]);
    expect((await browser.post('/sign-in/code', { ...fields, code: right })).status).toBe(401);
  });

  it('takes a code once, and only for five minutes', async () => {
    desk = openDesk();
    const fields = { ...(await challengeFor('ana')), code: desk.codes.get('ana') ?? '' };
    const both = await Promise.all([1, 2].map(() => browse(desk.app).post('/sign-in/code', fields)));
    expect(both.map((each) => each.status).sort()).toEqual([303, 401]);
    const later = { ...(await challengeFor('ana')), code: desk.codes.get('ana') ?? '' };
    desk.clock.nowMs += 5 * 60_000;
    expect((await browse(desk.app).post('/sign-in/code', later)).status).toBe(401);
  });

  it('sends one person only so many codes an hour, without saying so', async () => {
    desk = openDesk();
    const sent = [];
    for (let i = 0; i < CODES_PER_HOUR + 2; i += 1) {
      desk.codes.clear();
      expect((await browse(desk.app).post('/sign-in', { who: 'ana' })).status).toBe(200);
      sent.push(desk.codes.has('ana'));
    }
    expect(sent).toEqual([...Array(CODES_PER_HOUR).fill(true), false, false]);
  });

  it.each([
    ['https://evil.example', '/'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['javascript:alert(1)', '/'],
    ['/sign-out', '/'],
    ['/requests/a%2Fb', '/requests/a%2Fb'],
  ])('after sign-in, %s leads to %s', async (next, expected) => {
    desk = openDesk();
    const browser = browse(desk.app);
    const asked = await browser.post('/sign-in', { who: 'ana', next });
    const fields = browser.form(asked.text, '/sign-in/code');
    const done = await browser.post('/sign-in/code', { ...fields, code: desk.codes.get('ana') ?? '' });
    expect(done.location).toBe(expected);
  });

  it('is limited by address', async () => {
    desk = openDesk();
    const statuses = [];
    for (let i = 0; i < 12; i += 1)
      statuses.push((await browse(desk.app).post('/sign-in', { who: `x${i}` })).status);
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(200));
    const refused = await browse(desk.app).post('/sign-in', { who: 'ana' });
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBeDefined();
    expect(refused.text).toContain('Too many requests');
  });
});

describe('a session', () => {
  it('ends by sign-out and by time', async () => {
    desk = openDesk();
    const ana = await signIn(desk, 'ana');
    const page = await ana.get('/');
    const cookie = ana.cookie;
    expect((await ana.post('/sign-out', ana.form(page.text, '/sign-out'))).location).toBe('/sign-in');
    ana.cookie = cookie;
    expect((await ana.get('/')).status).toBe(303);
    const again = await signIn(desk, 'ana');
    expect((await again.get('/')).status).toBe(200);
    desk.clock.nowMs += 60 * 60_000;
    expect((await again.get('/')).status).toBe(303);
  });

  it('is not what a made-up or doubled cookie names', async () => {
    desk = openDesk();
    const ana = await signIn(desk, 'ana');
    const cookies = [
      'curtail=',
      'curtail=x',
      `curtail=${'A'.repeat(43)}`,
      `${ana.cookie}; ${ana.cookie}`,
      `x=${ana.cookie}`,
    ];
    for (const cookie of cookies) {
      ana.cookie = cookie;
      expect((await ana.get('/')).status).toBe(303);
    }
  });

  it('lets nobody sign out, or in, from another site', async () => {
    desk = openDesk();
    const ana = await signIn(desk, 'ana');
    const fields = ana.form((await ana.get('/')).text, '/sign-out');
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `${ORIGIN}.evil.example` },
      { origin: ORIGIN, 'sec-fetch-site': 'cross-site' },
    ];
    for (const headers of foreign) {
      expect((await ana.post('/sign-out', fields, headers)).status).toBe(403);
      expect((await ana.post('/sign-in', { who: 'ana' }, headers)).status).toBe(403);
    }
    expect((await ana.post('/sign-out', { csrf: 'x'.repeat(43) })).status).toBe(403);
    expect((await ana.get('/')).status).toBe(200);
    expect(
      (await ana.post('/sign-out', fields, { origin: ORIGIN.replace('localhost', '127.0.0.1') })).status,
    ).toBe(303);
  });

  it('keeps no secret in the ledger', async () => {
    desk = openDesk();
    const ana = await signIn(desk, 'ana');
    const kept = JSON.stringify([...desk.ledger.rows.items]);
    expect(kept).not.toContain(ana.cookie.replace('curtail=', ''));
    expect(kept).not.toContain(desk.codes.get('ana'));
  });
});
