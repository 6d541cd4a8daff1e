import { z } from 'zod';
import { isRecord } from '../../domain/json.js';
import type { Secret } from '../../runtime/secret.js';
import { parseBoundedJson } from '../gateway/bounded-json.js';
import { anyCheck, type SignatureCheck, slackV0 } from '../gateway/signatures.js';
import {
  type KeptDelivery,
  malformed,
  otherTenant,
  type Refused,
  type WebhookDelivery,
  type WebhookReply,
  type WebhookRoute,
} from '../gateway/webhooks.js';
import { ButtonValue } from './chat-decisions.js';
import { pageOf } from './chat-person.js';
import { asksSomething } from './chat-questions.js';
import { CHAT_REMEMBER_MS, type ChatDeskParts, deliverChat } from './chat-route.js';
import { type Click, type FormSent, Interaction, messageIdOf, ThreadReply } from './slack-payload.js';

const MAX_BYTES = 256 * 1024;
const OK: WebhookReply = { status: 200, body: '' };

/** What the doors of a Slack app are opened with. */
export interface SlackCallbackOptions {
  secrets: readonly Secret[];
  /** The workspace whose deliveries are taken. */
  team: string;
  parts: ChatDeskParts;
}

/** Slack's two addresses: clicks and forms (interactivity), and what is written in threads (events). */
export function slackCallbacks(options: SlackCallbackOptions): readonly WebhookRoute[] {
  return [interactivity(options), events(options)];
}

/** Clicks and forms. They are acknowledged before anything is done: Slack waits for three seconds and never tries again. */
function interactivity({ secrets, team, parts }: SlackCallbackOptions): WebhookRoute {
  return {
    name: 'slack',
    path: '/slack/interactivity',
    contentTypes: ['application/x-www-form-urlencoded'],
    maxBytes: MAX_BYTES,
    verify: checkOf(secrets),
    rememberMs: CHAT_REMEMBER_MS,
    keep: (delivery) => keepInteraction(interactionOf(delivery), team),
    handle: async (delivery) => openForm(interactionOf(delivery), parts),
    deliver: deliverChat(parts),
  };
}

/** What is written below our messages. */
function events({ secrets, team, parts }: SlackCallbackOptions): WebhookRoute {
  return {
    name: 'slack-events',
    path: '/slack/events',
    contentTypes: ['application/json'],
    maxBytes: MAX_BYTES,
    verify: checkOf(secrets),
    rememberMs: CHAT_REMEMBER_MS,
    keep: ({ payload }) => keepEvent(payload, team),
    deliver: deliverChat(parts),
  };
}

/** Clicks, forms and threads by a connection that we open, where Slack cannot reach us. */
export function socketMode(
  options: Omit<SlackCallbackOptions, 'secrets'> & { listen: NonNullable<WebhookRoute['listen']> },
): WebhookRoute {
  const { team, parts, listen } = options;
  return {
    name: 'slack-socket',
    contentTypes: [],
    maxBytes: MAX_BYTES,
    verify: () => 'there is no door here',
    rememberMs: CHAT_REMEMBER_MS,
    listen,
    keep: (delivery) =>
      isEvent(delivery.payload)
        ? keepEvent(delivery.payload, team)
        : keepInteraction(interactionOf(delivery), team),
    handle: async (delivery) => openForm(interactionOf(delivery), parts),
    deliver: deliverChat(parts),
  };
}

function isEvent(payload: unknown): boolean {
  return isRecord(payload) && payload['type'] === 'event_callback';
}

function checkOf(secrets: readonly Secret[]): SignatureCheck {
  return anyCheck(secrets.map((secret) => slackV0({ secret })));
}

