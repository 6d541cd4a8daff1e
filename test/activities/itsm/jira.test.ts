import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AdfNode, textOfAdf, toAdf } from '../../../activities/itsm/jira/adf.js';
import type { TicketDesk } from '../../../activities/itsm/port.js';
import { reference } from '../../../activities/itsm/reference.js';
import { itsmAdapters } from '../../../activities/itsm/registry.js';
import type { Block } from '../../../domain/text/block.js';
import { type JiraServer, startJira } from '../../support/jira-server.js';
import { DRAFT, depsOf } from './port-contract.js';

let server: JiraServer;
let logs: string[];
beforeEach(async () => {
  server = await startJira();
  logs = [];
});
afterEach(() => server.close());

function open(over: object = {}): Promise<TicketDesk> {
  const auth = { email: 'bot@example.com', token: 'env:J' };
  const config = { url: server.url, auth, project: 'SEC', timeoutMs: 500, ...over };
  return itsmAdapters.jira.open(config, depsOf({ 'env:J': 'token-1' }, logs));
}

describe('a ticket in Jira', () => {
  it('carries its key as a label and a property, its assignee and what the configuration adds', async () => {
    server.users.push({ accountId: 'acc-1', emailAddress: 'ada@example.com', active: true });
    const desk = await open({ priorities: { high: 'Highest' }, fields: { customfield_1: { id: '7' } } });
    const ticket = await desk.open(DRAFT);
    expect(ticket).toMatchObject({ number: 'SEC-1', url: `${server.url}/browse/SEC-1` });
    const [issue] = server.issues;
    expect(issue?.fields).toMatchObject({
      assignee: { accountId: 'acc-1' },
      priority: { name: 'Highest' },
      customfield_1: { id: '7' },
      labels: [reference(DRAFT.key), 'curtail', 'excessive-permissions'],
    });
    expect(issue?.properties).toEqual({ curtail: { key: reference(DRAFT.key) } });
  });

  it('is not made again while the index lags after a lost answer', async () => {
    const desk = await open();
    server.index.behind = 1;
    server.fail(({ method, url }) => method === 'POST' && url.pathname === '/rest/api/3/issue', {
      afterwards: { status: 502, body: {} },
    });
    await expect(desk.open(DRAFT)).rejects.toMatchObject({
      type: 'write.outcome_unknown',
      retryAfterMs: 90_000,
    });
    server.index.behind = 0;
    expect((await desk.open(DRAFT)).number).toBe('SEC-1');
    expect(server.issues).toHaveLength(1);
  });

  it('is not a clone that somebody made of it', async () => {
    const desk = await open();
    const ticket = await desk.open(DRAFT);
    const [issue] = server.issues;
    if (issue === undefined) throw new Error('no issue');
    server.issues.unshift({ ...issue, id: '9', key: 'SEC-0', labels: [...issue.labels], properties: {} });
    expect(await desk.open(DRAFT)).toEqual(ticket);
    expect(server.issues[0]?.labels).toContain(reference(DRAFT.key));
  });

  it('is the oldest of two; the other loses the label and says why, once', async () => {
    const desk = await open();
    const ticket = await desk.open(DRAFT);
    const [issue] = server.issues;
    if (issue === undefined) throw new Error('no issue');
    server.issues.push({ ...issue, id: '99', key: 'SEC-99', labels: [...issue.labels], comments: [] });
    expect(await desk.open(DRAFT)).toEqual(ticket);
    await desk.open(DRAFT);
    expect(server.issues[1]?.labels).toContain('curtail-duplicate');
    expect(server.issues[1]?.labels).not.toContain(reference(DRAFT.key));
    expect(server.issues[1]?.comments).toHaveLength(1);
  });

  it('never mistakes a refused login for an empty project or a missing issue', async () => {
    const desk = await open();
    const { id } = await desk.open(DRAFT);
    server.token.isGood = false;
    await expect(desk.open({ ...DRAFT, key: 'k2' })).rejects.toMatchObject({ type: 'vendor.auth' });
    await expect(desk.read(id)).rejects.toMatchObject({ type: 'vendor.auth' });
    expect(server.issues).toHaveLength(1);
  });

  it('believes an empty search only after it learned who it is', async () => {
    const desk = await open();
    server.fail(({ url }) => url.pathname.endsWith('/myself'), { answer: { status: 401, body: {} } });
    await expect(desk.open(DRAFT)).rejects.toMatchObject({ type: 'vendor.auth' });
    expect(server.issues).toHaveLength(0);
  });

  it('says so when its workflow has no such step', async () => {
    const desk = await open({ transitions: { rejected: 'Decline' } });
    const { id } = await desk.open(DRAFT);
    const move = { ticketId: id, state: 'rejected', key: 's', note: 'Not now.' } as const;
    await desk.setState(move);
    await desk.setState(move);
    const { state, comments } = await desk.read(id);
    expect([state, comments.length]).toEqual(['open', 1]);
    expect(comments[0]?.text).toMatch(/Not now\.[\s\S]*no such step from here/);
  });

  it('goes through the API of its site when the token is scoped', async () => {
    const cloudId = '00000000-0000-4000-8000-000000000000';
    const auth = { token: 'env:J', cloudId };
    const desk = await open({ auth, apiUrl: server.url });
    await expect(desk.open(DRAFT)).rejects.toMatchObject({ type: 'vendor.auth' });
    const [seen] = server.seen;
    expect(seen?.url.pathname).toBe(`/ex/jira/${cloudId}/rest/api/3/search/jql`);
    expect(seen?.headers.authorization).toBe('Bearer token-1');
    expect(() =>
      itsmAdapters.jira.check({ url: server.url, auth: { token: 'env:J' }, project: 'SEC' }),
    ).toThrow(/needs cloudId/);
  });
});

