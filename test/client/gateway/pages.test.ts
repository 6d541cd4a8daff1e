import { afterEach, describe, expect, it } from '@jest/globals';
import { Failure, FailureType } from '../../../domain/failure.js';
import { type Desk, openDesk, signIn } from './support/desk.js';
import { send } from './support/http.js';
import { draft, draftRow, finding, findingRow, NOW, REQUEST_ID, requestRow } from './support/organisation.js';

const PAGE = `/requests/${encodeURIComponent(REQUEST_ID)}`;
const KEY = findingRow().key;
const HOSTILE = `"><script>alert(1)</script><img src=x onerror='alert(2)'>\u202e\`$\{7*7}`;
const HOSTILE_WITNESS = {
  principal: HOSTILE,
  action: HOSTILE,
  resource: HOSTILE,
  context: { [HOSTILE]: HOSTILE },
  hypothetical: true,
};
let desk: Desk;
afterEach(() => desk.app.close());

const shelf = {
  list: async () => [ticket],
  ticket: async (id: string) => (id === 't1' ? ticket : undefined),
  addComment: async () => {},
  close: async () => {},
};
const ticket = {
  id: 't1',
  number: 'CUR-1',
  title: HOSTILE,
  state: 'open' as const,
  severity: 'high',
  assignee: 'ana@example.com',
  openedAtMs: NOW,
  decideUrl: 'javascript:alert(3)',
  body: [
    { type: 'paragraph' as const, text: HOSTILE },
    { type: 'link' as const, text: HOSTILE, url: 'javascript:alert(4)' },
    { type: 'code' as const, language: 'json', text: HOSTILE },
    { type: 'generated' as const, text: HOSTILE, llmSessionId: HOSTILE },
  ],
  comments: [{ id: 'c', author: HOSTILE, text: HOSTILE, atIso: HOSTILE, ours: false }],
};

/** Everything that an outsider could have named, named with hostile text. */
function poison(): void {
  const base = draftRow();
  const reason = { action: HOSTILE, reason: HOSTILE, reasonCode: HOSTILE };
  const node = { id: HOSTILE, label: HOSTILE, kind: HOSTILE, sensitive: true };
  const { rows } = desk.ledger;
  rows.findings[0] = findingRow({
    finding: finding({
      title: HOSTILE,
      subject: { type: 'identity', id: HOSTILE, name: HOSTILE },
      tags: { [HOSTILE]: HOSTILE },
      labels: [HOSTILE],
      evidence: { text: HOSTILE },
      consoleUrl: 'javascript:alert(5)',
    }),
    note: HOSTILE,
    owner: HOSTILE,
    environment: HOSTILE,
  });
  rows.requests[0] = requestRow({
    title: HOSTILE,
    summary: HOSTILE,
    environment: HOSTILE,
    note: HOSTILE,
    ticket: { id: HOSTILE, number: HOSTILE, url: 'javascript:alert(6)' },
  });
  rows.drafts[0] = draftRow({
    draft: draft({
      draftedBy: HOSTILE,
      changes: [
        {
          kind: 'inline-policy',
          target: { principal: HOSTILE, name: HOSTILE },
          before: { Sid: HOSTILE },
          after: { [HOSTILE]: HOSTILE },
        },
      ],
      removed: [reason],
      kept: [reason],
      usedHighRisk: [reason],
      justification: [{ policy: HOSTILE, statement: HOSTILE, action: HOSTILE, why: HOSTILE }],
      edit: { by: HOSTILE, keepActions: [HOSTILE], reason: HOSTILE, previousDigest: 'x' },
    }),
    context: {
      ...base.context,
      service: HOSTILE,
      facts: [{ label: HOSTILE, value: HOSTILE, source: HOSTILE }],
      dataLabels: [HOSTILE],
      workloads: [{ arn: HOSTILE, type: HOSTILE }],
    },
    explanation: {
      summary: HOSTILE,
      whyItMatters: HOSTILE,
      whatChanges: HOSTILE,
      whatStays: HOSTILE,
      by: HOSTILE,
      llmSessionId: HOSTILE,
      dropped: 0,
      suggestion: {
        llmSessionId: HOSTILE,
        by: HOSTILE,
        promptRef: HOSTILE,
        judged: { kind: 'refused', reasonCode: 'wider', reason: HOSTILE, witness: HOSTILE_WITNESS },
      },
    },
    blastRadius: {
      nodes: [node, { ...node, id: 'b' }],
      edges: [{ from: HOSTILE, to: 'b', label: HOSTILE, before: true, after: false }],
    },
  });
  rows.audit.push({
    seq: 1,
    position: 1,
    stream: 's',
    id: 'i',
    type: HOSTILE,
    actor: HOSTILE,
    atMs: NOW,
    findingKey: KEY,
    fields: { [HOSTILE]: HOSTILE },
    previousHash: '',
    hash: '',
  });
}

