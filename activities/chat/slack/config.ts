import { z } from 'zod';

const Reference = z.string().min(1).max(500);
const Channel = z.string().regex(/^[CGD][A-Z0-9]{6,30}$/, 'the id of a channel, such as C024BE91L');

/** What deliveries of Slack are checked with, and from which workspace they are taken. */
export const SlackCallbacks = z
  .strictObject({
    /** References of the app's signing secret; two while it is being replaced. Not needed with `socket`. */
    secrets: z.array(Reference).max(4).default([]),
    /** Reference of an app-level token (`xapp-…`, scope connections:write): clicks come by a connection that we open. */
    appToken: Reference.optional(),
    /** The workspace's id. */
    team: z.string().regex(/^[TE][A-Z0-9]{6,30}$/, 'the id of a workspace, such as T024BE7LD'),
  })
  .refine(({ secrets, appToken }) => secrets.length > 0 || appToken !== undefined, {
    message:
      'callbacks need the signing secret (secrets), or an app-level token (appToken) where there is no inbound address',
  });

/** An app of ours in a workspace. `channels` maps our teams to channels; what has none goes to `channel`. */
export const SlackConfig = z.strictObject({
  token: Reference.describe('Reference of the bot token (xoxb-…).'),
  apiUrl: z.url({ protocol: /^https?$/ }).default('https://slack.com/api/'),
  channel: Channel,
  channels: z.record(z.string().max(300), Channel).default({}),
  /** Mentions the people who are asked, by their e-mail addresses (users:read.email). */
  mention: z.boolean().default(true),
  /** `account`: only accounts that the directory maps count, not e-mail addresses that the workspace states. */
  identify: z.enum(['account', 'email']).default('email'),
  callbacks: SlackCallbacks.optional(),
  timeoutMs: z.number().int().min(100).max(60_000).default(10_000),
});
export type SlackConfig = z.output<typeof SlackConfig>;
