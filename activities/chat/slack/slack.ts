import { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import { plainLine } from '../../../domain/text/plain-text.js';
import { type AdapterDeps, adapter } from '../../adapter.js';
import type { Chat, Notice } from '../port.js';
import { buttons, escaped, linkLine, messageBlocks, reasonForm } from './blocks.js';
import { SlackConfig } from './config.js';
import { messageId, placeOf, postOnce, type Self } from './messages.js';
import { probeSlack } from './probe.js';
import { type CallSlack, openWebApi } from './web-api.js';

const AuthTest = z.object({ team_id: z.string(), bot_id: z.string() });
const LookedUp = z.object({ user: z.object({ id: z.string() }) });
const UserInfo = z.object({
  user: z.object({
    id: z.string(),
    team_id: z.string().optional(),
    deleted: z.boolean().optional(),
    is_bot: z.boolean().optional(),
    is_email_confirmed: z.boolean().optional(),
    profile: z.object({ email: z.string().optional() }).optional(),
  }),
});
/** A message that is gone, or that Slack does not let be changed any more, needs no end state. */
const GONE = [
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
  'channel_not_found',
  'is_archived',
];
/** A trigger lives for three seconds, and Slack waits no longer for the acknowledgement. */
const FORM_TIMEOUT_MS = 2_000;
const ACCOUNT = /^[UW][A-Z0-9]{2,30}$/;

/** An app in a Slack workspace: notices with buttons, the reason's form, answers in threads. */
export async function createSlack(config: SlackConfig, deps: AdapterDeps): Promise<Chat> {
  const call = await openWebApi(config, deps);
  const self = once(() => whoAmI(call));
  const parts = () => ({ call, self, nowMs: deps.now(), log: deps.log });
  return {
    vendor: 'slack',
    changesMessages: true,
    async send(notice) {
      const channel = channelOf(config, notice);
      const mentions = config.mention ? await mentionsOf(call, notice) : namesIn(notice);
      const place = await postOnce(parts(), {
        key: notice.key,
        channel,
        text: escaped(plainLine(notice.title)),
        blocks: [...messageBlocks(notice.title, notice.body, mentions), buttons(notice)],
      });
      // The time at which Slack has it: a repeated look finds the same.
      return { id: messageId(place), deliveredAtMs: Math.floor(Number(place.ts) * 1_000) };
    },
    async update({ messageId: id, title, body, url }) {
      await call({
        method: 'chat.update',
        body: {
          ...placeOf(id),
          text: escaped(plainLine(title)),
          blocks: [...messageBlocks(title, body), linkLine(url)],
        },
        answer: z.unknown(),
        tolerated: GONE,
        write: true,
      });
    },
    probe: () => probeSlack(config, deps),
    namesOf: (account) => namesOf(call, self, config, account),
    async whisper({ messageId: id, account, text, url }) {
      const { channel } = placeOf(id);
      if (!ACCOUNT.test(account)) return;
      await call({
        method: 'chat.postEphemeral',
        body: {
          channel,
          user: account,
          text: escaped(text),
          blocks: [...messageBlocks('Curtail', [{ type: 'paragraph', text }]), linkLine(url)],
        },
        answer: z.unknown(),
        tolerated: ['user_not_in_channel', 'channel_not_found', 'is_archived'],
        write: true,
      });
    },
    async reply({ messageId: id, key, body }) {
      const { channel, ts } = placeOf(id);
      const blocks = messageBlocks('Curtail', body);
      await postOnce(parts(), { key, channel, threadTs: ts, text: 'An answer of Curtail', blocks });
    },
    async askReason({ trigger, messageId: id, requestId, digest, title }) {
      const metadata = JSON.stringify({ r: requestId, d: digest, m: id });
      await call({
        method: 'views.open',
        body: { trigger_id: trigger, view: reasonForm(title, metadata) },
        answer: z.unknown(),
        timeoutMs: FORM_TIMEOUT_MS,
        write: true,
      });
    },
  };
}

function channelOf({ channel, channels }: SlackConfig, notice: Notice): string {
  const team = notice.channel;
  return team !== undefined && Object.hasOwn(channels, team) ? (channels[team] ?? channel) : channel;
}

async function whoAmI(call: CallSlack): Promise<Self> {
  const told = await call({ method: 'auth.test', body: {}, answer: AuthTest });
  if ('refused' in told) throw new Failure(FailureType.VendorAuth, `slack: auth.test: ${told.refused}`);
  return { botId: told.answer.bot_id, team: told.answer.team_id };
}

/** The people who are asked, as mentions; by name where Slack does not know the address. */
async function mentionsOf(call: CallSlack, { to }: Notice): Promise<string> {
  const found = await Promise.all(
    to.map(async ({ email, name }) => {
      const looked = await call({
        method: 'users.lookupByEmail',
        body: { email },
        answer: LookedUp,
        tolerated: ['users_not_found', 'missing_scope'],
      });
      const id = 'answer' in looked ? looked.answer.user.id : '';
      return ACCOUNT.test(id) ? `<@${id}>` : escaped(plainLine(name, 60));
    }),
  );
  return found.join(' ');
}

function namesIn({ to }: Notice): string {
  return to.map(({ name }) => escaped(plainLine(name, 60))).join(', ');
}

/** An address counts only if Slack has had it confirmed, and for members of our own workspace: guests of others state theirs. */
async function namesOf(
  call: CallSlack,
  self: () => Promise<Self>,
  { identify }: SlackConfig,
  account: string,
): Promise<readonly string[]> {
  if (!ACCOUNT.test(account)) return [];
  const names = [`slack:${account}`];
  const told = await call({
    method: 'users.info',
    body: { user: account },
    answer: UserInfo,
    tolerated: ['user_not_found', 'user_not_visible'],
  });
  if ('refused' in told) return [];
  const { user } = told.answer;
  if (user.id !== account || user.deleted === true || user.is_bot === true) return [];
  const email = user.profile?.email ?? '';
  const counts =
    identify === 'email' &&
    user.is_email_confirmed !== false &&
    user.team_id === (await self()).team &&
    email.includes('@');
  return counts ? [...names, email] : names;
}

/** The same answer for everybody who asks, once there is one. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let kept: Promise<T> | undefined;
  return () => {
    kept ??= ask().catch((error: unknown) => {
      kept = undefined;
      throw error;
    });
    return kept;
  };
}

/** Notices and decisions in Slack. */
export const slack = adapter(SlackConfig, createSlack);