describe('hostile text', () => {
  it.each([
    '/',
    PAGE,
    '/findings',
    `/findings/${KEY}`,
    '/digest',
    '/digest.html',
    '/tickets',
    '/tickets/t1',
    '/audit',
    `/findings?q=${encodeURIComponent(HOSTILE)}`,
    `/sign-in?next=${encodeURIComponent(HOSTILE)}`,
  ])('is only text on %s', async (path) => {
    desk = openDesk({ tickets: shelf });
    poison();
    const browser = await signIn(desk, path.startsWith('/audit') ? 'cleo' : 'ben');
    const { text, status } = await browser.get(path);
    expect(status).toBe(200);
    expect(text).not.toContain('<script>alert');
    expect(text).not.toMatch(/<img src=x/);
    expect(text).not.toMatch(/href="javascript:/i);
    expect(text).not.toContain('\u202e');
    if (!path.startsWith('/sign-in') && !path.startsWith('/audit') && path !== '/findings')
      expect(text.length).toBeGreaterThan(1_000);
  });

  it('never becomes a tag or an attribute of ours', async () => {
    desk = openDesk({ tickets: shelf });
    poison();
    const ben = await signIn(desk, 'ben');
    const { text } = await ben.get(PAGE);
    expect(text).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
    const tags = text.match(/<[a-z][^>]*>/gi) ?? [];
    expect(tags.length).toBeGreaterThan(100);
    expect(tags.filter((tag) => /\son[a-z]+\s*=|\sstyle\s*=/i.test(tag.replace(/"[^"]*"/g, '""')))).toEqual(
      [],
    );
  });

  it('stays inside the name of a download', async () => {
    desk = openDesk({ renderFiles: () => [{ name: 'a"\r\nx: y.json', text: '{}' }] });
    const ana = await signIn(desk, 'ana');
    const file = await ana.get(`${PAGE}/files/${encodeURIComponent('a"\r\nx: y.json')}`);
    expect(file.headers['content-disposition']).toBe('attachment; filename="a___x__y.json"');
  });
});

describe('every page', () => {
  it('loads nothing but our own files and runs nothing inline', async () => {
    desk = openDesk();
    const ana = await signIn(desk, 'ana');
    for (const path of ['/', PAGE, '/sign-in', '/nowhere']) {
      const { text, headers } = await ana.get(path);
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';style-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['x-frame-options']).toBe('DENY');
      expect(headers['cache-control']).toBe('no-store');
      expect(text).not.toMatch(
        /<style|<script(?! src="\/assets\/[\w.]+" defer><\/script>)|\sstyle=|(src|href)="(https?:)?\/\/(?!app\.example\.com)/,
      );
    }
  });

  it('names its assets by their content, for good', async () => {
    desk = openDesk();
    const page = await send(desk.app, { method: 'GET', url: '/sign-in' });
    const urls = [...page.text.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, url = '']) => url);
    expect(new Set(urls).size).toBe(3);
    for (const url of urls) {
      const asset = await send(desk.app, { method: 'GET', url });
      expect(asset.status).toBe(200);
      expect(asset.headers['cache-control']).toContain('immutable');
    }
  });

  it('has one main heading, a language, a main landmark, and a label for every field', async () => {
    desk = openDesk();
    const ana = await signIn(desk, 'ana');
    for (const path of ['/', PAGE, '/findings', `/findings/${KEY}`]) {
      const { text } = await ana.get(path);
      expect(text.match(/<h1/g)).toHaveLength(1);
      expect(text).toMatch(/<html lang="en">[\s\S]*<main id="content"/);
      const fields = [...text.matchAll(/<(?:input|textarea|select)(?![^>]*type="hidden")[^>]*>/g)].map(
        ([tag]) => tag,
      );
      for (const field of fields.filter((tag) => !tag.includes('type="checkbox"'))) {
        const id = /\sid="([^"]+)"/.exec(field)?.[1];
        expect(text).toContain(`<label for="${id}"`);
      }
      const ids = [...text.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });
});

describe('the request page', () => {
  it('shows the four results, both sides, reasons, context with sources, and what approving does', async () => {
    desk = openDesk();
    const ana = await signIn(desk, 'ana');
    const { text } = await ana.get(PAGE);
    for (const part of [
      'No new access',
      '18,204 observed requests replayed, 0 newly denied; 1 blind spot named.',
      'Guardrails obeyed',
      '1 escalation path closed, 0 opened; 214 → 3 reachable resources.',
      'S3 data events were logged for orders-input only',
      '5 lines out, 26 lines in',
      'Used 12,118 times by data-processor',
      'cmdb:svc-order-intake',
      'GDPR, Article 32',
      'AI-generated guidance',
      'llm_01JDX3P9',
      'Mon, 30 Nov 2026, 14:00 CET',
      'Approve &amp; deploy',
      'main.tf',
      '<svg viewBox',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('tells each reader the deadline in their own time zone', async () => {
    desk = openDesk();
    const ben = await signIn(desk, 'ben');
    expect((await ben.get(PAGE)).text).toMatch(/Mon, 30 Nov 2026, 08:00 (GMT-5|EST)/);
  });

  it('shows a refuting request when access would grow', async () => {
    desk = openDesk();
    const { proof } = draft();
    const witness = {
      principal: 'arn:aws:iam::1:role/r',
      action: 's3:PutObject',
      resource: 'arn:aws:s3:::x/y',
      context: { 'aws:SourceIp': ['10.0.0.1'] },
      hypothetical: false,
    };
    const fail = {
      of: 'r',
      verdict: 'FAIL' as const,
      method: 'subset' as const,
      reasonCode: 'WIDER',
      reason: 'Wider.',
      assumptions: [],
      witness,
    };
    desk.ledger.rows.drafts[0] = draftRow({
      draft: draft({
        proof: {
          ...proof,
          verdict: 'broken',
          noNewAccess: [fail],
          usage: null,
          guardrails: null,
          paths: null,
        },
      }),
    });
    const ana = await signIn(desk, 'ana');
    const { text } = await ana.get(PAGE);
    expect(text).toMatch(
      /Refuted[\s\S]*A request that shows it[\s\S]*s3:PutObject[\s\S]*aws:SourceIp = 10\.0\.0\.1/,
    );
    expect(text).toContain('There was no log to replay.');
    expect(text).toContain('The guardrails gave no answer, which counts as a no.');
  });

  it('records once that the finding was understood', async () => {
    desk = openDesk();
    const ana = await signIn(desk, 'ana');
    await ana.get(PAGE);
    desk.clock.nowMs += 60_000;
    await ana.get(PAGE);
    expect(desk.ledger.rows.measures).toEqual([
      { findingKey: KEY, generation: 1, what: 'understood', atMs: NOW },
    ]);
  });

  it('works for what is no change and has no draft', async () => {
    desk = openDesk();
    desk.ledger.rows.drafts.length = 0;
    const ana = await signIn(desk, 'ana');
    expect((await ana.get(PAGE)).text).toContain('not about a change to the cloud');
  });
});

describe('who sees what', () => {
  it.each([
    ['mallory', PAGE, 404],
    ['mallory', `${PAGE}/state`, 404],
    ['mallory', `${PAGE}/files/main.tf`, 404],
    ['mallory', `/findings/${KEY}`, 404],
    ['mallory', '/digest', 404],
    ['mallory', '/audit', 404],
    ['ana', '/audit', 404],
    ['ana', '/audit/export', 404],
    ['ana', `/findings/${KEY}`, 200],
    ['ana', `${PAGE}/files/main.tf`, 200],
    ['ana', `${PAGE}/files/other.tf`, 404],
    ['cleo', '/audit', 200],
    ['cleo', '/audit/export', 200],
    ['cleo', `/findings/${KEY}`, 200],
  ])('%s asking for %s gets %d', async (person, path, status) => {
    desk = openDesk();
    const browser = await signIn(desk, person);
    expect((await browser.get(path)).status).toBe(status);
  });

  it('lists for an owner only what is theirs', async () => {
    desk = openDesk();
    desk.ledger.rows.findings.push(
      findingRow({ key: 'f'.repeat(32), owner: 'ben', finding: finding({ title: 'Somebody else’s' }) }),
    );
    expect((await (await signIn(desk, 'ana')).get('/findings')).text).not.toContain('Somebody else');
    expect((await (await signIn(desk, 'ben')).get('/findings')).text).toContain('Somebody else');
    expect((await (await signIn(desk, 'mallory')).get('/findings')).text).toContain('No finding matches.');
  });

  it('shows model calls to auditors only', async () => {
    desk = openDesk();
    desk.ledger.rows.calls.push({
      llmSessionId: 'llm_z',
      findingKey: KEY,
      promptId: 'explain',
      promptVersion: 1,
      promptDigest: 'd',
      model: 'm',
      redactedPrompt: 'REDACTED-PROMPT',
      answer: 'A',
      inputTokens: 1,
      outputTokens: 1,
      latencyMs: 1,
      requestedBy: 'curtail',
      atMs: NOW,
      outcome: 'used',
    });
    expect((await (await signIn(desk, 'cleo')).get(`/findings/${KEY}`)).text).toContain('REDACTED-PROMPT');
    expect((await (await signIn(desk, 'ana')).get(`/findings/${KEY}`)).text).not.toContain('REDACTED-PROMPT');
  });

  it('lets operators, and nobody else, retry, resume and cancel', async () => {
    desk = openDesk();
    const [row] = desk.ledger.rows.findings;
    if (row === undefined) throw new Error('no finding');
    const olga = await signIn(desk, 'olga');
    row.stage = 'parked';
    const page = await olga.get(`/findings/${KEY}`);
    await olga.post(`/findings/${KEY}/retry`, olga.form(page.text, '/retry'));
    await olga.post(`/findings/${KEY}/cancel`, olga.form(page.text, '/cancel'));
    row.stage = 'closed';
    await olga.post(
      `/findings/${KEY}/resume`,
      olga.form((await olga.get(`/findings/${KEY}`)).text, '/resume'),
    );
    expect(desk.commands).toEqual([`retry ${row.workflowId}`, `cancel ${row.workflowId}`, `resume ${KEY}`]);
    expect(desk.ledger.rows.audit.map((each) => each.type)).toEqual(
      expect.arrayContaining(['operator.retry', 'operator.cancel', 'operator.resume']),
    );
    const ana = await signIn(desk, 'ana');
    const csrf = ana.form((await ana.get('/')).text, '/sign-out');
    expect((await ana.post(`/findings/${KEY}/retry`, csrf)).status).toBe(403);
    expect(desk.commands).toHaveLength(3);
  });
});

describe('errors', () => {
  it('are friendly, numbered, and leak nothing', async () => {
    desk = openDesk();
    desk.ledger.requests = async () => {
      throw new Error('connect ECONNREFUSED postgres://curtail:hunter2@db:5432');
    };
    const ana = await signIn(desk, 'ana');
    const { status, text, headers } = await ana.get('/');
    expect(status).toBe(500);
    expect(text).toContain('This is our fault');
    expect(text).toContain(String(headers['x-request-id']));
    expect(text).not.toMatch(/hunter2|ECONNREFUSED|node_modules/);
    expect(desk.logs.join()).toContain(String(headers['x-request-id']));
  });

  it('say when the ledger is away', async () => {
    desk = openDesk();
    const ana = await signIn(desk, 'ana');
    desk.ledger.requests = async () => {
      throw new Failure(FailureType.LedgerUnavailable, 'ledger: reading requests: db-7 is gone');
    };
    const { status, text } = await ana.get('/');
    expect(status).toBe(503);
    expect(text).not.toContain('db-7');
  });

  it.each<
    [string, { method: string; url: string; headers?: Record<string, string>; payload?: string }, number]
  >([
    ['an unknown address', { method: 'GET', url: '/nowhere' }, 404],
    ['an address that is no address', { method: 'GET', url: '/%E0%A4%A' }, 400],
    [
      'a form of half a megabyte',
      {
        method: 'POST',
        url: '/sign-in',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: 'who='.padEnd(500_000, 'x'),
      },
      413,
    ],
    [
      'a form that is XML',
      { method: 'POST', url: '/sign-in', headers: { 'content-type': 'text/xml' }, payload: '<a/>' },
      415,
    ],
  ])('answer %s with the right status', async (_name, input, status) => {
    desk = openDesk();
    const answer = await send(desk.app, input);
    expect(answer.status).toBe(status);
    expect(answer.text).not.toMatch(/node_modules|\.ts:/);
  });
});
