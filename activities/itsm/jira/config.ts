import { z } from 'zod';

const Reference = z.string().min(1).max(500);
const OurState = z.enum(['open', 'in-progress', 'approved', 'rejected', 'done', 'closed']);
const StatusName = z.string().min(1).max(255);

/**
 * An API token with its account's e-mail address (Basic), or a token alone (Bearer). Scoped tokens and OAuth tokens work
 * below `/ex/jira/<cloudId>` only, so they need `cloudId`.
 */
const Auth = z
  .strictObject({
    email: z.email().optional(),
    token: Reference,
    cloudId: z
      .string()
      .regex(/^[0-9a-f-]{36}$/)
      .optional(),
  })
  .refine(({ email, cloudId }) => email !== undefined || cloudId !== undefined, {
    message: 'a token without an e-mail address needs cloudId',
  });

/** How a person approves: as an approver of Jira Service Management, or by moving the issue to a status. */
const Approvals = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('service-management') }),
  z.strictObject({
    kind: z.literal('transition'),
    approved: StatusName,
    rejected: StatusName.optional(),
  }),
  z.strictObject({ kind: z.literal('none') }),
]);

/** Secret of the admin webhook, or the bearer of an automation rule that cannot sign. */
export const JiraCallbacks = z.strictObject({
  /** References of the webhook's secret; two while one is being replaced. */
  secrets: z.array(Reference).min(1).max(4),
});

/** A Jira Cloud site. `url` is the site; `apiUrl` where its API is reached by `cloudId`. */
export const JiraConfig = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  apiUrl: z.url({ protocol: /^https?$/ }).default('https://api.atlassian.com'),
  auth: Auth,
  project: z.string().regex(/^[A-Z][A-Z0-9_]{1,30}$/, 'a project key in capitals'),
  issueType: z.string().min(1).max(100).default('Task'),
  /** Fields that every new issue gets, as the REST interface takes them. */
  fields: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9_]*$/), z.json()).default({}),
  priorities: z.partialRecord(z.enum(['critical', 'high', 'medium', 'low', 'info']), z.string()).default({}),
  /** Sets the assignee by e-mail address. */
  assign: z.boolean().default(true),
  /** Name of the transition, or of the status it leads to, for each of our states. */
  transitions: z.partialRecord(z.enum(['in-progress', 'done', 'closed', 'rejected']), StatusName).default({}),
  /** Names of statuses that are not what their category says. */
  statuses: z.record(StatusName, OurState).default({}),
  approvals: Approvals.default({ kind: 'service-management' }),
  /** `account`: only accounts that the directory maps count, not e-mail addresses that the site states. */
  identify: z.enum(['account', 'email']).default('email'),
  callbacks: JiraCallbacks.optional(),
  timeoutMs: z.number().int().min(100).max(120_000).default(30_000),
});
export type JiraConfig = z.output<typeof JiraConfig>;
