import { z } from 'zod';

const Reference = z.string().min(1).max(500);
const Guid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'a GUID');

/** A bot of ours in a team: posts cards with buttons, changes them, and is told who clicked. */
const Bot = z.strictObject({
  appId: Guid,
  /** Reference of the app registration's client secret. */
  secret: Reference,
  tenant: Guid,
  /** Region of the Bot Connector, as every activity names it: `https://smba.trafficmanager.net/emea/`. */
  serviceUrl: z.url({ protocol: /^https?$/ }),
  /** The channel's id: `19:…@thread.tacv2`. */
  conversation: z.string().regex(/^[\w:@.;=-]{5,200}$/),
  loginUrl: z.url({ protocol: /^https?$/ }).default('https://login.microsoftonline.com'),
  /** Where the keys are named that the Bot Connector signs its calls with. */
  openIdUrl: z
    .url({ protocol: /^https?$/ })
    .default('https://login.botframework.com/v1/.well-known/openidconfiguration'),
});

/** An outgoing webhook of a team, by which people ask questions; it needs no bot. */
const Questions = z.strictObject({
  /** References of the security token that Teams showed when the webhook was made. */
  secrets: z.array(Reference).min(1).max(4),
  tenant: Guid,
});

/** A channel of Teams: by a workflow's webhook (cards whose button opens our page), or by a bot (cards that decide). */
export const TeamsConfig = z
  .strictObject({
    /** Reference of the workflow's address. It carries its own signature, so the whole address is a secret. */
    webhook: Reference.optional(),
    bot: Bot.optional(),
    questions: Questions.optional(),
    /** `account`: only accounts that the directory maps count, not e-mail addresses that the tenant states. */
    identify: z.enum(['account', 'email']).default('email'),
    timeoutMs: z.number().int().min(100).max(60_000).default(10_000),
  })
  .refine(({ webhook, bot }) => (webhook === undefined) !== (bot === undefined), {
    message: "name either webhook (a workflow's address) or bot, not both",
  });
export type TeamsConfig = z.output<typeof TeamsConfig>;
export type BotConfig = z.output<typeof Bot>;
