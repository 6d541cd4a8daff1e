import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Chat } from '../../../activities/chat/port.js';
import { chatAdapters } from '../../../activities/chat/registry.js';
import { botTokens } from '../../../client/callbacks/bot-tokens.js';
import type { ChatDeskParts } from '../../../client/callbacks/chat-route.js';
import { slackCallbacks } from '../../../client/callbacks/slack.js';
import { teamsBot, teamsQuestions } from '../../../client/callbacks/teams.js';
import type { WebhookParts } from '../../../client/gateway/deps.js';
import type { WebhookRoute } from '../../../client/gateway/webhooks.js';
import { Secret } from '../../../runtime/secret.js';
import { depsOf } from '../../activities/chat/port-contract.js';
import {
  BOT_TOKEN,
  CHANNEL,
  clickOn,
  formSent,
  SIGNING_SECRET,
  type SlackServer,
  slackHeaders,
  startSlack,
  TEAM,
} from '../../support/slack-server.js';
import {
  APP_ID,
  BOT_SECRET,
  CONVERSATION,
  cardAction,
  OUTGOING_SECRET,
  outgoingHeaders,
  startTeams,
  TENANT,
  type TeamsServer,
} from '../../support/teams-server.js';
import { type Desk, ORIGIN, openDesk } from '../gateway/support/desk.js';
import { type Answer, send } from '../gateway/support/http.js';
import { DIGEST, NOW, PEOPLE, REQUEST_ID, requestRow } from '../gateway/support/organisation.js';

const PAGE = `${ORIGIN}/requests/${encodeURIComponent(REQUEST_ID)}`;
let desk: Desk;
let subjects: Map<string, string>;

/** A gateway with a chat's doors, over a directory that knows addresses and mapped accounts. */
function openGateway(
  chat: Chat,
  open: (parts: ChatDeskParts) => readonly WebhookRoute[],
  highPrivilege = false,
): void {
  subjects = new Map();
  const byEmail = async (name: string) =>
    PEOPLE.find(({ email, id }) => email === name || name === `teams:aad-${id}`);
  const partsOf = ({ decider, answerQuestion }: WebhookParts): ChatDeskParts => ({
    chat,
    decider,
    directory: { byEmail },
    publicUrl: ORIGIN,
    ledger: {
      request: async (id) => desk.ledger.request(id),
      claim: async (claim) => desk.ledger.claim(claim),
      audit: async (entries) => desk.ledger.audit(entries),
    },
    requestOf: async (messageId) => subjects.get(messageId),
    answer: answerQuestion,
    now: () => NOW,
    log: () => undefined,
  });
  desk = openDesk({ openWebhooks: (parts) => open(partsOf(parts)) });
  const row = requestRow();
  desk.ledger.rows.requests.splice(0, 1, { ...row, request: { ...row.request, highPrivilege } });
}

const notice = (buttons: boolean) => ({
  key: 'k',
  to: [],
  title: 'Reduce a role',
  body: [],
  url: PAGE,
  buttons,
  requestId: REQUEST_ID,
  digest: DIGEST,
});

function claims(): Record<string, unknown>[] {
  return desk.offers.map(({ grant }) => {
    const [, payload = ''] = grant.split('.');
    return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  });
}

function deliver(path: string, body: string, headers: Record<string, string>): Promise<Answer> {
  return send(desk.app, { method: 'POST', url: `/webhooks/${path}`, headers, payload: body });
}

