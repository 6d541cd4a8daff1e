import {
  jsonOf,
  startVendorServer,
  type VendorAnswer,
  type VendorRequest,
  type VendorServer,
} from './vendor-server.js';

export interface JiraIssue {
  id: string;
  key: string;
  labels: string[];
  status: { name: string; statusCategory: { key: string } };
  properties: Record<string, unknown>;
  fields: Record<string, unknown>;
  attachment: { filename: string }[];
  comments: { id: string; author: { accountId: string }; body: unknown; created: string }[];
}
interface Change {
  id: string;
  author: { accountId: string; emailAddress?: string };
  created: string;
  items: Record<string, unknown>[];
}

/** A Jira site in memory: as much of REST v3 and of Service Management as is documented and used. */
export interface JiraServer extends VendorServer {
  issues: JiraIssue[];
  users: { accountId: string; emailAddress?: string; active: boolean }[];
  approvals: Map<string, unknown[]>;
  changelogs: Map<string, Change[]>;
  /** How many of the newest issues a search does not see yet. */
  index: { behind: number };
  /** Whether the account's token counts; a refused one is served as nobody. */
  token: { isGood: boolean };
  /** Permissions that the account has not. */
  denied: Set<string>;
  /** Transitions from everywhere. */
  transitions: { id: string; name: string; to: { name: string; statusCategory: { key: string } } }[];
}

export const BOT = '712020:bot';
const IN_PROGRESS = { name: 'In Progress', statusCategory: { key: 'indeterminate' } };
const DONE = { name: 'Done', statusCategory: { key: 'done' } };

