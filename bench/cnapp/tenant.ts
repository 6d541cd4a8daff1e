import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isRecord } from '../../domain/json.js';

/** A tenant of Wiz on a port of its own, with any number of issues and nothing of them in memory. */
export interface Tenant {
  apiUrl: string;
  tokenUrl: string;
  /** Issues that were handed out, repeated pages included. */
  served(): number;
  /** Calls by what they were for. */
  calls: { signIns: number; pages: number; refusals: number };
  close(): Promise<void>;
}

/** Every so many pages the tenant takes back its tokens, and asks for a second of patience. */
const EXPIRES_EVERY = 60;
const BUSY_EVERY = 90;

/** Starts a tenant with issues that never change. */
export async function startTenant(count: number): Promise<Tenant> {
  const calls = { signIns: 0, pages: 0, refusals: 0 };
  let served = 0;
  let good = '';
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const answer = (status: number, body: unknown, headers: Record<string, string> = {}) => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers });
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      };
      if (request.url === '/oauth/token') {
        calls.signIns += 1;
        good = `token-${calls.signIns}`;
        return answer(200, { access_token: good, expires_in: 86_400, token_type: 'Bearer' });
      }
      if (request.headers.authorization !== `Bearer ${good}`) return answer(401, '<pre>Unauthorized</pre>');
      calls.pages += 1;
      if (calls.pages % EXPIRES_EVERY === 0) good = 'taken back';
      if (calls.pages % BUSY_EVERY === 0) {
        calls.refusals += 1;
        return answer(429, '', { 'retry-after': '1' });
      }
      const page = pageOf(count, JSON.parse(Buffer.concat(chunks).toString('utf8')));
      served += page.nodes.length;
      answer(200, { data: { page } });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    apiUrl: `${base}/graphql`,
    tokenUrl: `${base}/oauth/token`,
    served: () => served,
    calls,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Pages by an index; nothing has changed since the issues were made. */
function pageOf(count: number, body: unknown): { nodes: readonly unknown[]; pageInfo: unknown } {
  const variables = isRecord(body) && isRecord(body['variables']) ? body['variables'] : {};
  const filter = isRecord(variables['filterBy']) ? variables['filterBy'] : {};
  const from = Number(variables['after'] ?? 0);
  const to = 'statusChangedAt' in filter ? from : Math.min(from + Number(variables['first']), count);
  const nodes = Array.from({ length: to - from }, (_, i) => issue(from + i));
  const hasNextPage = nodes.length > 0 && to < count;
  return { nodes, pageInfo: { hasNextPage, endCursor: hasNextPage ? String(to) : null } };
}

/** One in a thousand is critical: those begin a life, the others are kept below the floor. */
export function issue(i: number): Record<string, unknown> {
  return {
    id: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
    type: 'CLOUD_CONFIGURATION',
    status: 'OPEN',
    severity: i % 1_000 === 0 ? 'CRITICAL' : 'MEDIUM',
    createdAt: '2026-03-15T06:00:00Z',
    url: `https://app.wiz.io/issues#${i}`,
    description: `service-${i} is allowed every action of S3, DynamoDB and SQS and uses four of them.`,
    sourceRule: { __typename: 'Control', id: `wc-id-${i % 40}`, name: 'Role has wildcard permissions' },
    projects: [],
    entitySnapshot: {
      id: `vertex-${i}`,
      type: 'ACCESS_ROLE',
      name: `service-${i}`,
      cloudPlatform: 'AWS',
      providerId: `arn:aws:iam::123456789012:role/service-${i}`,
      subscriptionExternalId: '123456789012',
      tags: { owner: `team-${i % 50}@example.com`, env: 'production' },
    },
  };
}