describe('Slack', () => {
  let slack: SlackServer;
  let messageId: string;
  beforeEach(async () => {
    slack = await startSlack();
    slack.users.push(
      { id: 'U0ANA00001', email: 'ana@example.com' },
      { id: 'U0MAL00001', email: 'mallory@example.com' },
      { id: 'U0STRANGER', email: 'stranger@example.com' },
    );
    await reopen();
  });
  afterEach(async () => {
    await desk.app.close();
    await slack.close();
  });

  async function reopen(highPrivilege = false): Promise<void> {
    const settings = { token: 'env:T', apiUrl: `${slack.url}/api/`, channel: CHANNEL, timeoutMs: 5_000 };
    const chat = await chatAdapters.slack.open(settings, depsOf({ 'env:T': BOT_TOKEN }, []));
    const open = (parts: ChatDeskParts) =>
      slackCallbacks({ secrets: [new Secret(SIGNING_SECRET)], team: TEAM, parts });
    openGateway(chat, open, highPrivilege);
    messageId = (await chat.send(notice(!highPrivilege))).id;
    subjects.set(messageId, REQUEST_ID);
  }
  const message = () => {
    const [found] = slack.messages;
    if (found === undefined) throw new Error('nothing was posted');
    return found;
  };
  const interact = (body: string, atMs = NOW) =>
    deliver('slack/interactivity', body, slackHeaders(body, atMs));
  const approve = (user: string) => clickOn(message(), 'curtail.approve', user);

  it('brings a click to its workflow as a grant for the person, and tells the person so', async () => {
    expect((await interact(approve('U0ANA00001'))).status).toBe(200);
    await desk.app.close();
    expect(claims()).toMatchObject([{ sub: 'ana', verdict: 'approve', via: 'slack', digest: DIGEST }]);
    expect(slack.whispers).toMatchObject([{ user: 'U0ANA00001', text: 'Your approval counts.' }]);
  });

  it.each<[name: string, user: string, said: string]>([
    ['has not the right', 'U0MAL00001', 'does not count'],
    ['is not in the directory', 'U0STRANGER', 'does not know this account'],
  ])('tells who %s why, and only them', async (_name, user, said) => {
    await interact(approve(user));
    await desk.app.close();
    expect(desk.offers).toEqual([]);
    expect(slack.whispers).toHaveLength(1);
    expect(slack.whispers[0]?.text).toContain(said);
    expect(slack.messages).toHaveLength(1);
  });

  it('leads to the page where a fresh sign-in is wanted, also for a click that was made up', async () => {
    const plain = message();
    await desk.app.close();
    await reopen(true);
    await interact(clickOn(plain, 'curtail.approve', 'U0ANA00001'));
    await desk.app.close();
    expect(desk.offers).toEqual([]);
    expect(slack.whispers[0]?.text).toContain('sign in on the page');
  });

  it('asks for the reason of a rejection in a form, and takes no form without one', async () => {
    await interact(clickOn(message(), 'curtail.reject', 'U0ANA00001'));
    const view = slack.forms[0]?.view ?? {};
    const refused = await interact(formSent(view, 'U0ANA00001', '  '));
    expect(JSON.parse(refused.text)).toMatchObject({ response_action: 'errors' });
    const taken = await interact(formSent(view, 'U0ANA00001', 'needed at the end of the year'));
    expect([taken.status, taken.text]).toEqual([200, '']);
    await desk.app.close();
    expect(claims()).toMatchObject([{ verdict: 'reject', reason: 'needed at the end of the year' }]);
  });

  it('leads to the page when the form cannot be opened in time', async () => {
    const body = clickOn(message(), 'curtail.reject', 'U0ANA00001', { trigger: 'expired-1' });
    expect((await interact(body)).status).toBe(200);
    while (slack.whispers.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(slack.whispers[0]?.text).toContain('Reject on the page');
  });

  it('counts clicks of one person once, however often they come', async () => {
    for (const trigger of ['1', '1', '2'])
      await interact(clickOn(message(), 'curtail.approve', 'U0ANA00001', { trigger }));
    await desk.app.close();
    expect(new Set(desk.offers.map(({ updateId }) => updateId)).size).toBe(1);
  });

  it.each<[name: string, status: number, body: () => string, atMs: number, secret: string]>([
    ['six minutes old', 401, () => approve('U0ANA00001'), NOW - 360_000, SIGNING_SECRET],
    ['six minutes early', 401, () => approve('U0ANA00001'), NOW + 360_000, SIGNING_SECRET],
    ['signed with another secret', 401, () => approve('U0ANA00001'), NOW, 'x'],
    [
      'of another workspace',
      403,
      () => clickOn(message(), 'curtail.approve', 'U0ANA00001', { team: 'T0EVIL0001' }),
      NOW,
      SIGNING_SECRET,
    ],
    ['no payload', 400, () => 'x=1', NOW, SIGNING_SECRET],
    ['a payload that is no JSON', 400, () => 'payload=%7B', NOW, SIGNING_SECRET],
  ])('refuses what is %s', async (_name, status, body, atMs, secret) => {
    const text = body();
    expect((await deliver('slack/interactivity', text, slackHeaders(text, atMs, secret))).status).toBe(
      status,
    );
    await desk.app.close();
    expect(desk.offers).toEqual([]);
  });

  const event = (over: object, id = 'Ev1') =>
    JSON.stringify({
      type: 'event_callback',
      team_id: TEAM,
      event_id: id,
      event: {
        type: 'message',
        channel: CHANNEL,
        user: 'U0ANA00001',
        text: 'why is this needed?',
        ts: '1795183390.000200',
        thread_ts: message().ts,
        ...over,
      },
    });
  const tell = (body: string) =>
    deliver('slack/events', body, { ...slackHeaders(body, NOW), 'content-type': 'application/json' });

  it('proves its address, and answers a question in the thread once, with the mark of what a model wrote', async () => {
    const challenge = '{"type":"url_verification","challenge":"abc"}';
    expect(JSON.parse((await tell(challenge)).text)).toEqual({ challenge: 'abc' });
    await tell(event({}));
    await tell(event({}));
    await desk.app.close();
    const answers = slack.messages.filter(({ threadTs }) => threadTs === message().ts);
    expect(answers).toHaveLength(1);
    expect(JSON.stringify(answers[0]?.blocks)).toContain('AI-generated guidance, session llm_q1');
    expect(desk.ledger.rows.audit.filter(({ type }) => type === 'question.answered')).toHaveLength(1);
  });

  it.each<[name: string, over: object]>([
    ['what bots write', { bot_id: 'B1' }],
    ['what was changed', { subtype: 'message_changed' }],
    ['talk', { text: 'thanks' }],
    ['a question outside of a thread', { thread_ts: undefined }],
    ['a question below another message', { thread_ts: '1.000001' }],
    ['a question of who may not see it', { user: 'U0STRANGER' }],
  ])('leaves %s alone', async (_name, over) => {
    expect((await tell(event(over))).status).toBe(200);
    await desk.app.close();
    expect(slack.messages).toHaveLength(1);
  });

  it('ends a talk that does not end', async () => {
    for (let n = 0; n < 30; n += 1) await tell(event({}, `Ev${n}`));
    await desk.app.close();
    expect(slack.messages.filter(({ threadTs }) => threadTs !== undefined).length).toBeLessThanOrEqual(20);
  });
});

describe('Teams', () => {
  let teams: TeamsServer;
  const ana = { id: '29:ana', aadObjectId: 'aad-ana' };
  const stranger = { id: '29:eve', aadObjectId: 'aad-eve', email: 'eve@example.com' };
  beforeEach(async () => {
    teams = await startTeams();
    teams.members.push(ana, stranger);
    const bot = {
      appId: APP_ID,
      secret: 'env:B',
      tenant: TENANT,
      serviceUrl: `${teams.url}/emea/`,
      conversation: CONVERSATION,
      loginUrl: teams.url,
      openIdUrl: teams.openIdUrl,
    };
    const chat = await chatAdapters.teams.open({ bot }, depsOf({ 'env:B': BOT_SECRET }, []));
    const check = botTokens({ ...bot, fetch, log: () => undefined });
    openGateway(chat, (parts) => [
      teamsBot({ ...bot, check, parts }),
      teamsQuestions({ secrets: [new Secret(OUTGOING_SECRET)], tenant: TENANT, parts }),
    ]);
    const sent = await chat.send(notice(true));
    subjects.set(sent.id, REQUEST_ID).set(sent.reference ?? '', REQUEST_ID);
  });
  afterEach(async () => {
    await desk.app.close();
    await teams.close();
  });

  const card = () => {
    const [found] = teams.messages;
    if (found === undefined) throw new Error('nothing was posted');
    return found;
  };
  const invoke = async (activity: object, token?: string) =>
    deliver('teams/messages', JSON.stringify(activity), {
      'content-type': 'application/json',
      authorization: `Bearer ${token ?? (await teams.token({ nowMs: NOW }))}`,
    });

  it('brings a click to its workflow, and tells the person what became of it', async () => {
    const answer = await invoke(cardAction(teams, card(), 'curtail.approve', ana));
    expect(JSON.parse(answer.text)).toMatchObject({ statusCode: 200 });
    await desk.app.close();
    expect(claims()).toMatchObject([{ sub: 'ana', verdict: 'approve', via: 'teams' }]);
    expect(teams.messages.at(-1)).toMatchObject({ conversation: 'a:29:ana' });
    expect(teams.messages.at(-1)?.text).toContain('Your approval counts.');
  });

  it('takes a rejection with its reason only', async () => {
    const without = await invoke(cardAction(teams, card(), 'curtail.reject', ana));
    expect(without.text).toContain('Write the reason');
    const activity = cardAction(teams, card(), 'curtail.reject', ana, { reason: 'needed' });
    await invoke({ ...activity, id: 'f:2' });
    await desk.app.close();
    expect(claims()).toMatchObject([{ verdict: 'reject', reason: 'needed' }]);
  });

  it('believes no account that the directory does not know', async () => {
    await invoke(cardAction(teams, card(), 'curtail.approve', stranger));
    await desk.app.close();
    expect(desk.offers).toEqual([]);
    expect(teams.messages.at(-1)?.text).toContain('does not know this account');
  });

  it.each<[name: string, status: number, token: () => Promise<string>, over: object]>([
    ['signed by another key', 401, () => teams.forgedToken(NOW), {}],
    ['for another bot', 401, () => teams.token({ nowMs: NOW, audience: 'other' }), {}],
    ['of another issuer', 401, () => teams.token({ nowMs: NOW, issuer: 'https://evil.example' }), {}],
    ['for another address', 401, () => teams.token({ nowMs: NOW, serviceUrl: 'https://evil.example/' }), {}],
    ['that has ended', 401, () => teams.token({ nowMs: NOW - 7_200_000, expiresAtMs: NOW - 3_600_000 }), {}],
    ['that is none', 401, async () => 'a.b.c', {}],
    [
      'whose body is of another tenant',
      403,
      () => teams.token({ nowMs: NOW }),
      { conversation: { id: 'x', tenantId: 'other' } },
    ],
    [
      'whose body names another address',
      403,
      () => teams.token({ nowMs: NOW }),
      { serviceUrl: 'https://evil.example/' },
    ],
  ])('refuses a call with a token %s', async (_name, status, token, over) => {
    const activity = { ...cardAction(teams, card(), 'curtail.approve', ana), ...over };
    expect((await invoke(activity, await token())).status).toBe(status);
    await desk.app.close();
    expect(desk.offers).toEqual([]);
  });

  it('answers a question by the outgoing webhook at once, to who may see it', async () => {
    const [reference = ''] = /curtail-[0-9a-f]{8}/.exec(JSON.stringify(card().card)) ?? [];
    const ask = async (text: string, from: object, id: string) => {
      const body = JSON.stringify({
        type: 'message',
        id,
        channelId: 'msteams',
        from,
        conversation: { id: CONVERSATION, tenantId: TENANT },
        text: `<at>Curtail</at> ${text}`,
      });
      return deliver('teams/questions', body, outgoingHeaders(body));
    };
    expect((await ask(`${reference} why is this needed?`, ana, '1')).text).toContain(
      'AI-generated guidance, session llm_q1: You asked: why is this needed?',
    );
    expect((await ask('why?', ana, '2')).text).toContain('by the reference on its card');
    expect((await ask(`${reference} why?`, stranger, '3')).text).toContain('may not see that');
    const body = '{}';
    const forged = await deliver('teams/questions', body, outgoingHeaders(body, BOT_SECRET));
    expect(forged.status).toBe(401);
  });
});
