import { createHmac, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { startJira } from './jira-server.js';
import { CLIENT, startServiceNow } from './servicenow-server.js';
import {
  BOT_TOKEN,
  CHANNEL,
  clickOn,
  formSent,
  SIGNING_SECRET,
  slackHeaders,
  startSlack,
  TEAM,
} from './slack-server.js';
import { APP_ID, BOT_SECRET, CONVERSATION, cardAction, startTeams, TENANT } from './teams-server.js';

/**
 * A product's double as a process of its own: `tsx test/support/double-child.ts slack <gateway> <people as JSON>`. Its first line says
 * how it is configured; `POST /act` at its control address has a person act in it, `GET /messages` shows what people see.
 */
const Person = z.object({ id: z.string(), email: z.string() });
const Act = z.object({
  email: z.string(),
  verdict: z.enum(['approve', 'reject']),
  reason: z.string().optional(),
  requestId: z.string(),
  ticketId: z.string().optional(),
});
type Act = z.output<typeof Act>;

interface Double {
  settings: Record<string, unknown>;
  /** Values of the references in the settings. */
  secrets: Record<string, string>;
  /** False when the person finds nothing there to act on. */
  act(act: Act): Promise<boolean>;
  /** What people see of each message, as text. */
  messages(): readonly string[];
}

const [kind = '', gateway = '', people = '[]'] = process.argv.slice(2);
const known = z.array(Person).parse(JSON.parse(people));
const WH_KEY = Buffer.from('0123456789abcdef0123456789abcdef');
const JIRA_SECRET = 'jira-webhook-secret';

const DOUBLES: Record<string, () => Promise<Double>> = {
  servicenow: serviceNow,
  jira,
  slack,
  teams,
};
const open = DOUBLES[kind];
if (open === undefined) throw new Error(`there is no double of ${kind}`);
const double = await open();
const control = createServer(async (request, response) => {
  const answer = (status: number, body: unknown): void => {
    response.writeHead(status).end(JSON.stringify(body));
  };
  if (request.method === 'GET') return answer(200, double.messages());
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    answer(200, { done: await double.act(Act.parse(JSON.parse(Buffer.concat(chunks).toString()))) });
  } catch (error) {
    answer(500, { error: String(error) });
  }
});
await new Promise<void>((resolve) => control.listen(0, '127.0.0.1', resolve));
const { port } = control.address() as AddressInfo;
console.log(
  JSON.stringify({ settings: double.settings, secrets: double.secrets, control: `http://127.0.0.1:${port}` }),
);