/** Starts the site. Its account is `bot@example.com` / `token-1`. */
export async function startJira(): Promise<JiraServer> {
  const issues: JiraIssue[] = [];
  const index = { behind: 0 };
  const token = { isGood: true };
  const denied = new Set<string>();
  const users: JiraServer['users'] = [];
  const approvals = new Map<string, unknown[]>();
  const changelogs = new Map<string, Change[]>();
  const transitions: JiraServer['transitions'] = [
    { id: '11', name: 'Start', to: IN_PROGRESS },
    { id: '21', name: 'Finish', to: DONE },
  ];
  let count = 0;

  function act(request: VendorRequest): VendorAnswer {
    const { pathname, searchParams } = request.url;
    const basic = `Basic ${Buffer.from('bot@example.com:token-1').toString('base64')}`;
    const isNobody = !token.isGood || request.headers.authorization !== basic;
    if (isNobody) return asNobody(pathname);
    if (pathname === '/rest/api/3/myself') return { status: 200, body: { accountId: BOT } };
    if (pathname === '/rest/api/3/mypermissions') {
      const asked = (searchParams.get('permissions') ?? '').split(',');
      const permissions = Object.fromEntries(asked.map((key) => [key, { havePermission: !denied.has(key) }]));
      return { status: 200, body: { permissions } };
    }
    if (pathname === '/rest/api/3/search/jql') return search(jsonOf(request));
    if (pathname === '/rest/api/3/issue') return create(jsonOf(request));
    if (pathname === '/rest/api/3/user/assignable/search') {
      const wanted = searchParams.get('query');
      return { status: 200, body: users.filter(({ emailAddress }) => emailAddress === wanted) };
    }
    if (pathname === '/rest/api/3/user') {
      const user = users.find(({ accountId }) => accountId === searchParams.get('accountId'));
      return user === undefined ? missing() : { status: 200, body: user };
    }
    const service = /^\/rest\/servicedeskapi\/request\/([^/]+)\/approval$/.exec(pathname);
    if (service !== null) {
      const values = approvals.get(service[1] ?? '');
      return values === undefined
        ? { status: 404, body: { errorMessage: 'not a request' } }
        : { status: 200, body: { values } };
    }
    const match = /^\/rest\/api\/3\/issue\/([^/]+)(?:\/(\w+))?$/.exec(pathname);
    const issue = issues.find(({ id, key }) => id === match?.[1] || key === match?.[1]);
    return issue === undefined ? missing() : ofIssue(issue, match?.[2], request);
  }

  function search(body: Record<string, unknown>): VendorAnswer {
    const label = /labels = "([^"]+)"/.exec(String(body['jql']))?.[1] ?? '';
    const seen = issues.slice(0, issues.length - index.behind);
    const found = seen.filter(({ labels }) => labels.includes(label)).map(shown);
    return { status: 200, body: { issues: found, isLast: true } };
  }
  function create(body: Record<string, unknown>): VendorAnswer {
    const fields = body['fields'] as Record<string, unknown>;
    if (fields['summary'] === '')
      return { status: 400, body: { errorMessages: [], errors: { summary: 'no' } } };
    count += 1;
    const properties = (body['properties'] ?? []) as { key: string; value: unknown }[];
    const issue: JiraIssue = {
      id: String(10_000 + count),
      key: `SEC-${count}`,
      labels: fields['labels'] as string[],
      status: { name: 'To Do', statusCategory: { key: 'new' } },
      properties: Object.fromEntries(properties.map(({ key, value }) => [key, value])),
      fields,
      attachment: [],
      comments: [],
    };
    issues.push(issue);
    return { status: 201, body: { id: issue.id, key: issue.key } };
  }
  function ofIssue(issue: JiraIssue, part: string | undefined, request: VendorRequest): VendorAnswer {
    if (part === undefined && request.method === 'PUT') {
      const update = jsonOf(request)['update'] as { labels: { add?: string; remove?: string }[] };
      for (const { add, remove } of update.labels) {
        if (add !== undefined) issue.labels.push(add);
        if (remove !== undefined) issue.labels = issue.labels.filter((each) => each !== remove);
      }
      return { status: 204 };
    }
    if (part === undefined) return { status: 200, body: shown(issue) };
    if (part === 'comment') return comment(issue, request);
    if (part === 'transitions') return transition(issue, request);
    if (part === 'attachments') {
      if (request.headers['x-atlassian-token'] !== 'no-check') return { status: 403, body: 'XSRF' };
      const filename = /filename="([^"]+)"/.exec(request.body.toString())?.[1] ?? '';
      issue.attachment.push({ filename });
      return { status: 200, body: [{ id: '1' }] };
    }
    return { status: 200, body: { isLast: true, values: changelogs.get(issue.id) ?? [] } };
  }
  function comment(issue: JiraIssue, request: VendorRequest): VendorAnswer {
    if (request.method === 'GET') {
      const start = Number(request.url.searchParams.get('startAt'));
      const size = Number(request.url.searchParams.get('maxResults'));
      const comments = issue.comments.slice(start, start + size);
      return { status: 200, body: { comments, total: issue.comments.length } };
    }
    const id = String(20_000 + issue.comments.length);
    const created = '2026-11-20T14:03:07.000+0000';
    issue.comments.push({ id, author: { accountId: BOT }, body: jsonOf(request)['body'], created });
    return { status: 201, body: { id } };
  }
  function transition(issue: JiraIssue, request: VendorRequest): VendorAnswer {
    if (request.method === 'GET') return { status: 200, body: { transitions } };
    const { id } = jsonOf(request)['transition'] as { id: string };
    const step = transitions.find((each) => each.id === id);
    if (step === undefined) return { status: 400, body: { errorMessages: ['no such transition'] } };
    issue.status = step.to;
    return { status: 204 };
  }

  const server = await startVendorServer(act);
  return { ...server, issues, users, approvals, changelogs, index, token, denied, transitions };
}

/** What the site answers to a login that it did not take. */
function asNobody(pathname: string): VendorAnswer {
  const headers = { 'x-seraph-loginreason': 'AUTHENTICATED_FAILED' };
  if (pathname === '/rest/api/3/search/jql')
    return { status: 200, headers, body: { issues: [], isLast: true } };
  if (pathname.startsWith('/rest/api/3/issue/')) return { ...missing(), headers };
  return { status: 401, headers, body: { errorMessages: ['Client must be authenticated'] } };
}

function missing(): VendorAnswer {
  return { status: 404, body: { errorMessages: ['Issue does not exist or you do not have permission'] } };
}

function shown(issue: JiraIssue): object {
  const { id, key, labels, status, attachment, properties } = issue;
  return { id, key, properties, fields: { labels, status, attachment } };
}