describe('approvals in Jira', () => {
  it('are those of Service Management, by approver', async () => {
    const desk = await open();
    const { id } = await desk.open(DRAFT);
    expect(await desk.approvals?.(id)).toEqual([]);
    const approver = (accountId: string, approverDecision: string, emailAddress?: string) => ({
      approver: { accountId, ...(emailAddress !== undefined && { emailAddress }) },
      approverDecision,
    });
    server.approvals.set(id, [
      {
        id: '1',
        approvers: [
          approver('a', 'approved', 'ada@example.com'),
          approver('b', 'pending'),
          approver('c', 'declined'),
        ],
        completedDate: { epochMillis: 1_795_183_400_000 },
      },
    ]);
    expect(await desk.approvals?.(id)).toEqual([
      {
        id: '1.a.approved',
        verdict: 'approve',
        names: ['jira:a', 'ada@example.com'],
        atIso: '2026-11-20T14:03:20.000Z',
      },
      { id: '1.c.declined', verdict: 'reject', names: ['jira:c'], atIso: '2026-11-20T14:03:20.000Z' },
    ]);
    expect((await desk.read(id)).approvedBy).toBe('ada@example.com');
  });

  it('are moves into a status, where that is how people approve', async () => {
    const desk = await open({ approvals: { kind: 'transition', approved: 'Approved', rejected: 'No' } });
    const { id } = await desk.open(DRAFT);
    const change = (n: string, created: string, item: object) => ({
      id: n,
      author: { accountId: `acc-${n}` },
      created,
      items: [item as Record<string, unknown>],
    });
    server.changelogs.set(id, [
      change('2', '2026-11-20T14:03:07.000+0000', { field: 'status', toString: 'No' }),
      change('1', '2026-11-20T14:01:07.000+0000', { field: 'status', toString: 'Approved' }),
      change('3', '2026-11-20T14:04:07.000+0000', { field: 'summary', toString: 'Approved' }),
      change('4', '2026-11-20T14:04:07.000+0000', { field: 'status' }),
    ]);
    const found = await desk.approvals?.(id);
    expect(found?.map(({ id: each, verdict, names }) => [each, verdict, names])).toEqual([
      ['1', 'approve', ['jira:acc-1']],
      ['2', 'reject', ['jira:acc-2']],
    ]);
  });

  it('name a person only while the account is active', async () => {
    server.users.push({ accountId: 'a', emailAddress: 'ada@example.com', active: true });
    server.users.push({ accountId: 'b', emailAddress: 'bob@example.com', active: false });
    expect(await (await open()).namesOf?.('a')).toEqual(['jira:a', 'ada@example.com']);
    expect(await (await open({ identify: 'account' })).namesOf?.('a')).toEqual(['jira:a']);
    expect(await (await open()).namesOf?.('b')).toEqual([]);
    expect(await (await open()).namesOf?.('nobody')).toEqual([]);
  });
});

