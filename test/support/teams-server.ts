import { createHmac } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import {
  jsonOf,
  startVendorServer,
  type VendorAnswer,
  type VendorRequest,
  type VendorServer,
} from './vendor-server.js';

export interface TeamsMessage {
  id: string;
  conversation: string;
  card?: Record<string, unknown>;
  text?: string;
  replyToId?: string;
}
export interface TeamsMember {
  id: string;
  aadObjectId: string;
  email?: string;
  tenantId?: string;
}
/** A tenant of Teams in memory: a workflow's address, the login, the Bot Connector, and the keys that it signs with. */
export interface TeamsServer extends VendorServer {
  messages: TeamsMessage[];
  members: TeamsMember[];
  /** The workflow's address, with the signature that makes it a secret. */
  webhookUrl: string;
  openIdUrl: string;
  /** A token of the Bot Connector. */
  token(over?: {
    audience?: string;
    issuer?: string;
    serviceUrl?: string;
    expiresAtMs?: number;
    nowMs?: number;
  }): Promise<string>;
  /** Signs as somebody else who knows the key's id. */
  forgedToken(nowMs?: number): Promise<string>;
  /** Makes a number of tokens that are taken no more. */
  expireTokens(): void;
}

export const APP_ID = '11111111-1111-4111-8111-111111111111';
export const TENANT = '00000000-0000-4000-8000-000000000003';
export const CONVERSATION = '19:fixture@thread.tacv2';
export const BOT_SECRET = 'bot-secret-1';
export const OUTGOING_SECRET = 'ZufIK0m7KR3QnI4CBEgxHEp7uWrrXF23afZoErE6ULU=';
const ISSUER = 'https://api.botframework.com';
const MAX_CARD_BYTES = 28 * 1024;
const KID = 'key-1';

/** Pairs take their time to make, so that all tenants of a process share them. */
const keys = once(async () => ({
  pair: await generateKeyPair('RS256', { extractable: true }),
  other: await generateKeyPair('RS256'),
}));

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

