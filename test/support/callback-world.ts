import { createHmac } from 'node:crypto';
import type { Chat } from '../../activities/chat/port.js';
import type { TicketApproval, TicketDesk } from '../../activities/itsm/port.js';
import { botTokens } from '../../client/callbacks/bot-tokens.js';
import { jiraCallbacks } from '../../client/callbacks/jira.js';
import { serviceNowCallbacks } from '../../client/callbacks/servicenow.js';
import { slackCallbacks } from '../../client/callbacks/slack.js';
import { teamsBot, teamsQuestions } from '../../client/callbacks/teams.js';
import { deliverTicketDecisions } from '../../client/callbacks/ticket-decisions.js';
import type { GatewayDeps, WebhookParts } from '../../client/gateway/deps.js';
import type { WebhookRoute } from '../../client/gateway/webhooks.js';
import { Secret } from '../../runtime/secret.js';
import { SIGNING_SECRET, slackHeaders, TEAM } from './slack-server.js';
import {
  APP_ID,
  CONVERSATION,
  OUTGOING_SECRET,
  outgoingHeaders,
  TENANT,
  type TeamsServer,
} from './teams-server.js';

/** One request to a door. Headers are pairs, for one may be there twice. */
export interface Callback {
  path: string;
  headers: readonly (readonly [name: string, value: string])[];
  body: Buffer;
}
/** What the doors of the world open on. */
export interface WorldParts {
  ledger: GatewayDeps['ledger'];
  directory: GatewayDeps['directory'];
  teams: TeamsServer;
  now: () => number;
  /** What the ticket system says of its tickets. */
  approvals: readonly TicketApproval[];
}

const INSTANCE = 'acme.service-now.com';
const SITE = 'https://acme.atlassian.net';
const JIRA_SECRET = 'jira-webhook-secret';
const KEY = Buffer.from('0123456789abcdef0123456789abcdef');
export const TICKET = '32a5534aaaaeccca5fa28dfad456bfb6';

/** Every door that people's decisions can come through, over a ticket system and a chat in memory. */
export function callbackDoors(world: WorldParts): (parts: WebhookParts) => readonly WebhookRoute[] {
  const { ledger, directory, now, teams } = world;
  const shared = { ledger, directory, publicUrl: 'https://curtail.example', now, log: () => undefined };
  const tickets = {
    traits: { vendor: 'servicenow', approvals: true },
    approvals: async () => world.approvals,
    comment: async () => undefined,
  } as unknown as TicketDesk;
  return ({ decider, answerQuestion }) => {
    const look = (ticketId: string) => deliverTicketDecisions({ ...shared, tickets, decider }, ticketId);
    const parts = {
      ...shared,
      chat: chatOf('slack'),
      decider,
      answer: answerQuestion,
      requestOf: async () => undefined,
    };
    const bot = {
      appId: APP_ID,
      serviceUrl: `${teams.url}/emea/`,
      openIdUrl: teams.openIdUrl,
      fetch,
      log: () => undefined,
    };
    return [
      serviceNowCallbacks({
        keys: [new Secret(`whsec_${KEY.toString('base64')}`)],
        instance: INSTANCE,
        table: 'change_request',
        look,
      }),
      ...jiraCallbacks({ secrets: [new Secret(JIRA_SECRET)], siteUrl: SITE, look }),
      ...slackCallbacks({ secrets: [new Secret(SIGNING_SECRET)], team: TEAM, parts }),
      teamsBot({
        ...bot,
        check: botTokens(bot),
        tenant: TENANT,
        conversation: CONVERSATION,
        parts: { ...parts, chat: chatOf('teams') },
      }),
      teamsQuestions({ secrets: [new Secret(OUTGOING_SECRET)], tenant: TENANT, parts }),
    ];
  };
}

function chatOf(vendor: string): Chat {
  return {
    vendor,
    changesMessages: true,
    send: async () => ({ id: 'm', deliveredAtMs: 0 }),
    update: async () => undefined,
    namesOf: async (account) => [`${vendor}:${account}`],
  };
}