describe('documents in ADF', () => {
  const text = fc.string({ maxLength: 200 });
  const block: fc.Arbitrary<Block> = fc.oneof(
    fc.record({ type: fc.constant('heading' as const), text }),
    fc.record({ type: fc.constant('paragraph' as const), text }),
    fc.record({ type: fc.constant('generated' as const), text, llmSessionId: text }),
    fc.record({ type: fc.constant('list' as const), items: fc.array(text, { maxLength: 4 }) }),
    fc.record({ type: fc.constant('code' as const), language: text, text }),
    fc.record({ type: fc.constant('link' as const), text, url: text }),
  );

  function nodes(node: { content?: readonly AdfNode[] }): AdfNode[] {
    return (node.content ?? []).flatMap((each) => [each, ...nodes(each)]);
  }

  it('hold no empty text, no empty list and no strange link, and end with their mark', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 8 }), (blocks) => {
        const document = toAdf(blocks, '[end]');
        const all = nodes(document);
        expect(all.every((node) => node.type !== 'text' || (node.text ?? '') !== '')).toBe(true);
        expect(all.every((node) => node.type !== 'bulletList' || (node.content ?? []).length > 0)).toBe(true);
        const links = all.flatMap(({ marks }) => marks ?? []).flatMap(({ attrs }) => attrs?.['href'] ?? []);
        expect(links.every((href) => /^https?:/.test(href))).toBe(true);
        expect(textOfAdf(document).endsWith('[end]')).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('fit into a field, and say when something was left out', () => {
    const long = Array.from({ length: 40 }, () => ({ type: 'paragraph' as const, text: 'x'.repeat(2_000) }));
    const document = toAdf(long, '[end]');
    expect(JSON.stringify(document).length).toBeLessThan(32_767);
    expect(textOfAdf(document)).toMatch(/The rest is in the attachments\.\n\[end\]$/);
  });

  it('mark what a model wrote', () => {
    const document = toAdf([{ type: 'generated', text: 'Unused.', llmSessionId: 'llm-9' }]);
    expect(document.content[0]).toMatchObject({ type: 'panel' });
    expect(textOfAdf(document)).toBe('AI-generated guidance, session llm-9\nUnused.');
  });

  it.each<[unknown, string]>([
    [undefined, ''],
    ['plain', 'plain'],
    [{ type: 'doc', content: 'x' }, ''],
    [
      {
        type: 'doc',
        content: [
          { type: 'mention', attrs: { text: '@bot' } },
          { type: 'text', text: 5 },
        ],
      },
      '@bot\n',
    ],
    [{ type: 'text', text: 'a' }, 'a'],
  ])('from outside are read as text: %j', (value, expected) => {
    expect(textOfAdf(value)).toBe(expected);
  });

  it('from outside may nest as they like', () => {
    let deep: object = { type: 'text', text: 'x' };
    for (let i = 0; i < 5_000; i += 1) deep = { type: 'paragraph', content: [deep] };
    expect(textOfAdf(deep)).toBe('');
  });
});
