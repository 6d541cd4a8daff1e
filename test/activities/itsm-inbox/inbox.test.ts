import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AdapterDeps } from '../../../activities/adapter.js';
import { createInbox, type Inbox, InboxConfig, shelfOf } from '../../../activities/itsm/inbox.js';
import type { TicketDraft, TicketState } from '../../../activities/itsm/port.js';
import { itsmAdapters } from '../../../activities/itsm/registry.js';
import { Secret } from '../../../runtime/secret.js';

const DRAFT: TicketDraft = {
  key: 'finding/generic/k1/ask/g1',
  title: 'Reduce ProdLambda\u001b[31m',
  body: [{ type: 'paragraph', text: 'Three actions were never used.' }],
  severity: 'high',
  assignee: 'ada@example.com',
  team: 'payments',
  labels: ['curtail'],
  attachments: [],
  decideUrl: 'https://curtail.example/requests/r1',
};

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'curtail-inbox-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function deps(): AdapterDeps {
  return { log: () => undefined, now: () => 1_000, fetch, folder, resolveSecret: async () => new Secret('') };
}
function open(config: object = {}): Promise<Inbox> {
  return createInbox(InboxConfig.parse(config), deps());
}
function journalPath(): string {
  return join(folder, 'inbox', 'journal.jsonl');
}
async function effects(): Promise<readonly string[]> {
  const lines = (await readFile(journalPath(), 'utf8')).trimEnd().split('\n');
  return lines.map((line) => {
    const { effect, key } = JSON.parse(line) as { effect: string; key: string };
    return `${effect} ${key}`;
  });
}

