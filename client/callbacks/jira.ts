import { z } from 'zod';
import type { Secret } from '../../runtime/secret.js';
import { anyCheck, hmacSha256, secretHeader } from '../gateway/signatures.js';
import { malformed, otherTenant, staleDelivery, type WebhookRoute } from '../gateway/webhooks.js';
import { type LookAtTicket, ticketRoute } from './ticket-route.js';

const IssueId = z.string().regex(/^\d{1,20}$/);
/** A delivery of an admin webhook, as far as it is read. `self` is an address of the issue on its site. */
const Delivery = z.object({
  timestamp: z.number().int().positive(),
  issue: z.object({ id: IssueId, self: z.url().optional() }).optional(),
});
/** What an automation rule sends: ours say `issueId`, the older kind sends the whole issue. */
const Automation = z.union([
  z.object({ issueId: IssueId }).transform(({ issueId }) => issueId),
  z.object({ issue: z.object({ id: IssueId }) }).transform(({ issue }) => issue.id),
]);
/** Jira tries again five times, up to 15 minutes apart, and its deliveries may queue before that. */
const MAX_AGE_MS = 24 * 3_600_000;
const EARLY_MS = 5 * 60_000;

/** What the doors of a Jira site are opened with. */
export interface JiraCallbackOptions {
  /** The webhook's secret; two while one is being replaced. */
  secrets: readonly Secret[];
  /** Address of the site. */
  siteUrl: string;
  look: LookAtTicket;
}

/** Deliveries of Jira's admin webhooks (`X-Hub-Signature`), and of automation rules, which can only bring a bearer. */
export function jiraCallbacks(options: JiraCallbackOptions): readonly WebhookRoute[] {
  return [adminWebhook(options), automationRule(options)];
}

function adminWebhook({ secrets, siteUrl, look }: JiraCallbackOptions): WebhookRoute {
  const host = new URL(siteUrl).host;
  return ticketRoute({
    name: 'jira',
    path: '/jira',
    verify: anyCheck(secrets.map((secret) => hmacSha256({ secret, header: 'x-hub-signature' }))),
    deliveryId: ({ headers }) => {
      const id = headers['x-atlassian-webhook-identifier'];
      return typeof id === 'string' ? id : undefined;
    },
    ticketOf: ({ payload, receivedAtMs }) => {
      const parsed = Delivery.safeParse(payload);
      if (!parsed.success) return malformed;
      const { timestamp, issue } = parsed.data;
      if (timestamp < receivedAtMs - MAX_AGE_MS || timestamp > receivedAtMs + EARLY_MS) return staleDelivery;
      if (issue?.self !== undefined && new URL(issue.self).host !== host) return otherTenant;
      return issue?.id;
    },
    look,
  });
}

function automationRule({ secrets, look }: JiraCallbackOptions): WebhookRoute {
  return ticketRoute({
    name: 'jira-automation',
    path: '/jira/automation',
    verify: anyCheck(
      secrets.map((secret) => secretHeader({ secret, header: 'authorization', scheme: 'Bearer' })),
    ),
    deliveryId: () => undefined,
    ticketOf: ({ payload }) => {
      const parsed = Automation.safeParse(payload);
      return parsed.success ? parsed.data : malformed;
    },
    // A rule sends the same words each time it runs, and each time there may be something new to read.
    keyOf: ({ payload, receivedAtMs }) => `${Automation.parse(payload)}/${receivedAtMs}`,
    look,
  });
}
