import { z } from 'zod';
import type { JiraConfig } from './config.js';
import type { Send } from './transport.js';

/** The part of an issue that is used. `properties` is undefined where the site left it out. */
const Issue = z.object({
  id: z.string(),
  key: z.string(),
  fields: z.object({
    labels: z.array(z.string()).default([]),
    status: z
      .object({ name: z.string(), statusCategory: z.object({ key: z.string() }).optional() })
      .optional(),
    attachment: z.array(z.object({ filename: z.string() })).default([]),
  }),
  properties: z.record(z.string(), z.unknown()).optional(),
});
export type Issue = z.output<typeof Issue>;
const Myself = z.object({ accountId: z.string().min(1) });
const User = z.object({
  accountId: z.string(),
  emailAddress: z.string().optional(),
  active: z.boolean().default(true),
});
const Missing = z.looseObject({ id: z.undefined().optional() });

/** Name of the entity property that makes an issue ours. A clone copies labels, but not properties. */
export const PROPERTY = 'curtail';
const FIELDS = ['labels', 'status', 'attachment'];
const MAX_FOUND = 20;

/** Who the account is: the only proof that an empty answer comes from what is there and not from a refused login. */
export async function whoAmI(send: Send): Promise<string> {
  const { body } = await send({
    doing: 'asking who the account is',
    method: 'GET',
    path: 'rest/api/3/myself',
    answer: Myself,
  });
  return body.accountId;
}

/** Issues that carry a label and our property, oldest first. Only proved to be none when the login is proved. */
export async function issuesOf(
  send: Send,
  config: Pick<JiraConfig, 'project'>,
  label: string,
): Promise<readonly Issue[]> {
  const { body } = await send({
    doing: 'searching issues',
    method: 'POST',
    path: 'rest/api/3/search/jql',
    body: {
      jql: `project = "${config.project}" AND labels = "${label}" ORDER BY created ASC, key ASC`,
      fields: FIELDS,
      properties: [PROPERTY],
      maxResults: MAX_FOUND,
    },
    answer: z.object({ issues: z.array(Issue) }),
  });
  const found = body.issues.filter(
    ({ fields, properties }) =>
      fields.labels.includes(label) && (properties === undefined || Object.hasOwn(properties, PROPERTY)),
  );
  if (found.length === 0) await whoAmI(send);
  return found;
}

/** An issue by id or key; undefined when it is gone, which only a proved login can say. */
export async function issueOf(send: Send, id: string): Promise<Issue | undefined> {
  if (!/^[A-Za-z0-9_-]{1,100}$/.test(id)) return undefined;
  const { status, body } = await send({
    doing: 'reading an issue',
    method: 'GET',
    path: `rest/api/3/issue/${id}?fields=${FIELDS.join(',')}`,
    answer: z.union([Issue, Missing]),
    alsoGood: [404],
  });
  if (status !== 404 && 'fields' in body && 'key' in body) return body as Issue;
  await whoAmI(send);
  return undefined;
}

/** Account that may be given an issue, by e-mail address; undefined when none or several fit. */
export async function assignable(send: Send, project: string, email: string): Promise<string | undefined> {
  const query = new URLSearchParams({ project, query: email, maxResults: '5' });
  const { status, body } = await send({
    doing: 'looking for the assignee',
    method: 'GET',
    path: `rest/api/3/user/assignable/search?${query}`,
    answer: z.union([z.array(User), z.looseObject({})]),
    alsoGood: [400, 403, 404],
  });
  if (status !== 200 || !Array.isArray(body)) return undefined;
  const users = (body as readonly z.output<typeof User>[]).filter(
    ({ active, emailAddress }) =>
      active && (emailAddress === undefined || emailAddress.toLowerCase() === email.toLowerCase()),
  );
  return users.length === 1 ? users[0]?.accountId : undefined;
}

/** Names of an account for the directory, surest first. Sites may hide e-mail addresses. */
export async function namesOfAccount(
  send: Send,
  accountId: string,
  identify: JiraConfig['identify'],
): Promise<readonly string[]> {
  const { status, body } = await send({
    doing: 'reading a user',
    method: 'GET',
    path: `rest/api/3/user?${new URLSearchParams({ accountId })}`,
    answer: z.union([User, z.looseObject({})]),
    alsoGood: [404],
  });
  if (status !== 200 || !('accountId' in body) || body.accountId !== accountId) return [];
  const user = body as z.output<typeof User>;
  return user.active ? accountNames(accountId, user.emailAddress, identify) : [];
}

/** The display names behind Jira account ids; an id that Jira does not know stays out. */
export function accountNames(
  accountId: string,
  email: string | undefined,
  identify: JiraConfig['identify'],
): readonly string[] {
  const account = `jira:${accountId}`;
  return identify === 'email' && email?.includes('@') === true ? [account, email] : [account];
}