/** What differs between a genuine delivery and an attack. */
export interface Forgery {
  atMs: number;
  id: string;
  /** Another key than the sender's. */
  wrongKey?: boolean;
  /** Another instance, site, workspace or tenant. */
  stranger?: boolean;
}
/** A sender of deliveries: what it writes, and how it signs. */
export interface Sender {
  name: string;
  path: string;
  write(by: Forgery, request: { id: string; digest: string }): string;
  sign(body: string, by: Forgery): Promise<Record<string, string>> | Record<string, string>;
  /** The signature says when it was made. */
  timed: boolean;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const hex = (key: string, body: string) => createHmac('sha256', key).update(body).digest('hex');

/** All senders whose deliveries may decide something. */
export function senders(teams: TeamsServer): readonly Sender[] {
  return [
    {
      name: 'servicenow',
      path: '/webhooks/servicenow',
      timed: true,
      write: ({ atMs, stranger, id }) =>
        JSON.stringify({
          id,
          instance: stranger === true ? 'evil.service-now.com' : INSTANCE,
          occurred_at: new Date(atMs).toISOString(),
          data: {
            table: 'change_request',
            sys_id: TICKET,
            approval: 'approved',
            approvals: [{ approver: { email: 'ben@example.com' }, state: 'approved' }],
          },
        }),
      sign: (body, { atMs, id, wrongKey }) => {
        const seconds = String(Math.floor(atMs / 1_000));
        const key = wrongKey === true ? Buffer.from('another') : KEY;
        const mac = createHmac('sha256', key).update(`${id}.${seconds}.`).update(body).digest('base64');
        return {
          ...JSON_TYPE,
          'webhook-id': id,
          'webhook-timestamp': seconds,
          'webhook-signature': `v1,${mac}`,
        };
      },
    },
    {
      name: 'jira',
      path: '/webhooks/jira',
      timed: false,
      write: ({ atMs, stranger, id }) =>
        JSON.stringify({
          timestamp: atMs,
          webhookEvent: 'jira:issue_updated',
          n: id,
          issue: { id: '10068', self: `${stranger === true ? 'https://evil.atlassian.net' : SITE}/10068` },
        }),
      sign: (body, { id, wrongKey }) => ({
        ...JSON_TYPE,
        'x-atlassian-webhook-identifier': id,
        'x-hub-signature': `sha256=${hex(wrongKey === true ? 'x' : JIRA_SECRET, body)}`,
      }),
    },
    {
      name: 'slack',
      path: '/webhooks/slack/interactivity',
      timed: true,
      write: ({ stranger, id }, request) => {
        const payload = {
          type: 'block_actions',
          team: { id: stranger === true ? 'T0EVIL0001' : TEAM },
          user: { id: 'U0BEN00001' },
          container: { channel_id: 'C0FIX00001', message_ts: '1795183200.000100' },
          trigger_id: '1.2',
          actions: [
            {
              action_id: 'curtail.approve',
              action_ts: id,
              value: JSON.stringify({ r: request.id, d: request.digest }),
            },
          ],
        };
        return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
      },
      sign: (body, { atMs, wrongKey }) => slackHeaders(body, atMs, wrongKey === true ? 'x' : SIGNING_SECRET),
    },
    {
      name: 'teams',
      path: '/webhooks/teams/messages',
      timed: true,
      write: ({ stranger, id }, request) =>
        JSON.stringify({
          type: 'invoke',
          name: 'adaptiveCard/action',
          id,
          channelId: 'msteams',
          serviceUrl: `${teams.url}/emea/`,
          replyToId: '1795183200000',
          from: { id: '29:ben', aadObjectId: 'aad-ben' },
          conversation: { id: CONVERSATION, tenantId: stranger === true ? 'other' : TENANT },
          value: { action: { verb: 'curtail.approve', data: { r: request.id, d: request.digest } } },
        }),
      sign: async (_body, { atMs, wrongKey }) => ({
        ...JSON_TYPE,
        authorization: `Bearer ${wrongKey === true ? await teams.forgedToken(atMs) : await teams.token({ nowMs: atMs })}`,
      }),
    },
    {
      name: 'teams-questions',
      path: '/webhooks/teams/questions',
      timed: false,
      write: ({ stranger, id }) =>
        JSON.stringify({
          type: 'message',
          id,
          channelId: 'msteams',
          from: { id: '29:ben', aadObjectId: 'aad-ben' },
          conversation: { id: CONVERSATION, tenantId: stranger === true ? 'other' : TENANT },
          text: 'curtail-00000000 why?',
        }),
      sign: (body, { wrongKey }) =>
        outgoingHeaders(body, wrongKey === true ? Buffer.from('x').toString('base64') : OUTGOING_SECRET),
    },
  ];
}
