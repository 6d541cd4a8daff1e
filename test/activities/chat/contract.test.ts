import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createConsoleChat } from '../../../activities/chat/console.js';
import { chatAdapters } from '../../../activities/chat/registry.js';
import { BOT_TOKEN, CHANNEL, startSlack } from '../../support/slack-server.js';
import { APP_ID, BOT_SECRET, CONVERSATION, startTeams, TENANT } from '../../support/teams-server.js';
import { type ChatUnderTest, chatContract, depsOf, failureOf, NOTICE } from './port-contract.js';

const SECRETS = { 'env:SLACK': BOT_TOKEN, 'env:BOT': BOT_SECRET };
const TIMEOUT = { timeoutMs: 2_000 };

async function openConsole(): Promise<ChatUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'curtail-chat-'));
  const lines: string[] = [];
  const deps = { ...depsOf({}, []), folder };
  return {
    chat: await createConsoleChat({ journal: 'notices.jsonl' }, deps, (line) => lines.push(line)),
    shown: () => lines,
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

async function openSlack(
  settings: object = {},
): Promise<ChatUnderTest & { server: Awaited<ReturnType<typeof startSlack>> }> {
  const server = await startSlack();
  server.users.push({ id: 'U0ADA00001', email: 'ada@example.com' });
  const logs: string[] = [];
  const base = { token: 'env:SLACK', apiUrl: `${server.url}/api/`, channel: CHANNEL, ...TIMEOUT };
  return {
    chat: await chatAdapters.slack.open({ ...base, ...settings }, depsOf(SECRETS, logs)),
    shown: () => server.messages.map(({ text, blocks }) => `${text} ${JSON.stringify(blocks)}`),
    double: {
      server,
      isPost: ({ url }) => url.pathname === '/api/chat.postMessage',
      findsAgain: true,
      renews: false,
      logs,
      secrets: [BOT_TOKEN],
    },
    close: () => server.close(),
    server,
  };
}

async function openTeams(
  by: 'webhook' | 'bot',
): Promise<ChatUnderTest & { server: Awaited<ReturnType<typeof startTeams>> }> {
  const server = await startTeams();
  const logs: string[] = [];
  const bot = {
    appId: APP_ID,
    secret: 'env:BOT',
    tenant: TENANT,
    serviceUrl: `${server.url}/emea/`,
    conversation: CONVERSATION,
    loginUrl: server.url,
    openIdUrl: server.openIdUrl,
  };
  const settings = by === 'bot' ? { bot } : { webhook: 'env:HOOK' };
  const deps = depsOf({ ...SECRETS, 'env:HOOK': server.webhookUrl }, logs);
  return {
    chat: await chatAdapters.teams.open({ ...settings, ...TIMEOUT }, deps),
    shown: () => server.messages.map(({ card, text }) => `${text ?? ''} ${JSON.stringify(card)}`),
    double: {
      server,
      isPost: ({ url, method }) =>
        method === 'POST' && /^\/workflows\/notify$|\/activities$/.test(url.pathname),
      findsAgain: false,
      renews: by === 'bot',
      logs,
      secrets: [BOT_SECRET, 'workflow-signature'],
    },
    close: () => server.close(),
    server,
  };
}

chatContract('the console', openConsole);
chatContract('Slack', openSlack);
chatContract("Teams by a workflow's webhook", () => openTeams('webhook'));
chatContract('Teams by a bot', () => openTeams('bot'));

describe('Slack', () => {
  it('finds its message again whoever else writes into the channel', async () => {
    const at = await openSlack();
    const { id } = await at.chat.send(NOTICE);
    const [ours] = at.server.messages;
    if (ours === undefined) throw new Error('nothing was posted');
    // Another app can write the same metadata.
    for (let n = 0; n < 5; n += 1)
      at.server.messages.unshift({ ...ours, ts: `${ours.ts.split('.')[0]}.9${n}`, botId: 'B0EVIL0001' });
    expect((await at.chat.send(NOTICE)).id).toBe(id);
    expect((await at.chat.send({ ...NOTICE, key: 'another' })).id).not.toBe(id);
    await at.close();
  });

  it('mentions who is known there, and lets no name or text address the channel', async () => {
    const at = await openSlack();
    await at.chat.send(NOTICE);
    const [shown = ''] = at.shown();
    expect(shown).toContain('<@U0ADA00001> Bob &lt;!channel&gt;');
    expect(shown).not.toMatch(/<!(channel|here)/);
    await at.close();
  });

  it('offers no decision where a person must sign in for it', async () => {
    const at = await openSlack();
    await at.chat.send({ ...NOTICE, buttons: false });
    const [shown = ''] = at.shown();
    expect([shown.includes('curtail.approve'), shown.includes('curtail.open')]).toEqual([false, true]);
    await at.close();
  });

  it.each<[error: string, type: string]>([
    ['channel_not_found', 'vendor.rejected'],
    ['token_revoked', 'vendor.auth'],
    ['ratelimited', 'vendor.throttled'],
    ['fatal_error', 'write.outcome_unknown'],
  ])('reads %s in a 200 as what it is', async (error, type) => {
    const at = await openSlack();
    at.server.fail(({ url }) => url.pathname === '/api/chat.postMessage', {
      answer: { status: 200, body: { ok: false, error } },
    });
    expect((await failureOf(at.chat.send(NOTICE))).type).toBe(type);
    await at.close();
  });

  it('names the scope that is missing, and does without those that it can do without', async () => {
    const at = await openSlack();
    at.server.missing.set('users.lookupByEmail', 'users:read.email');
    at.server.missing.set('conversations.history', 'channels:history');
    await at.chat.send(NOTICE);
    at.server.missing.set('chat.postMessage', 'chat:write');
    expect((await failureOf(at.chat.send(NOTICE))).message).toContain('the app needs the scope chat:write');
    await at.close();
  });

  it.each<[name: string, settings: object, user: object | undefined, names: readonly string[]]>([
    ['a member', {}, {}, ['slack:U0EVE00001', 'eve@example.com']],
    ['a member whose address is not confirmed', {}, { confirmed: false }, ['slack:U0EVE00001']],
    ['a guest of another workspace', {}, { team: 'T0OTHER001' }, ['slack:U0EVE00001']],
    ['a member where only mapped accounts count', { identify: 'account' }, {}, ['slack:U0EVE00001']],
    ['a deactivated account', {}, { deleted: true }, []],
    ['nobody', {}, undefined, []],
  ])('knows %s by these names', async (_name, settings, user, names) => {
    const at = await openSlack(settings);
    if (user !== undefined) at.server.users.push({ id: 'U0EVE00001', email: 'eve@example.com', ...user });
    expect(await at.chat.namesOf?.('U0EVE00001')).toEqual(names);
    expect(await at.chat.namesOf?.('../U0')).toEqual([]);
    await at.close();
  });
});

describe('Teams', () => {
  it('signs in again only when the token ends, also when it ends before its time', async () => {
    const at = await openTeams('bot');
    await at.chat.send(NOTICE);
    await at.chat.send({ ...NOTICE, key: 'another' });
    expect(at.server.seen.filter(({ url }) => url.pathname.endsWith('/token'))).toHaveLength(1);
    at.server.expireTokens();
    await at.chat.send({ ...NOTICE, key: 'a third' });
    expect(at.shown()).toHaveLength(3);
    await at.close();
  });

  it('knows a member by the mapped id, and by an address of the own tenant only', async () => {
    const at = await openTeams('bot');
    at.server.members.push(
      { id: '29:ada', aadObjectId: 'aad-ada', email: 'ada@example.com' },
      { id: '29:guest', aadObjectId: 'aad-guest', email: 'ada@example.com', tenantId: 'other' },
    );
    expect(await at.chat.namesOf?.('29:ada')).toEqual(['teams:aad-ada', 'ada@example.com']);
    expect(await at.chat.namesOf?.('29:guest')).toEqual(['teams:aad-guest']);
    expect(await at.chat.namesOf?.('29:nobody')).toEqual([]);
    expect(await at.chat.namesOf?.('28:bot')).toEqual([]);
    await at.close();
  });

  it('carries what was shown on its buttons, and offers none by a webhook', async () => {
    const [bot, webhook] = [await openTeams('bot'), await openTeams('webhook')];
    await bot.chat.send(NOTICE);
    await webhook.chat.send(NOTICE);
    expect(JSON.stringify(bot.server.messages[0]?.card)).toContain(
      JSON.stringify({ r: NOTICE.requestId, d: NOTICE.digest }),
    );
    expect(JSON.stringify(webhook.server.messages[0]?.card)).not.toContain('Action.Execute');
    await Promise.all([bot.close(), webhook.close()]);
  });
});