describe('the embedded ticket desk', () => {
  it('opens one ticket a key, whoever retries, also after a restart and at once', async () => {
    const desk = await open({ publicUrl: 'https://curtail.example' });
    const [first, ...others] = await Promise.all([desk.open(DRAFT), desk.open(DRAFT), desk.open(DRAFT)]);
    expect(others).toEqual([first, first]);
    expect(first).toEqual({
      id: first?.id,
      number: 'CUR-1',
      url: `https://curtail.example/tickets/${first?.id}`,
    });
    const restarted = await open({ publicUrl: 'https://curtail.example' });
    expect(await restarted.open({ ...DRAFT, title: 'Another' })).toEqual(first);
    const second = await restarted.open({ ...DRAFT, key: 'other' });
    expect(second.number).toBe('CUR-2');
    expect(await effects()).toEqual([`opened ${DRAFT.key}`, 'opened other']);
    expect((await desk.list()).map(({ number }) => number)).toEqual(['CUR-2', 'CUR-1']);
  });

  it('comments once a key, and marks what a model wrote', async () => {
    const desk = await open();
    const { id } = await desk.open(DRAFT);
    const body = [
      { type: 'generated', text: 'Looks unused.', llmSessionId: 'llm-1' },
      { type: 'facts', rows: [{ label: 'Proof', value: 'proved\u0007' }] },
    ] as const;
    await desk.comment({ ticketId: id, key: 'c1', body });
    await desk.comment({ ticketId: id, key: 'c1', body });
    const { comments } = await desk.read(id);
    expect(comments).toEqual([
      {
        id: 'c1',
        author: 'curtail',
        ours: true,
        atIso: '1970-01-01T00:00:01.000Z',
        text: '[AI-generated guidance, session llm-1] Looks unused.\n\nProof: proved\ufffd',
      },
    ]);
  });

  it.each<
    [name: string, steps: readonly ('in-progress' | 'done' | 'closed' | 'rejected')[], end: TicketState]
  >([
    ['begins open', [], 'open'],
    ['moves on', ['in-progress', 'done'], 'done'],
    ['may go back to work', ['done', 'in-progress'], 'in-progress'],
    ['stays closed', ['closed', 'in-progress'], 'closed'],
    ['stays rejected', ['rejected', 'done'], 'rejected'],
  ])('%s', async (_name, steps, end) => {
    const desk = await open();
    const { id } = await desk.open(DRAFT);
    for (const [i, state] of steps.entries())
      await desk.setState({ ticketId: id, state, key: `s${i}`, note: 'why' });
    expect((await desk.read(id)).state).toBe(end);
    expect((await (await open()).read(id)).state).toBe(end);
  });

  it('lets a person comment and close', async () => {
    const desk = await open();
    const shelf = shelfOf(desk);
    const { id } = await desk.open(DRAFT);
    await shelf?.addComment({
      ticketId: id,
      author: 'ada@example.com',
      text: `<b>${'x'.repeat(20_000)}`,
      atMs: 5,
    });
    await shelf?.addComment({
      ticketId: id,
      author: 'ada@example.com',
      text: `<b>${'x'.repeat(20_000)}`,
      atMs: 5,
    });
    await shelf?.close({ ticketId: id, by: 'ada@example.com', atMs: 6 });
    await shelf?.close({ ticketId: id, by: 'bob@example.com', atMs: 7 });
    const ticket = await shelf?.ticket(id);
    expect(ticket).toMatchObject({
      state: 'closed',
      title: 'Reduce ProdLambda\ufffd[31m',
      assignee: 'ada@example.com',
    });
    expect(ticket?.comments.map(({ author, ours, text }) => [author, ours, text.length])).toEqual([
      ['ada@example.com', false, 10_000],
    ]);
    expect(await shelf?.ticket('nope')).toBeUndefined();
  });

  it('says what is missing', async () => {
    const desk = await open();
    expect(await desk.read('nope')).toEqual({ state: 'missing', comments: [] });
    await expect(desk.comment({ ticketId: 'nope', key: 'c', body: [] })).rejects.toMatchObject({
      type: 'input.not_found',
      message: 'inbox: commenting: there is no ticket nope',
    });
    await expect(desk.setState({ ticketId: 'nope', key: 's', state: 'done' })).rejects.toThrow(
      /no ticket nope/,
    );
  });

  it('keeps attachments inside its folder, whatever they are called', async () => {
    const desk = await open();
    const names = ['../../../etc/passwd', 'policy.tf', '\u0000', '..', 'a'.repeat(500)];
    const attachments = names.map((name) => ({
      name,
      mediaType: 'text/plain',
      text: `of ${name.slice(0, 9)}`,
    }));
    const { id } = await desk.open({ ...DRAFT, attachments });
    const ticket = await desk.ticket(id);
    expect(await readdir(join(folder, 'inbox', 'attachments', id))).toHaveLength(names.length);
    const [first, second] = ticket?.attachments ?? [];
    expect(first?.file).toBe(join('attachments', id, '1-.._.._.._etc_passwd'));
    expect(await readFile(join(folder, 'inbox', second?.file ?? ''), 'utf8')).toBe('of policy.tf');
    expect((await stat(journalPath())).mode & 0o777).toBe(0o600);
  });

  it('passes over a line that was cut off by a crash', async () => {
    const desk = await open();
    const { id } = await desk.open(DRAFT);
    await appendFile(journalPath(), '{"effect":"opened","key":"half');
    const restarted = await open();
    await restarted.setState({ ticketId: id, state: 'done', key: 's1' });
    expect((await (await open()).list()).map(({ state }) => state)).toEqual(['done']);
    expect((await desk.read(id)).state).toBe('done');
  });

  it('agrees with another process on who was first', async () => {
    const [one, two] = [await open(), await open()];
    const tickets = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? one : two).open({ ...DRAFT, key: `k${i % 5}` })),
    );
    expect(new Set(tickets.map(({ id }) => id)).size).toBe(5);
    expect(await one.list()).toEqual(await two.list());
    expect(await one.list()).toHaveLength(5);
  });

  it('knows owners when it has a CMDB', async () => {
    await writeFile(
      join(folder, 'cmdb.yaml'),
      `records:
  - {id: svc-orders, arns: ["arn:aws:iam::1:role/Orders*"], owner: {person: ada@example.com, team: payments}, businessUnit: Retail}
  - {id: svc-tagged, tags: {service: ship}, owner: {team: logistics}}
  - {id: svc-nothing}
`,
    );
    const desk = await open({ cmdb: 'cmdb.yaml' });
    expect(await desk.owner({ arn: 'arn:aws:iam::1:role/OrdersApi', tags: {} })).toEqual({
      owner: 'ada@example.com',
      team: 'payments',
      how: 'CMDB record svc-orders',
      businessUnit: 'Retail',
    });
    expect(await desk.owner({ arn: 'x', tags: { service: 'ship' } })).toEqual({
      team: 'logistics',
      how: 'CMDB record svc-tagged',
    });
    expect(await desk.owner({ arn: 'x', tags: { constructor: 'y' } })).toBeUndefined();
    expect(await (await open()).owner({ arn: 'x', tags: {} })).toBeUndefined();
    expect([desk.traits.cmdb, (await open()).traits.cmdb]).toEqual([true, false]);
  });

  it('is in the registry and refuses unknown settings', () => {
    expect(() => itsmAdapters.inbox.check({})).not.toThrow();
    expect(() => itsmAdapters.inbox.check({ fodler: 'x' })).toThrow(/fodler/);
  });
});
