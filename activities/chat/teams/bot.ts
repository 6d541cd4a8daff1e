import { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import type { AdapterDeps } from '../../adapter.js';
import { createHttp, type Http } from '../../http.js';
import { patiently } from '../patience.js';
import type { Card } from './card.js';
import type { BotConfig } from './config.js';

/** What the Bot Connector knows of a member of the channel. */
export interface Member {
  aadObjectId?: string | undefined;
  email?: string | undefined;
  tenantId?: string | undefined;
}
/** The Bot Connector's REST interface, as far as it is used. https://learn.microsoft.com/azure/bot-service/rest-api/ */
export interface Bot {
  post(card: Card): Promise<string>;
  /** False when the message is gone. */
  change(activityId: string, card: Card): Promise<boolean>;
  replyTo(activityId: string, text: string): Promise<void>;
  member(accountId: string): Promise<Member | undefined>;
  /** A message that only one person reads. */
  tell(accountId: string, text: string): Promise<void>;
}

const Token = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive().max(172_800).default(3_600),
});
const Made = z.object({ id: z.string().min(1).max(500) });
const MemberAnswer = z.union([
  z.object({
    id: z.string(),
    aadObjectId: z.string().optional(),
    objectId: z.string().optional(),
    email: z.string().optional(),
    userPrincipalName: z.string().optional(),
    tenantId: z.string().optional(),
  }),
  z.looseObject({ id: z.undefined().optional() }),
]);
const SCOPE = 'https://api.botframework.com/.default';
/** A token is replaced this long before it ends. */
const MARGIN_MS = 5 * 60_000;
const CARD_TYPE = 'application/vnd.microsoft.card.adaptive';

/** Opens the Bot Connector. It is reached where the configuration says and never where an activity says: a token would follow. */
export async function openBot(config: BotConfig, timeoutMs: number, deps: AdapterDeps): Promise<Bot> {
  const tokens = await openTokens(config, timeoutMs, deps);
  const connector = createHttp({
    vendor: 'teams',
    baseUrl: config.serviceUrl,
    fetch: deps.fetch,
    now: deps.now,
    headers: async () => ({ authorization: await tokens.header() }),
    onCall: (call) => deps.log('debug', 'call', { ...call }),
  });
  const http: Pick<Http, 'send'> = {
    send: (request) =>
      patiently(async () => {
        try {
          return await connector.send(request);
        } catch (error) {
          // A token may end before its time: a refused call did nothing, so it is made once more with a new one.
          if (!(error instanceof Failure) || error.type !== FailureType.VendorAuth || !tokens.forget())
            throw error;
          return connector.send(request);
        }
      }),
  };
  const channel = `v3/conversations/${encodeURIComponent(config.conversation)}`;
  const post = async (path: string, doing: string, body: unknown): Promise<string> => {
    const sent = await http.send({ doing, method: 'POST', path, body, answer: Made, timeoutMs, write: true });
    return sent.body.id;
  };
  return {
    post: (card) => post(`${channel}/activities`, 'posting a card', messageOf(card)),
    async change(activityId, card) {
      const { status } = await http.send({
        doing: 'changing a card',
        method: 'PUT',
        path: `${channel}/activities/${encodeURIComponent(activityId)}`,
        body: { ...messageOf(card), id: activityId },
        answer: z.unknown(),
        alsoGood: [404, 405],
        timeoutMs,
        write: true,
      });
      return status < 400;
    },
    async replyTo(activityId, text) {
      const body = { type: 'message', textFormat: 'plain', text, replyToId: activityId };
      await post(`${channel}/activities/${encodeURIComponent(activityId)}`, 'answering below a card', body);
    },
    async member(accountId) {
      const { body } = await http.send({
        doing: 'asking who a member is',
        method: 'GET',
        path: `${channel}/members/${encodeURIComponent(accountId)}`,
        answer: MemberAnswer,
        alsoGood: [404],
        timeoutMs,
      });
      if (!('id' in body) || body.id !== accountId) return undefined;
      const found = body as z.output<(typeof MemberAnswer)['options'][0]>;
      return {
        aadObjectId: found.aadObjectId ?? found.objectId,
        email: found.email ?? found.userPrincipalName,
        tenantId: found.tenantId,
      };
    },
    async tell(accountId, text) {
      const conversation = await post('v3/conversations', 'opening a conversation', {
        bot: { id: `28:${config.appId}` },
        members: [{ id: accountId }],
        isGroup: false,
        channelData: { tenant: { id: config.tenant } },
      });
      const path = `v3/conversations/${encodeURIComponent(conversation)}/activities`;
      await post(path, 'telling a person', { type: 'message', textFormat: 'plain', text });
    },
  };
}

interface Tokens {
  header(): Promise<string>;
  /** False when the token in use is new already, so that another would be refused as well. */
  forget(): boolean;
}

function messageOf(card: Card): object {
  return { type: 'message', attachments: [{ contentType: CARD_TYPE, content: card }] };
}

async function openTokens(config: BotConfig, timeoutMs: number, deps: AdapterDeps): Promise<Tokens> {
  const secret = await deps.resolveSecret(config.secret);
  const http = createHttp({ vendor: 'teams', baseUrl: config.loginUrl, fetch: deps.fetch, now: deps.now });
  let kept: { header: string; goodUntilMs: number } | undefined;
  let forgotten = '';
  const header = async (): Promise<string> => {
    if (kept !== undefined && deps.now() < kept.goodUntilMs) return kept.header;
    const { body } = await http.send({
      doing: 'signing in',
      method: 'POST',
      path: `${config.tenant}/oauth2/v2.0/token`,
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: config.appId,
        client_secret: secret.reveal(),
        scope: SCOPE,
      }),
      answer: Token,
      timeoutMs,
    });
    kept = {
      header: `Bearer ${body.access_token}`,
      goodUntilMs: deps.now() + body.expires_in * 1_000 - MARGIN_MS,
    };
    return kept.header;
  };
  return {
    header,
    forget() {
      if (kept === undefined || kept.header === forgotten) return false;
      forgotten = kept.header;
      kept = undefined;
      return true;
    },
  };
}
