import { createHmac } from 'node:crypto';
import {
  startVendorServer,
  type VendorAnswer,
  type VendorRequest,
  type VendorServer,
} from './vendor-server.js';

export interface SlackUser {
  id: string;
  email?: string;
  team?: string;
  confirmed?: boolean;
  deleted?: boolean;
}
export interface SlackMessage {
  channel: string;
  ts: string;
  threadTs?: string;
  text: string;
  blocks: Record<string, unknown>[];
  metadata?: unknown;
  botId: string;
}
/** A Slack workspace in memory: as much of the Web API as is documented and used. */
export interface SlackServer extends VendorServer {
  messages: SlackMessage[];
  whispers: { user: string; channel: string; text: string }[];
  forms: { trigger: string; view: Record<string, unknown> }[];
  users: SlackUser[];
  /** Methods that the token has no scope for, with the scope that is missing. */
  missing: Map<string, string>;
  /** What `auth.test` states as granted. */
  scopes: string;
}

export const TEAM = 'T0FIX00001';
export const CHANNEL = 'C0FIX00001';
export const BOT_TOKEN = 'xoxb-test-1';
export const SIGNING_SECRET = 'slack-signing-secret';
const BOT = 'B0FIX00001';
const MAX_BLOCK_TEXT = 13_200;