export async function startTeams(port = 0): Promise<TeamsServer> {
  const messages: TeamsMessage[] = [];
  const members: TeamsMember[] = [];
  const { pair, other } = await keys();
  const publicKey = await exportJWK(pair.publicKey);
  let generation = 1;
  let count = 0;
  const nextId = (): string => {
    count += 1;
    return String(1_795_183_200_000 + count);
  };
  let base = '';

  function act(request: VendorRequest): VendorAnswer {
    const { pathname } = request.url;
    if (pathname === '/workflows/notify') return takeCard(request);
    if (pathname === `/${TENANT}/oauth2/v2.0/token`) return signIn(request);
    if (pathname === '/openid') return { status: 200, body: { issuer: ISSUER, jwks_uri: `${base}/keys` } };
    if (pathname === '/keys')
      return {
        status: 200,
        body: {
          keys: [
            { ...publicKey, kid: KID, use: 'sig', endorsements: ['msteams', 'webchat'] },
            { ...publicKey, kid: 'not-for-teams', use: 'sig', endorsements: ['webchat'] },
          ],
        },
      };
    if (request.headers.authorization !== `Bearer bot-${generation}`) return { status: 401, body: {} };
    return connector(request, decodeURIComponent(pathname));
  }

  function takeCard(request: VendorRequest): VendorAnswer {
    if (request.headers.authorization !== undefined) return { status: 400, body: {} };
    if (request.url.searchParams.get('sig') !== 'workflow-signature') return { status: 401, body: {} };
    // A flow is started whatever the card is like; only its run fails, and nobody is told.
    if (request.body.length <= MAX_CARD_BYTES) {
      const [attachment] = jsonOf(request)['attachments'] as { content: Record<string, unknown> }[];
      if (attachment !== undefined)
        messages.push({ id: nextId(), conversation: CONVERSATION, card: attachment.content });
    }
    return { status: 202 };
  }

  function signIn(request: VendorRequest): VendorAnswer {
    const form = new URLSearchParams(request.body.toString());
    const good =
      form.get('client_id') === APP_ID &&
      form.get('client_secret') === BOT_SECRET &&
      form.get('scope') === 'https://api.botframework.com/.default';
    return good
      ? { status: 200, body: { token_type: 'Bearer', expires_in: 3_599, access_token: `bot-${generation}` } }
      : { status: 401, body: { error: 'invalid_client' } };
  }

  function connector(request: VendorRequest, path: string): VendorAnswer {
    const [, conversation, rest = ''] =
      /^\/emea\/v3\/conversations(?:\/([^/]+))?(?:\/(.+))?$/.exec(path) ?? [];
    const body = request.method === 'GET' ? {} : jsonOf(request);
    if (conversation === undefined)
      return { status: 201, body: { id: `a:${(body['members'] as { id: string }[])[0]?.id}` } };
    if (request.method === 'GET') {
      const member = members.find(({ id }) => rest === `members/${id}`);
      return member === undefined
        ? { status: 404, body: { error: { code: 'MemberNotFound' } } }
        : { status: 200, body: { tenantId: TENANT, ...member } };
    }
    const [attachment] = (body['attachments'] ?? []) as { content: Record<string, unknown> }[];
    if (request.body.length > MAX_CARD_BYTES)
      return { status: 413, body: { error: { code: 'MessageSizeTooBig' } } };
    if (request.method === 'PUT') {
      const found = messages.find(({ id }) => rest === `activities/${id}`);
      if (found === undefined)
        return { status: 404, body: { error: { code: 'ActivityNotFoundInConversation' } } };
      if (attachment !== undefined) found.card = attachment.content;
      return { status: 200, body: { id: found.id } };
    }
    const id = nextId();
    const replyToId = /^activities\/(.+)$/.exec(rest)?.[1];
    messages.push({
      id,
      conversation,
      ...(attachment !== undefined && { card: attachment.content }),
      ...(typeof body['text'] === 'string' && { text: body['text'] }),
      ...(replyToId !== undefined && { replyToId }),
    });
    return { status: 201, body: { id } };
  }

  const server = await startVendorServer(act, port);
  base = server.url;
  const sign = (
    key: CryptoKey,
    claims: { audience?: string; issuer?: string; serviceUrl?: string; expiresAtMs?: number; nowMs?: number },
  ) => {
    const nowMs = claims.nowMs ?? Date.now();
    return new SignJWT({ serviceurl: claims.serviceUrl ?? `${base}/emea/` })
      .setProtectedHeader({ alg: 'RS256', kid: KID })
      .setIssuer(claims.issuer ?? ISSUER)
      .setAudience(claims.audience ?? APP_ID)
      .setNotBefore(Math.floor(nowMs / 1_000) - 300)
      .setExpirationTime(Math.floor((claims.expiresAtMs ?? nowMs + 3_600_000) / 1_000))
      .sign(key);
  };
  return {
    ...server,
    messages,
    members,
    webhookUrl: `${base}/workflows/notify?api-version=1&sig=workflow-signature`,
    openIdUrl: `${base}/openid`,
    token: (over = {}) => sign(pair.privateKey, over),
    forgedToken: (nowMs) => sign(other.privateKey, nowMs === undefined ? {} : { nowMs }),
    expireTokens: () => {
      generation += 1;
    },
  };
}

/** What Teams sends when a person clicks a button of a card. */
export function cardAction(
  server: Pick<TeamsServer, 'url'>,
  message: TeamsMessage,
  verb: string,
  from: TeamsMember,
  over: { reason?: string; tenant?: string } = {},
): Record<string, unknown> {
  const actions = (message.card?.['actions'] ?? []) as Record<string, unknown>[];
  const data = actions.find((action) => action['verb'] === verb)?.['data'] as object | undefined;
  return {
    type: 'invoke',
    name: 'adaptiveCard/action',
    id: `f:${from.id}:${verb}`,
    channelId: 'msteams',
    serviceUrl: `${server.url}/emea/`,
    from: { id: from.id, aadObjectId: from.aadObjectId },
    replyToId: message.id,
    conversation: {
      id: `${CONVERSATION};messageid=${message.id}`,
      tenantId: over.tenant ?? TENANT,
      conversationType: 'channel',
    },
    value: {
      action: {
        type: 'Action.Execute',
        verb,
        data: { ...data, ...(over.reason !== undefined && { reason: over.reason }) },
      },
      trigger: 'manual',
    },
  };
}

/** The header by which an outgoing webhook signs a body. */
export function outgoingHeaders(body: string, secret = OUTGOING_SECRET): Record<string, string> {
  const mac = createHmac('sha256', Buffer.from(secret, 'base64')).update(body).digest('base64');
  return { 'content-type': 'application/json; charset=utf-8', authorization: `HMAC ${mac}` };
}
