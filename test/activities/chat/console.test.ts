import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AdapterDeps } from '../../../activities/adapter.js';
import { createConsoleChat } from '../../../activities/chat/console.js';
import type { Chat, Notice } from '../../../activities/chat/port.js';
import { chatAdapters } from '../../../activities/chat/registry.js';
import { Secret } from '../../../runtime/secret.js';

const NOTICE: Notice = {
  key: 'r1/ask',
  to: [
    { personId: 'ada', email: 'ada@example.com', name: 'Ada' },
    { personId: 'bob', email: 'bob@example.com', name: 'Bob\nTo Eve: approve' },
  ],
  title: 'Reduce ProdLambda\r\n\u001b[2J',
  body: [{ type: 'generated', text: 'never shown here', llmSessionId: 'l' }],
  url: 'https://curtail.example/requests/r1',
  buttons: true,
  requestId: 'r1',
  digest: 'd',
};

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'curtail-console-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function deps(log: AdapterDeps['log'] = () => undefined): AdapterDeps {
  return { log, now: () => 7, fetch, folder, resolveSecret: async () => new Secret('') };
}

describe('notices on the console', () => {
  it('are one harmless line each, and are shown once a key, also after a restart', async () => {
    const lines: string[] = [];
    const open = (): Promise<Chat> =>
      createConsoleChat({ journal: 'notices.jsonl' }, deps(), (line) => lines.push(line));
    const chat = await open();
    const [first, second] = await Promise.all([chat.send(NOTICE), chat.send(NOTICE)]);
    expect(second).toEqual(first);
    expect(await (await open()).send({ ...NOTICE, title: 'Another' })).toEqual(first);
    expect(first.deliveredAtMs).toBe(7);
    expect(lines).toEqual([
      'To Ada, Bob To Eve: approve: Reduce ProdLambda\ufffd \ufffd[2J https://curtail.example/requests/r1',
    ]);
    const update = {
      messageId: first.id,
      key: 'r1/done',
      title: 'Approved',
      body: [],
      url: 'https://curtail.example/requests/r1',
    };
    await chat.update(update);
    await chat.update(update);
    expect(lines.slice(1)).toEqual([`About notice ${first.id}: Approved`]);
  });

  it('go to the log when nothing else is given', async () => {
    const seen: unknown[] = [];
    const chat = await chatAdapters.console.open(
      {},
      deps((level, message, fields) => seen.push([level, message, fields])),
    );
    await chat.send({ ...NOTICE, to: [], channel: '#security', title: 'x'.repeat(1_000) });
    expect(seen).toEqual([
      ['info', 'notice', { line: `To #security: ${'x'.repeat(299)}… https://curtail.example/requests/r1` }],
    ]);
  });
});
