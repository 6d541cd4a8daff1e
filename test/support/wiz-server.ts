import { isRecord } from '../../domain/json.js';
import { type PlatformDouble, platformDouble, type Reply, type SeenCall } from './platform-double.js';

/** Wiz as its integrations know it: HTML at 401, GraphQL errors at HTTP 200. */
export interface WizDouble extends PlatformDouble {
  issues: Record<string, unknown>[];
  excessive: Record<string, unknown>[];
  data: Record<string, unknown>[];
  notes: Map<string, string[]>;
}

/** An issue about a role. */
export function wizIssue(n: number, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    type: 'CLOUD_CONFIGURATION',
    status: 'OPEN',
    severity: 'HIGH',
    createdAt: '2026-09-01T00:00:00Z',
    sourceRule: { __typename: 'Control', id: 'wc-id-1335', name: 'Role has wildcard permissions' },
    projects: [],
    entitySnapshot: {
      id: `vertex-${n}`,
      type: 'ACCESS_ROLE',
      name: `role-${n}`,
      cloudPlatform: 'AWS',
      providerId: `arn:aws:iam::123456789012:role/role-${n}`,
      subscriptionExternalId: '123456789012',
      tags: {},
    },
    ...more,
  };
}

/** Starts a tenant with some issues. */
export function startWiz(count: number): WizDouble {
  const state = {
    issues: Array.from({ length: count }, (_, i) => wizIssue(i + 1)),
    excessive: [] as Record<string, unknown>[],
    data: [] as Record<string, unknown>[],
    notes: new Map<string, string[]>(),
  };
  const double = platformDouble({
    isSignIn: (call) => call.path === '/oauth/token',
    signIn: (token) => ({ json: { access_token: token, expires_in: 86_400, token_type: 'Bearer' } }),
    refuseSignIn: { status: 401, json: { error: 'access_denied', error_description: 'Unauthorized' } },
    tokenOf: (call) => call.headers.get('authorization')?.replace('Bearer ', ''),
    unauthorised: { status: 401, text: '<pre>Unauthorized</pre>', headers: { 'content-type': 'text/html' } },
    answer: (call, self) => answer(call, self, state),
  });
  return Object.assign(double, state);
}

type State = Pick<WizDouble, 'issues' | 'excessive' | 'data' | 'notes'>;

function answer(call: SeenCall, self: PlatformDouble, state: State): Reply {
  const { query, variables } = call.body as { query: string; variables: Record<string, unknown> };
  if (query.includes('issuesV2')) return page(state.issues, variables, self);
  if (query.includes('excessiveAccessFindings')) return page(state.excessive, variables, self);
  if (query.includes('dataFindingsV2')) return page(state.data, variables, self);
  if (query.includes('createIssueNote')) {
    const { issueId, text } = variables['input'] as { issueId: string; text: string };
    state.notes.set(issueId, [...(state.notes.get(issueId) ?? []), text]);
    return { json: { data: { createIssueNote: { issueNote: { id: 'note-1' } } } } };
  }
  if (query.includes('updateIssue')) {
    const issue = state.issues.find((each) => each['id'] === variables['issueId']);
    Object.assign(issue ?? {}, variables['patch']);
    return { json: { data: { updateIssue: { issue } } } };
  }
  if (query.includes('graphSearch')) return { json: { data: { graphSearch: { nodes: graphNodes() } } } };
  if (query.includes('issue(id')) return oneIssue(state, String(variables['id']));
  return { status: 400, json: { errors: [{ message: 'Cannot query field "x" on type "Query"' }] } };
}

function oneIssue(state: State, id: string): Reply {
  const issue = state.issues.find((each) => each['id'] === id);
  if (issue !== undefined) {
    return {
      json: { data: { issue: { ...issue, notes: (state.notes.get(id) ?? []).map((text) => ({ text })) } } },
    };
  }
  const error = {
    message: 'id must be a valid service issue id',
    path: ['issue', 'id'],
    extensions: { code: 'BAD_USER_INPUT' },
  };
  return { json: { data: { issue: null }, errors: [error] } };
}

/** The last leg does not match: it is null, as in an answer whose leg is optional. */
function graphNodes(): unknown[] {
  const role = { id: 'v1', name: 'role', type: 'ACCESS_ROLE', properties: { hasAdminPrivileges: true } };
  const bucket = {
    id: 'v2',
    name: 'bucket',
    type: 'BUCKET',
    providerUniqueId: 'arn:aws:s3:::b',
    properties: {},
  };
  const data = { id: 'v3', name: 'PII e-mail', type: 'DATA_FINDING', properties: {} };
  return [{ entities: [role, bucket, data] }, { entities: [role, null, null] }];
}

function page(
  all: readonly Record<string, unknown>[],
  variables: Record<string, unknown>,
  self: PlatformDouble,
): Reply {
  const { filterBy, first, after } = variables;
  const ids =
    isRecord(filterBy) && isRecord(filterBy['id']) ? (filterBy['id']['equals'] as string[]) : undefined;
  const rows = ids === undefined ? all : all.filter((each) => ids.includes(String(each['id'])));
  const start = self.repeats || after === undefined ? 0 : Number(String(after).slice(1));
  const end = start + Number(first);
  const hasNextPage = self.repeats || end < rows.length;
  const endCursor = hasNextPage ? `c${self.repeats ? self.calls.length : end}` : null;
  return {
    json: { data: { page: { nodes: rows.slice(start, end), pageInfo: { hasNextPage, endCursor } } } },
  };
}
