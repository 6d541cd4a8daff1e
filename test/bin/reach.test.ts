import { afterEach, describe, expect, it } from '@jest/globals';
import { reach } from '../../bin/commands/reach.js';
import { parseConfig } from '../../runtime/config.js';
import { startJira } from '../support/jira-server.js';
import { CLIENT, startServiceNow } from '../support/servicenow-server.js';
import { BOT_TOKEN, CHANNEL, startSlack, TEAM } from '../support/slack-server.js';
import { APP_ID, BOT_SECRET, CONVERSATION, startTeams, TENANT } from '../support/teams-server.js';

const close: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of close.splice(0)) await each();
});

async function reached(text: string, secrets: Record<string, string>): Promise<Record<string, string>> {
  Object.assign(process.env, secrets);
  const [first] = await reach(parseConfig(text, '/nowhere/curtail.yaml'));
  const lines = (first?.capabilities ?? []).map(({ needs, ok, note }) => [needs, `${ok} ${note}`.trim()]);
  return Object.fromEntries(lines) as Record<string, string>;
}

describe('what credentials allow', () => {
  it('is said by Slack in its scopes', async () => {
    const slack = await startSlack();
    close.push(slack.close);
    slack.scopes = 'chat:write,groups:history';
    const text = `
chat:
  - vendor: slack
    token: env:REACH_SLACK
    apiUrl: ${slack.url}/api/
    channel: ${CHANNEL}
    callbacks: { secrets: [env:REACH_SLACK], team: ${TEAM} }
`;
    expect(await reached(text, { REACH_SLACK: BOT_TOKEN })).toMatchObject({
      'chat:write': 'true',
      'channels:history|groups:history': 'true',
      'users:read': 'false only the page and tickets can decide',
      'users:read.email': 'false only accounts that the directory maps can decide',
    });
    expect(await reached(text, { REACH_SLACK: 'xoxb-wrong' })).toEqual({
      'a bot token (xoxb-…)': 'false Slack says invalid_auth',
    });
  });

  it('is asked of a ServiceNow instance by reading each table', async () => {
    const server = await startServiceNow();
    close.push(server.close);
    server.add('sysapproval_approver', { state: 'requested' });
    server.hidden.add('sysapproval_approver');
    const text = `
itsm:
  vendor: servicenow
  url: ${server.url}
  auth: { kind: oauth, clientId: ${CLIENT.id}, clientSecret: env:REACH_SN }
`;
    const said = await reached(text, { REACH_SN: CLIENT.secret });
    expect(said['read on sysapproval_approver.state']).toContain('false its rows are hidden');
    expect(said['read on sys_user.email']).toBe('true');
    expect((await reached(text, { REACH_SN: 'wrong' }))['read on sys_user.email']).toContain(
      'false servicenow: signing in',
    );
  });

  it('is said by a Jira site as permissions', async () => {
    const server = await startJira();
    close.push(server.close);
    server.denied.add('ASSIGN_ISSUES');
    const text = `
itsm:
  vendor: jira
  url: ${server.url}
  auth: { email: bot@example.com, token: env:REACH_JIRA }
  project: SEC
`;
    expect(await reached(text, { REACH_JIRA: 'token-1' })).toMatchObject({
      CREATE_ISSUES: 'true',
      ASSIGN_ISSUES: 'false opening a ticket with an assignee fails',
    });
    server.token.isGood = false;
    expect(Object.keys(await reached(text, { REACH_JIRA: 'token-1' }))).toEqual(['a token that counts']);
  });

  it('is asked of Teams by looking into the channel', async () => {
    const teams = await startTeams();
    close.push(teams.close);
    const text = `
chat:
  - vendor: teams
    bot:
      appId: ${APP_ID}
      secret: env:REACH_BOT
      tenant: ${TENANT}
      serviceUrl: ${teams.url}/emea/
      conversation: "${CONVERSATION}"
      loginUrl: ${teams.url}
`;
    expect(await reached(text, { REACH_BOT: BOT_SECRET })).toEqual({ 'the bot added to the team': 'true' });
    const refused = await reached(text, { REACH_BOT: 'wrong' });
    expect(refused['the bot added to the team']).toContain('false teams: signing in: HTTP 401');
  });
});
