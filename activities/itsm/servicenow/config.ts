import { z } from 'zod';

/** A table or column of ServiceNow. */
const Name = z.string().regex(/^[a-z0-9_]{1,80}$/, 'lower-case letters, digits and underscores');
/** Values that a record is given, by column. */
const Row = z.record(Name, z.string().max(4_000));
const Reference = z.string().min(1).max(500);

const Auth = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('oauth'), clientId: z.string().min(1), clientSecret: Reference }),
  z.strictObject({ kind: z.literal('basic'), user: z.string().min(1), password: Reference }),
]);

const Cmdb = z.strictObject({
  table: Name.default('cmdb_ci'),
  /** Column that holds the ARN. */
  arnField: Name.default('object_id'),
  /** Tags whose value names a record by `cmdb_key_value`. */
  tags: z.array(z.string().regex(/^[\w:./-]{1,120}$/)).default([]),
});

/** What the instance's scripts sign their callbacks with, and whose word counts. */
export const ServiceNowCallbacks = z
  .strictObject({
    /** References of the keys (`whsec_…`); two while one is being replaced. */
    secrets: z.array(Reference).max(4).default([]),
    /** What the instance signs in with beside its signature, or in its place where it cannot sign. */
    basic: z.strictObject({ user: z.string().min(1).max(200), password: Reference }).optional(),
    /** Host of the instance whose callbacks are taken; that of `url` by default. */
    instance: z.string().min(1).optional(),
  })
  .refine(({ secrets, basic }) => secrets.length > 0 || basic !== undefined, {
    message: 'callbacks need secrets that they are signed with, or basic authentication',
  });

/** States that are written: the columns to set for each of our words. */
const WriteStates = z.partialRecord(z.enum(['in-progress', 'done', 'closed', 'rejected']), Row);
const OurState = z.enum(['open', 'in-progress', 'approved', 'rejected', 'done', 'closed']);

/**
 * A ServiceNow instance. `table` is any that extends `task`. `groups` maps our teams to assignment groups (name or sys_id).
 * `states` and `readStates` replace the stock state model of the table where a customer's differs.
 */
export const ServiceNowConfig = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  auth: Auth,
  table: Name.default('change_request'),
  /** Columns that every new record gets. */
  fields: Row.default({}),
  assignmentGroup: z.string().min(1).max(80).optional(),
  groups: z.record(z.string(), z.string().min(1).max(80)).default({}),
  /** Sets the assignee by e-mail address. */
  assign: z.boolean().default(true),
  severities: z.partialRecord(z.enum(['critical', 'high', 'medium', 'low', 'info']), Row).optional(),
  states: WriteStates.optional(),
  readStates: z.record(z.string(), OurState).optional(),
  commentField: z.enum(['work_notes', 'comments']).default('work_notes'),
  cmdb: Cmdb.optional(),
  /** `account`: only accounts that the directory maps count, not e-mail addresses that the instance states. */
  identify: z.enum(['account', 'email']).default('email'),
  callbacks: ServiceNowCallbacks.optional(),
  timeoutMs: z.number().int().min(100).max(120_000).default(30_000),
});
export type ServiceNowConfig = z.output<typeof ServiceNowConfig>;