function interactionOf({ payload }: WebhookDelivery): Interaction | undefined {
  const value = payload instanceof URLSearchParams ? readJson(payload.get('payload')) : payload;
  const parsed = Interaction.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

/** A form's field is JSON of its own, and bounded like a body. */
function readJson(text: string | null): unknown {
  try {
    return parseBoundedJson(Buffer.from(text ?? ''));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Undefined for a click on *Reject*: its form must open while the click is fresh. */
function keepInteraction(
  interaction: Interaction | undefined,
  team: string,
): KeptDelivery | Refused | undefined {
  if (interaction === undefined) return malformed;
  if (interaction.team.id !== team) return otherTenant;
  if (interaction.type === 'view_submission') return keepForm(interaction);
  const [action] = interaction.actions;
  if (action?.action_id === 'curtail.reject') return undefined;
  if (action?.action_id !== 'curtail.approve') return { reply: OK };
  const value = ButtonValue.safeParse(readJson(action.value ?? null));
  if (!value.success) return malformed;
  const account = interaction.user.id;
  const messageId = messageIdOf(interaction.container);
  return {
    content: {
      act: 'decide',
      account,
      messageId,
      requestId: value.data.r,
      digest: value.data.d,
      verdict: 'approve',
    },
    // Each click is answered; that several of one person are one decision is the decider's to see.
    key: `${account}/${messageId}/${action.action_ts}`,
    reply: OK,
  };
}

function keepForm(form: FormSent): KeptDelivery | Refused {
  const { view, user } = form;
  const metadata = ButtonValue.extend({ m: z.string().min(1).max(100) }).safeParse(
    readJson(view.private_metadata),
  );
  if (view.callback_id !== 'curtail.reason') return { reply: OK };
  const reason = view.state.values['reason']?.['reason']?.value?.trim() ?? '';
  if (!metadata.success) return malformed;
  if (reason === '') {
    const errors = { reason: 'Say why, so that the next draft can be a better one.' };
    return { reply: { status: 200, body: { response_action: 'errors', errors } } };
  }
  const { r: requestId, d: digest, m: messageId } = metadata.data;
  return {
    content: {
      act: 'decide',
      account: user.id,
      messageId,
      requestId,
      digest,
      verdict: 'reject',
      reason: reason.slice(0, 2_000),
    },
    key: `${user.id}/${view.id}`,
    reply: OK,
  };
}

/** Opens the form that asks for a reason. When Slack does not take it in time, the person is led to the page. */
async function openForm(click: Interaction | undefined, parts: ChatDeskParts): Promise<WebhookReply> {
  if (click?.type !== 'block_actions') return OK;
  const value = ButtonValue.safeParse(readJson(click.actions[0]?.value ?? null));
  if (!value.success) return OK;
  const { r: requestId, d: digest } = value.data;
  const messageId = messageIdOf(click.container);
  const row = await parts.ledger.request(requestId);
  try {
    await parts.chat.askReason?.({
      trigger: click.trigger_id,
      messageId,
      requestId,
      digest,
      title: row?.title ?? '',
    });
  } catch (error) {
    parts.log('warn', 'slack: opening a form', { reason: String(error).slice(0, 300) });
    void leadToPage(parts, click, requestId);
  }
  return OK;
}

async function leadToPage(parts: ChatDeskParts, click: Click, requestId: string): Promise<void> {
  try {
    await parts.chat.whisper?.({
      messageId: messageIdOf(click.container),
      account: click.user.id,
      key: `${requestId}/${click.trigger_id}`,
      text: 'The form for the reason could not be opened. Reject on the page instead.',
      url: pageOf(parts, requestId),
    });
  } catch (error) {
    parts.log('warn', 'slack: telling a person where to go', { reason: String(error).slice(0, 300) });
  }
}

function keepEvent(payload: unknown, team: string): KeptDelivery | Refused {
  const challenge = z
    .object({ type: z.literal('url_verification'), challenge: z.string().max(200) })
    .safeParse(payload);
  if (challenge.success) return { reply: { status: 200, body: { challenge: challenge.data.challenge } } };
  const parsed = ThreadReply.safeParse(payload);
  if (!parsed.success) return malformed;
  const { team_id: from, event, event_id: id } = parsed.data;
  if (from !== team) return otherTenant;
  const { user, text, thread_ts: root, channel } = event;
  // What bots write, ourselves among them, has a bot's id or a subtype.
  const isPersons = event.type === 'message' && event.bot_id === undefined && event.subtype === undefined;
  if (!isPersons || user === undefined || root === undefined || channel === undefined) return { reply: OK };
  if (!asksSomething(text ?? '')) return { reply: OK };
  const messageId = messageIdOf({ channel_id: channel, message_ts: root });
  return {
    content: { act: 'ask', account: user, messageId, id, text: (text ?? '').slice(0, 4_000) },
    key: id,
    reply: OK,
  };
}
