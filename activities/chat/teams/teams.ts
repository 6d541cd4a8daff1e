import { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import { plainText } from '../../../domain/text/plain-text.js';
import { type AdapterDeps, adapter } from '../../adapter.js';
import { type Capability, tried } from '../../capability.js';
import { createHttp } from '../../http.js';
import type { Chat, Notice } from '../port.js';
import { reference } from '../reference.js';
import { type Bot, openBot } from './bot.js';
import { type Card, cardOf } from './card.js';
import { TeamsConfig } from './config.js';

/** A workflow takes every card with the same answer, whatever becomes of it. */
const UNASKED: Capability = {
  what: 'post cards',
  needs: "the workflow's address, and an owner whose account lives",
  ok: 'unknown',
  note: 'cannot be asked without posting',
};
const WAIT_MS = 15_000;
const ACCOUNT = /^29:[\w-]{1,200}$/;

/**
 * A channel of Microsoft Teams. By a workflow's webhook nothing is known of a message afterwards: its button opens our page, and
 * its end state is another card. By a bot, cards decide and are changed. Neither lets a message be found again, so a repeated
 * call after a lost answer may show one twice.
 */
export async function createTeams(config: TeamsConfig, deps: AdapterDeps): Promise<Chat> {
  const { bot, timeoutMs } = config;
  return bot === undefined
    ? byWebhook(config, deps)
    : byBot(config, await openBot(bot, timeoutMs, deps), bot.tenant, deps);
}

async function byWebhook(config: TeamsConfig, deps: AdapterDeps): Promise<Chat> {
  const address = await deps.resolveSecret(config.webhook ?? '');
  if (!URL.canParse(address.reveal()))
    throw new Failure(FailureType.InvalidInput, 'teams: webhook: what it refers to is no address');
  const url = new URL(address.reveal());
  const http = createHttp({
    vendor: 'teams',
    baseUrl: url.origin,
    fetch: deps.fetch,
    now: deps.now,
    onCall: (call) => deps.log('debug', 'call', { ...call }),
  });
  const post = async (card: Card): Promise<void> => {
    const contentType = 'application/vnd.microsoft.card.adaptive';
    const body = { type: 'message', attachments: [{ contentType, contentUrl: null, content: card }] };
    try {
      await http.send({
        doing: 'posting a card',
        method: 'POST',
        path: `${url.pathname}${url.search}`,
        body,
        answer: z.unknown(),
        timeoutMs: config.timeoutMs,
        write: true,
      });
    } catch (error) {
      throw withoutAddress(error);
    }
  };
  return {
    vendor: 'teams',
    changesMessages: false,
    async send(notice) {
      await post(
        cardOf(notice.title, bodyOf(notice), { url: notice.url, reference: shortReference(notice) }),
      );
      return {
        id: `webhook-${reference(notice.key)}`,
        deliveredAtMs: deps.now(),
        reference: shortReference(notice),
      };
    },
    probe: async () => [UNASKED],
    update: ({ title, body, url: page }) => post(cardOf(title, body, { url: page })),
  };
}

function byBot(config: TeamsConfig, bot: Bot, tenant: string, deps: AdapterDeps): Chat {
  return {
    vendor: 'teams',
    changesMessages: true,
    async send(notice) {
      const { requestId, digest, url } = notice;
      const decision = notice.buttons ? { decision: { requestId, digest } } : {};
      const offer = { url, reference: shortReference(notice), ...decision };
      const id = await bot.post(cardOf(notice.title, bodyOf(notice), offer));
      return { id, deliveredAtMs: deps.now(), reference: offer.reference };
    },
    async update({ messageId, title, body, url }) {
      if (!(await bot.change(messageId, cardOf(title, body, { url }))))
        deps.log('warn', 'teams: a card is gone, so its end state is shown nowhere', {});
    },
    probe: async () => [
      await tried({ what: 'sign in and see the channel', needs: 'the bot added to the team' }, async () => {
        await bot.member('29:curtail-probe');
        return undefined;
      }),
    ],
    async namesOf(account) {
      if (!ACCOUNT.test(account)) return [];
      const member = await bot.member(account);
      if (member?.aadObjectId === undefined) return [];
      const name = `teams:${member.aadObjectId}`;
      const { email } = member;
      // A guest's address is what another tenant states.
      const counts =
        config.identify === 'email' && member.tenantId === tenant && email?.includes('@') === true;
      return counts && email !== undefined ? [name, email] : [name];
    },
    async whisper({ account, text, url }) {
      if (ACCOUNT.test(account)) await bot.tell(account, `${text} ${url}`);
    },
    reply: ({ messageId, body }) => bot.replyTo(messageId, plainText(body)),
  };
}

function bodyOf({ to, body }: Notice): Notice['body'] {
  const names = to.map(({ name }) => name).join(', ');
  return names === '' ? body : [{ type: 'paragraph', text: `For ${names}` }, ...body];
}

function shortReference({ requestId }: Pick<Notice, 'requestId'>): string {
  return reference(requestId).slice(0, 'curtail-'.length + 8);
}

/** A workflow that throttles often says no time; and no error may repeat the address, which is a credential. */
function withoutAddress(error: unknown): unknown {
  if (!(error instanceof Failure)) return error;
  const retryAfterMs =
    error.retryAfterMs ?? (error.type === FailureType.VendorThrottled ? WAIT_MS : undefined);
  const message = error.message.replace(/https?:\/\/\S+/g, 'the workflow').slice(0, 200);
  return new Failure(error.type, message, retryAfterMs === undefined ? {} : { retryAfterMs });
}

/** Notices in Microsoft Teams; decisions too where a bot is configured. */
export const teams = adapter(TeamsConfig, createTeams);