/** Starts the workspace. Its only token is `BOT_TOKEN`. */
export async function startSlack(port = 0): Promise<SlackServer> {
  const state: Pick<SlackServer, 'messages' | 'whispers' | 'forms' | 'users' | 'missing' | 'scopes'> = {
    messages: [],
    whispers: [],
    forms: [],
    users: [],
    missing: new Map(),
    scopes: 'chat:write,channels:history,users:read,users:read.email',
  };
  let count = 0;
  const nextTs = (): string => {
    count += 1;
    return `${Math.floor(Date.now() / 1_000)}.${String(count).padStart(6, '0')}`;
  };
  const ok = (body: object = {}): VendorAnswer => ({ status: 200, body: { ok: true, ...body } });
  const no = (error: string, more: object = {}): VendorAnswer => ({
    status: 200,
    body: { ok: false, error, ...more },
  });

  function act(request: VendorRequest): VendorAnswer {
    const method = request.url.pathname.replace(/^\/api\//, '');
    if (request.headers.authorization !== `Bearer ${BOT_TOKEN}`) return no('invalid_auth');
    const needed = state.missing.get(method);
    if (needed !== undefined) return no('missing_scope', { needed, provided: 'chat:write' });
    // Arguments are read from forms only, as the older methods do.
    const form = new URLSearchParams(request.body.toString());
    const handler = METHODS[method];
    return handler === undefined ? no('unknown_method') : handler(form);
  }

  const METHODS: Record<string, (form: URLSearchParams) => VendorAnswer> = {
    'auth.test': () => ({
      ...ok({ team_id: TEAM, bot_id: BOT, user_id: 'U0BOT00001' }),
      headers: { 'x-oauth-scopes': state.scopes },
    }),
    'chat.postMessage': (form) => {
      const blocks = json<Record<string, unknown>[]>(form.get('blocks')) ?? [];
      const channel = form.get('channel') ?? '';
      const fault = channel === CHANNEL ? blockFault(blocks) : 'channel_not_found';
      if (fault !== undefined) return no(fault);
      const threadTs = form.get('thread_ts');
      const message: SlackMessage = {
        channel,
        ts: nextTs(),
        text: form.get('text') ?? '',
        blocks,
        metadata: json(form.get('metadata')),
        botId: BOT,
        ...(threadTs !== null && { threadTs }),
      };
      state.messages.push(message);
      return ok({ channel, ts: message.ts });
    },
    'chat.update': (form) => {
      const found = state.messages.find(
        ({ ts, channel }) => ts === form.get('ts') && channel === form.get('channel'),
      );
      if (found === undefined) return no('message_not_found');
      found.text = form.get('text') ?? '';
      found.blocks = json(form.get('blocks')) ?? [];
      return ok({ channel: found.channel, ts: found.ts });
    },
    'chat.postEphemeral': (form) => {
      const user = form.get('user') ?? '';
      if (!state.users.some(({ id }) => id === user)) return no('user_not_in_channel');
      state.whispers.push({ user, channel: form.get('channel') ?? '', text: form.get('text') ?? '' });
      return ok({ message_ts: nextTs() });
    },
    'conversations.history': (form) => {
      const oldest = Number(form.get('oldest') ?? 0);
      const found = state.messages.filter(
        ({ threadTs, ts }) => threadTs === undefined && Number(ts) >= oldest,
      );
      return ok(paged(found.reverse(), form));
    },
    'conversations.replies': (form) => {
      const root = form.get('ts');
      return ok(
        paged(
          state.messages.filter(({ ts, threadTs }) => ts === root || threadTs === root),
          form,
        ),
      );
    },
    'users.lookupByEmail': (form) => {
      const user = state.users.find(({ email }) => email === form.get('email'));
      return user === undefined ? no('users_not_found') : ok({ user: { id: user.id } });
    },
    'users.info': (form) => {
      const user = state.users.find(({ id }) => id === form.get('user'));
      if (user === undefined) return no('user_not_found');
      const { id, email, team = TEAM, confirmed = true, deleted = false } = user;
      return ok({
        user: {
          id,
          team_id: team,
          deleted,
          is_bot: false,
          is_email_confirmed: confirmed,
          profile: { email },
        },
      });
    },
    'views.open': (form) => {
      const trigger = form.get('trigger_id') ?? '';
      if (trigger.startsWith('expired')) return no('expired_trigger_id');
      state.forms.push({ trigger, view: json(form.get('view')) ?? {} });
      return ok({ view: { id: `V${state.forms.length}` } });
    },
  };
  const server = await startVendorServer(act, port);
  return Object.assign(state, server);
}

/** Pages of two, so that every reader must turn them. */
function paged(messages: readonly SlackMessage[], form: URLSearchParams): object {
  const from = Number(form.get('cursor') ?? 0);
  const withMetadata = form.get('include_all_metadata') === 'true';
  const page = messages.slice(from, from + 2).map(({ ts, text, botId, metadata }) => ({
    ts,
    text,
    bot_id: botId,
    ...(withMetadata && { metadata }),
  }));
  const more = from + 2 < messages.length;
  return { messages: page, has_more: more, response_metadata: { next_cursor: more ? String(from + 2) : '' } };
}

function blockFault(blocks: readonly Record<string, unknown>[]): string | undefined {
  if (blocks.length > 50) return 'invalid_blocks';
  const texts = blocks.map(({ text }) => (text as { text?: string } | undefined)?.text ?? '');
  if (texts.some((text) => text.length > 3_000)) return 'invalid_blocks';
  return texts.join('').length > MAX_BLOCK_TEXT ? 'msg_blocks_too_long' : undefined;
}

function json<T>(text: string | null): T | undefined {
  return text === null ? undefined : (JSON.parse(text) as T);
}

/** Headers by which Slack signs a body. */
export function slackHeaders(body: string, atMs: number, secret = SIGNING_SECRET): Record<string, string> {
  const seconds = String(Math.floor(atMs / 1_000));
  const mac = createHmac('sha256', secret).update(`v0:${seconds}:${body}`).digest('hex');
  return {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': seconds,
    'x-slack-signature': `v0=${mac}`,
  };
}

/** What Slack sends when a person clicks a button of a message. */
export function clickOn(
  message: SlackMessage,
  actionId: string,
  user: string,
  over: { team?: string; trigger?: string } = {},
): string {
  const elements = message.blocks.flatMap((block) => (block['elements'] ?? []) as Record<string, unknown>[]);
  const button = elements.find((element) => element['action_id'] === actionId);
  const team = over.team ?? TEAM;
  const payload = {
    type: 'block_actions',
    team: { id: team, domain: 'acme' },
    user: { id: user, username: 'whoever', team_id: team },
    api_app_id: 'A0FIX00001',
    container: { type: 'message', message_ts: message.ts, channel_id: message.channel, is_ephemeral: false },
    trigger_id: over.trigger ?? '12345.98765.abcd2358fdea',
    response_url: 'https://hooks.slack.com/actions/T0FIX00001/1/fixture',
    actions: [
      { type: 'button', action_id: actionId, value: button?.['value'], action_ts: '1795183387.123456' },
    ],
  };
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}

/** What Slack sends when a person sends a form. */
export function formSent(view: Record<string, unknown>, user: string, reason: string | null): string {
  const payload = {
    type: 'view_submission',
    team: { id: TEAM, domain: 'acme' },
    user: { id: user },
    view: {
      id: 'V1',
      callback_id: view['callback_id'],
      private_metadata: view['private_metadata'],
      state: { values: { reason: { reason: { type: 'plain_text_input', value: reason } } } },
    },
  };
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}
