import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../runtime/secret.js';
import { maySeeRequest } from '../gateway/access.js';
import type { SignatureCheck } from '../gateway/signatures.js';
import {
  type KeptDelivery,
  malformed,
  otherTenant,
  type Refused,
  type WebhookReply,
  type WebhookRoute,
} from '../gateway/webhooks.js';
import { type BotTokenCheck, sameAddress } from './bot-tokens.js';
import { pageOf } from './chat-person.js';
import { asksSomething, type ChatQuestionParts, recordedAnswer } from './chat-questions.js';
import { CHAT_REMEMBER_MS, type ChatDeskParts, deliverChat } from './chat-route.js';
import { Activity, tenantOf, threadOf, writtenText } from './teams-payload.js';

const MAX_BYTES = 256 * 1024;
const OK: WebhookReply = { status: 200, body: {} };
/** Teams shows nothing when an answer takes longer than five seconds. */
const ANSWER_WITHIN_MS = 4_000;

/** What the door of a bot is opened with. */
export interface TeamsBotOptions {
  check: BotTokenCheck;
  tenant: string;
  serviceUrl: string;
  /** The channel that our cards stand in. */
  conversation: string;
  parts: ChatDeskParts;
}

/** The bot's messaging endpoint: clicks on cards, and what is written below them. */
export function teamsBot(options: TeamsBotOptions): WebhookRoute {
  return {
    name: 'teams',
    path: '/teams/messages',
    contentTypes: ['application/json'],
    maxBytes: MAX_BYTES,
    verify: ({ headers }, nowMs) => options.check(headers.authorization ?? '', nowMs),
    rememberMs: CHAT_REMEMBER_MS,
    keep: ({ payload }) => keepActivity(payload, options),
    deliver: deliverChat(options.parts),
  };
}

function keepActivity(payload: unknown, options: TeamsBotOptions): KeptDelivery | Refused {
  const parsed = Activity.safeParse(payload);
  if (!parsed.success || parsed.data.channelId !== 'msteams') return malformed;
  const activity = parsed.data;
  const isOurs =
    tenantOf(activity) === options.tenant && sameAddress(activity.serviceUrl, options.serviceUrl);
  if (!isOurs) return otherTenant;
  if (activity.type === 'invoke' && activity.name === 'adaptiveCard/action') return keepClick(activity);
  const root = threadOf(activity);
  const text = writtenText(activity);
  const asks =
    activity.type === 'message' &&
    activity.conversation?.id.startsWith(options.conversation) === true &&
    asksSomething(text);
  if (!asks || root === undefined) return { reply: OK };
  const { id, from } = activity;
  return {
    content: { act: 'ask', account: from.id, messageId: root, id, text: text.slice(0, 4_000) },
    key: id,
    reply: OK,
  };
}

function keepClick({ id, from, value, replyToId }: Activity): KeptDelivery | Refused {
  const { verb, data } = value?.action ?? {};
  if (data === undefined || replyToId === undefined) return malformed;
  const verdict = verb === 'curtail.approve' ? 'approve' : verb === 'curtail.reject' ? 'reject' : undefined;
  if (verdict === undefined) return { reply: toast('This button is not known here.') };
  const reason = data.reason?.trim() ?? '';
  if (verdict === 'reject' && reason === '')
    return { reply: toast('Write the reason into the field of the card, then reject.') };
  return {
    content: {
      act: 'decide',
      account: from.id,
      messageId: replyToId,
      requestId: data.r,
      digest: data.d,
      verdict,
      ...(reason !== '' && { reason }),
    },
    key: id,
    reply: toast('Taken. What became of it is told to you in a moment.'),
  };
}

/** Shown to the person who clicked, and to nobody else. */
function toast(text: string): WebhookReply {
  const body = { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: text };
  return { status: 200, body };
}

/** What the door of an outgoing webhook is opened with. */
export interface TeamsQuestionsOptions {
  secrets: readonly Secret[];
  tenant: string;
  parts: ChatQuestionParts;
}

/** Questions by an outgoing webhook, answered at once; they name what they are about by the reference on its card. */
export function teamsQuestions({ secrets, tenant, parts }: TeamsQuestionsOptions): WebhookRoute {
  return {
    name: 'teams-questions',
    path: '/teams/questions',
    contentTypes: ['application/json'],
    maxBytes: MAX_BYTES,
    verify: teamsHmac(secrets),
    rememberMs: CHAT_REMEMBER_MS,
    keep: ({ payload }) => {
      const parsed = Activity.safeParse(payload);
      if (!parsed.success) return malformed;
      return tenantOf(parsed.data) === tenant ? undefined : otherTenant;
    },
    handle: async ({ payload }) => {
      const text = await answerNow(Activity.parse(payload), parts);
      return { status: 200, body: { type: 'message', text } };
    },
  };
}

async function answerNow(activity: Activity, parts: ChatQuestionParts): Promise<string> {
  const text = writtenText(activity);
  const [reference] = /curtail-[0-9a-f]{8}/.exec(text) ?? [];
  const requestId = reference === undefined ? undefined : await parts.requestOf(reference);
  const row = requestId === undefined ? undefined : await parts.ledger.request(requestId);
  if (row === undefined)
    return 'Name what you ask about by the reference on its card, such as curtail-1a2b3c4d.';
  const { aadObjectId } = activity.from;
  const person =
    aadObjectId === undefined ? undefined : await parts.directory.byEmail(`teams:${aadObjectId}`);
  if (person === undefined || !maySeeRequest(person, row))
    return 'This account may not see that. Ask whoever keeps the directory of Curtail.';
  const question = text.replace(reference ?? '', ' ').trim();
  if (!asksSomething(question)) return `Ask something about it, or open ${pageOf(parts, row.request.id)}`;
  const late = `That takes longer than Teams waits. The answer will be at ${pageOf(parts, row.request.id)}`;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(late), ANSWER_WITHIN_MS);
  });
  const answer = recordedAnswer(parts, row, person, question).then((given) =>
    given.llmSessionId === undefined
      ? given.text
      : `AI-generated guidance, session ${given.llmSessionId}: ${given.text}`,
  );
  return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer));
}

/** `Authorization: HMAC <base64>` over the body. https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-outgoing-webhook */
export function teamsHmac(secrets: readonly Secret[]): SignatureCheck {
  return ({ headers, body }) => {
    const [, offered] = /^HMAC ([A-Za-z0-9+/]{43}=)$/.exec(headers.authorization ?? '') ?? [];
    if (offered === undefined) return 'there is no signature';
    const given = Buffer.from(offered, 'base64');
    const matches = secrets.some((secret) => {
      const expected = createHmac('sha256', Buffer.from(secret.reveal(), 'base64')).update(body).digest();
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
    return matches ? undefined : 'the signature does not match';
  };
}
