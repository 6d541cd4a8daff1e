import { type PlatformDouble, platformDouble, type Reply, type SeenCall } from './platform-double.js';

/** Lacework as its API v2 is described: windows of seven days, absolute next pages, 204 for nothing. */
export interface LaceworkDouble extends PlatformDouble {
  alerts: Record<string, unknown>[];
  entitlements: Record<string, unknown>[];
  comments: Map<string, string[]>;
  closed: unknown[];
  pageSize: number;
}

export const LACEWORK_URL = 'https://acme.lacework.net';
const PAGE = 2;

/** An alert about a role, all of one day. */
export function laceworkAlert(n: number, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    alertId: n,
    alertName: 'IAM role with excessive permissions',
    alertType: 'CloudActivity',
    severity: 'High',
    status: 'Open',
    startTime: '2026-09-29T00:00:00.000Z',
    policyId: 'LW_AWS_IAM_20',
    derivedFields: { category: 'Policy', sub_category: 'Identity', source: 'AWS' },
    alertInfo: { subject: 's', description: 'd' },
    entityMap: {
      CT_Role: [
        {
          KEY: { arn: `arn:aws:iam::123456789012:role/role-${n}` },
          PROPS: { account: '123456789012', name: `role-${n}` },
        },
      ],
    },
    ...more,
  };
}

/** Starts an account with some alerts. */
export function startLacework(count: number, pageSize = PAGE): LaceworkDouble {
  const state = {
    pageSize,
    alerts: Array.from({ length: count }, (_, i) => laceworkAlert(i + 1)),
    entitlements: Array.from({ length: count }, (_, i) => ({
      PRINCIPAL_ID: `arn:aws:iam::123456789012:role/role-${i + 1}`,
      SERVICE: 'sns',
      RESOURCE_TYPE: 'topic',
      RESOURCE_ID: 'arn:aws:sns:us-east-1:123456789012:t',
      ACTION: 'sns:DeleteTopic',
      LAST_USED_TIME: null,
    })),
    comments: new Map<string, string[]>(),
    closed: [] as unknown[],
  };
  const double = platformDouble({
    isSignIn: (call) => call.path === '/api/v2/access/tokens',
    signIn: (token, call) =>
      call.headers.get('x-lw-uaks') === null
        ? { status: 400 }
        : { status: 201, json: { token, expiresAt: new Date(double.now + 3_600_000).toISOString() } },
    refuseSignIn: { status: 401, json: { message: 'unauthorized' } },
    tokenOf: (call) => call.headers.get('authorization')?.replace('Bearer ', ''),
    unauthorised: { status: 401, json: { message: 'token expired' } },
    answer: (call, self) => answer(call, self, state),
  });
  return Object.assign(double, state);
}

type State = Pick<LaceworkDouble, 'alerts' | 'entitlements' | 'comments' | 'closed' | 'pageSize'>;

function answer(call: SeenCall, self: PlatformDouble, state: State): Reply {
  if (call.path === '/api/v2/Queries/execute') return lql(call, state);
  if (call.path === '/api/v2/Alerts') return windowOf(call, self, state);
  if (call.path.startsWith('/api/v2/Alerts/PAGE'))
    return page(call, self, state, Number(call.query.get('start')));
  const [, , , , id = '', verb = ''] = call.path.split('/');
  const alert = state.alerts.find((each) => String(each['alertId']) === id);
  if (alert === undefined) return { status: 404, json: { message: 'not found' } };
  if (verb === 'comment') {
    state.comments.set(id, [...(state.comments.get(id) ?? []), (call.body as { comment: string }).comment]);
    return { json: { data: { entryType: 'Comment' } } };
  }
  if (verb === 'close') {
    state.closed.push(call.body);
    alert['status'] = 'Closed';
    return { status: 204 };
  }
  if (call.query.get('scope') === 'Timeline')
    return { json: { data: (state.comments.get(id) ?? []).map((value) => ({ message: { value } })) } };
  return { json: { data: alert } };
}

function windowOf(call: SeenCall, self: PlatformDouble, state: State): Reply {
  const from = Date.parse(call.query.get('startTime') ?? '');
  const to = Date.parse(call.query.get('endTime') ?? '');
  if (to - from > 7 * 86_400_000)
    return { status: 400, json: { message: 'the window has more than 7 days' } };
  const inWindow = state.alerts.filter(
    ({ startTime }) => Date.parse(String(startTime)) >= from && Date.parse(String(startTime)) < to,
  );
  return inWindow.length === 0 ? { status: 204 } : page(call, self, { ...state, alerts: inWindow }, 0);
}

function page(_call: SeenCall, self: PlatformDouble, state: State, start: number): Reply {
  const end = start + state.pageSize;
  const isMore = self.repeats || end < state.alerts.length;
  const rows = self.repeats ? state.alerts.slice(0, state.pageSize) : state.alerts.slice(start, end);
  const nextPage = isMore
    ? `${LACEWORK_URL}/api/v2/Alerts/PAGE?start=${self.repeats ? self.calls.length : end}`
    : null;
  return {
    json: { paging: { rows: rows.length, totalRows: state.alerts.length, urls: { nextPage } }, data: rows },
  };
}

function lql(call: SeenCall, state: State): Reply {
  const { query } = call.body as { query: { queryText: string } };
  if (!query.queryText.includes('LW_CE_ENTITLEMENTS')) return { status: 204 };
  const rows = state.entitlements.filter((row) => query.queryText.includes(`'${row['PRINCIPAL_ID']}'`));
  return rows.length === 0 ? { status: 204 } : { json: { data: rows } };
}