async function post(path: string, body: string, headers: Record<string, string>): Promise<string> {
  const answer = await fetch(new URL(`/webhooks/${path}`, gateway), { method: 'POST', body, headers });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the gateway answered ${answer.status}: ${text}`);
  return text;
}

async function serviceNow(): Promise<Double> {
  const server = await startServiceNow();
  for (const { id, email } of known) server.add('sys_user', { user_name: id, email, active: 'true' });
  return {
    settings: {
      url: server.url,
      auth: { kind: 'oauth', clientId: CLIENT.id, clientSecret: 'env:CURTAIL_DOUBLE_SERVICENOW' },
      callbacks: { secrets: ['env:CURTAIL_DOUBLE_SERVICENOW_KEY'] },
    },
    secrets: {
      CURTAIL_DOUBLE_SERVICENOW: CLIENT.secret,
      CURTAIL_DOUBLE_SERVICENOW_KEY: `whsec_${WH_KEY.toString('base64')}`,
    },
    messages: () => [],
    async act({ email, verdict, reason, ticketId }) {
      const user = known.find((person) => person.email === email)?.id;
      if (ticketId === undefined || user === undefined) return false;
      server.add('sysapproval_approver', {
        sysapproval: ticketId,
        document_id: ticketId,
        state: verdict === 'approve' ? 'approved' : 'rejected',
        'approver.user_name': user,
        'approver.email': email,
        comments: reason ?? '',
        sys_updated_by: user,
        sys_updated_on: new Date().toISOString().slice(0, 19).replace('T', ' '),
      });
      const body = JSON.stringify({
        type: 'change.approval',
        instance: new URL(server.url).host,
        occurred_at: new Date().toISOString(),
        data: { table: 'change_request', sys_id: ticketId },
      });
      const [id, seconds] = [randomUUID(), String(Math.floor(Date.now() / 1_000))];
      const mac = createHmac('sha256', WH_KEY).update(`${id}.${seconds}.${body}`).digest('base64');
      await post('servicenow', body, {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': seconds,
        'webhook-signature': `v1,${mac}`,
      });
      return true;
    },
  };
}

async function jira(): Promise<Double> {
  const server = await startJira();
  server.users.push(
    ...known.map(({ id, email }) => ({ accountId: `712020:${id}`, emailAddress: email, active: true })),
  );
  return {
    settings: {
      url: server.url,
      auth: { email: 'bot@example.com', token: 'env:CURTAIL_DOUBLE_JIRA' },
      project: 'SEC',
      callbacks: { secrets: ['env:CURTAIL_DOUBLE_JIRA_KEY'] },
    },
    secrets: { CURTAIL_DOUBLE_JIRA: 'token-1', CURTAIL_DOUBLE_JIRA_KEY: JIRA_SECRET },
    messages: () => [],
    async act({ email, verdict, ticketId }) {
      const user = known.find((person) => person.email === email)?.id;
      if (ticketId === undefined || user === undefined) return false;
      const earlier = server.approvals.get(ticketId) ?? [];
      const approval = {
        id: String(earlier.length + 1),
        approvers: [
          {
            approver: { accountId: `712020:${user}`, emailAddress: email },
            approverDecision: verdict === 'approve' ? 'approved' : 'declined',
          },
        ],
        completedDate: { epochMillis: Date.now() },
      };
      server.approvals.set(ticketId, [...earlier, approval]);
      const body = JSON.stringify({
        timestamp: Date.now(),
        webhookEvent: 'jira:issue_updated',
        issue: { id: ticketId, self: `${server.url}/rest/api/2/issue/${ticketId}` },
      });
      await post('jira', body, {
        'content-type': 'application/json',
        'x-atlassian-webhook-identifier': randomUUID(),
        'x-hub-signature': `sha256=${createHmac('sha256', JIRA_SECRET).update(body).digest('hex')}`,
      });
      return true;
    },
  };
}

async function slack(): Promise<Double> {
  const server = await startSlack();
  const users = known.map(({ email }, n) => ({ id: `U0P${String(n).padStart(7, '0')}`, email }));
  server.users.push(...users);
  const interact = (body: string) => post('slack/interactivity', body, slackHeaders(body, Date.now()));
  return {
    settings: {
      token: 'env:CURTAIL_DOUBLE_SLACK',
      apiUrl: `${server.url}/api/`,
      channel: CHANNEL,
      callbacks: { secrets: ['env:CURTAIL_DOUBLE_SLACK_KEY'], team: TEAM },
    },
    secrets: { CURTAIL_DOUBLE_SLACK: BOT_TOKEN, CURTAIL_DOUBLE_SLACK_KEY: SIGNING_SECRET },
    messages: () => server.messages.map(({ text, blocks }) => `${text} ${JSON.stringify(blocks)}`),
    async act({ email, verdict, reason, requestId }) {
      const user = users.find((each) => each.email === email)?.id;
      const value = JSON.stringify(JSON.stringify({ r: requestId }).slice(1, -1)).slice(1, -1);
      const message = server.messages.findLast(({ blocks }) => JSON.stringify(blocks).includes(value));
      if (user === undefined || message === undefined) return false;
      const forms = server.forms.length;
      await interact(clickOn(message, `curtail.${verdict}`, user));
      const form = server.forms[forms];
      if (verdict === 'reject' && form !== undefined)
        await interact(formSent(form.view, user, reason ?? 'no'));
      return true;
    },
  };
}

async function teams(): Promise<Double> {
  const server = await startTeams();
  server.members.push(
    ...known.map(({ id, email }) => ({
      id: `29:${id.replaceAll('.', '-')}`,
      aadObjectId: `aad-${id}`,
      email,
    })),
  );
  return {
    settings: {
      bot: {
        appId: APP_ID,
        secret: 'env:CURTAIL_DOUBLE_TEAMS',
        tenant: TENANT,
        serviceUrl: `${server.url}/emea/`,
        conversation: CONVERSATION,
        loginUrl: server.url,
        openIdUrl: server.openIdUrl,
      },
    },
    secrets: { CURTAIL_DOUBLE_TEAMS: BOT_SECRET },
    messages: () =>
      server.messages.filter(({ card }) => card !== undefined).map(({ card }) => JSON.stringify(card)),
    async act({ email, verdict, reason, requestId }) {
      const member = server.members.find((each) => each.email === email);
      const message = server.messages.findLast(({ card }) =>
        JSON.stringify(card?.['actions'] ?? []).includes(JSON.stringify({ r: requestId }).slice(1, -1)),
      );
      if (member === undefined || message === undefined) return false;
      const activity = cardAction(
        server,
        message,
        `curtail.${verdict}`,
        member,
        reason === undefined ? {} : { reason },
      );
      await post('teams/messages', JSON.stringify({ ...activity, id: randomUUID() }), {
        'content-type': 'application/json',
        authorization: `Bearer ${await server.token()}`,
      });
      return true;
    },
  };
}
