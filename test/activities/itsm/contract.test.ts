import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInbox, InboxConfig } from '../../../activities/itsm/inbox.js';
import { itsmAdapters } from '../../../activities/itsm/registry.js';
import { startJira } from '../../support/jira-server.js';
import { CLIENT, startServiceNow } from '../../support/servicenow-server.js';
import { type DeskUnderTest, depsOf, ticketDeskContract, vendorDeskContract } from './port-contract.js';

const TIMEOUT_MS = 250;

async function openInbox(): Promise<DeskUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'curtail-inbox-'));
  const desk = await createInbox(InboxConfig.parse({}), { ...depsOf({}), folder });
  return {
    desk,
    count: async () => (await desk.list()).length,
    attachmentNames: async (id) => (await desk.ticket(id))?.attachments.map(({ name }) => name) ?? [],
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

async function openServiceNow(): Promise<DeskUnderTest> {
  const server = await startServiceNow();
  const config = {
    url: server.url,
    auth: { kind: 'oauth', clientId: CLIENT.id, clientSecret: 'env:SN' },
    timeoutMs: TIMEOUT_MS,
  };
  const desk = await itsmAdapters.servicenow.open(config, depsOf({ 'env:SN': CLIENT.secret }));
  const isTable = (path: string) => path.startsWith('/api/now/table/change_request');
  return {
    desk,
    count: async () => server.table('change_request').length,
    attachmentNames: async (id) =>
      server.attachments.filter(({ tableSysId }) => tableSysId === id).map(({ name }) => name),
    double: {
      isCreate: ({ method, url }) => method === 'POST' && isTable(url.pathname),
      isComment: ({ method, url }) => method === 'PATCH' && isTable(url.pathname),
      fail: server.fail,
      seen: server.seen,
    },
    close: server.close,
  };
}

async function openJira(): Promise<DeskUnderTest> {
  const server = await startJira();
  const config = {
    url: server.url,
    auth: { email: 'bot@example.com', token: 'env:JIRA' },
    project: 'SEC',
    timeoutMs: TIMEOUT_MS,
  };
  const desk = await itsmAdapters.jira.open(config, depsOf({ 'env:JIRA': 'token-1' }));
  return {
    desk,
    count: async () => server.issues.length,
    attachmentNames: async (id) =>
      server.issues.find((issue) => issue.id === id)?.attachment.map(({ filename }) => filename) ?? [],
    double: {
      isCreate: ({ method, url }) => method === 'POST' && url.pathname === '/rest/api/3/issue',
      isComment: ({ method, url }) => method === 'POST' && url.pathname.endsWith('/comment'),
      fail: server.fail,
      seen: server.seen,
    },
    close: server.close,
  };
}

ticketDeskContract('inbox', openInbox);
ticketDeskContract('servicenow', openServiceNow);
ticketDeskContract('jira', openJira);
vendorDeskContract('servicenow', openServiceNow);
vendorDeskContract('jira', openJira);
