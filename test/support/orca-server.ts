import { type PlatformDouble, platformDouble, type Reply, type SeenCall } from './platform-double.js';

/** Orca as its partners know it: an index to page by, 500 for an unknown alert, an error for a state that is set already. */
export interface OrcaDouble extends PlatformDouble {
  alerts: Record<string, unknown>[];
  comments: Map<string, string[]>;
  states: Map<string, string>;
  tags: Map<string, string>;
}

/** A row of the serving layer. */
export function orcaAlert(n: number, more: Record<string, unknown> = {}): Record<string, unknown> {
  const fields: Record<string, unknown> = {
    AlertId: String(n),
    AlertType: 'Role with unused services',
    RuleType: 'aws_role_with_unused_services',
    Title: 'Role with unused services',
    Category: 'IAM misconfigurations',
    RiskLevel: 'high',
    Status: 'open',
    CreatedAt: new Date(Date.UTC(2026, 7, 1, 0, Math.floor(n / 2))).toISOString().replace('.000Z', '+00:00'),
    Labels: [],
    AssetData: {
      asset_name: `role-${n}`,
      asset_type: 'AwsIamRole',
      asset_category: 'Users and Access',
      asset_arn: `arn:aws:iam::123456789012:role/role-${n}`,
      cloud_provider: 'aws',
      cloud_vendor_id: '123456789012',
      asset_tags_info_list: [],
    },
    ...more,
  };
  return {
    id: `uuid-${n}`,
    type: 'Alert',
    name: `orca-${n}`,
    data: Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, { value }])),
  };
}

const TOKEN = 's3cr3t-value';

/** Starts an organisation with some alerts, two at each time. */
export function startOrca(count: number): OrcaDouble {
  const state = {
    alerts: Array.from({ length: count }, (_, i) => orcaAlert(i + 1)),
    comments: new Map<string, string[]>(),
    states: new Map<string, string>(),
    tags: new Map<string, string>(),
  };
  const double = platformDouble({
    fixedToken: TOKEN,
    isSignIn: () => false,
    signIn: () => ({}),
    refuseSignIn: { status: 401 },
    tokenOf: (call) => call.headers.get('authorization')?.replace('Token ', ''),
    unauthorised: { status: 401, json: { status: 'failure', error: 'API Token not found' } },
    answer: (call, self) => answer(call, self, state),
  });
  return Object.assign(double, state);
}

type State = Pick<OrcaDouble, 'alerts' | 'comments' | 'states' | 'tags'>;
interface Query {
  query: { models: string[]; with: { values: { key: string; values: string[] }[] } };
  limit: number;
  start_at_index: number;
}

function answer(call: SeenCall, self: PlatformDouble, state: State): Reply {
  if (call.path === '/api/serving-layer/query') return query(call.body as Query, self, state);
  if (call.path === '/api/serving-layer/linked_entities_count') {
    return {
      json: {
        data: {
          links: [
            { relation_key: 'Alerts', count: 3 },
            { relation_key: 'LoginAttempts', count: 2 },
          ],
        },
      },
    };
  }
  if (call.path.startsWith('/api/manual_tags/')) {
    const body = call.body as { tag_key: string; tag_value: string } | undefined;
    if (body !== undefined) state.tags.set(body.tag_key, body.tag_value);
    return { json: { data: Object.fromEntries(state.tags) } };
  }
  const [, , , id = '', verb = '', value = ''] = call.path.split('/');
  const isKnown = state.alerts.some((each) => each['name'] === id);
  if (!isKnown) {
    return {
      status: verb === 'status' ? 500 : 400,
      json: { status: 'failure', error: `alert_id ${id} does not exist` },
    };
  }
  return write(call, state, { id, verb, value });
}

function write(call: SeenCall, state: State, on: { id: string; verb: string; value: string }): Reply {
  if (on.verb === 'event_log') {
    return {
      json: {
        event_log: (state.comments.get(on.id) ?? []).map((comment) => ({
          type: 'comment',
          details: { comment },
        })),
      },
    };
  }
  if (on.verb === 'comment') {
    state.comments.set(on.id, [
      ...(state.comments.get(on.id) ?? []),
      (call.body as { comment: string }).comment,
    ]);
    return { json: { type: 'comment' } };
  }
  if (on.verb === 'verify') return { json: { status: 'scanning' } };
  const wanted = on.verb === 'snooze' ? 'snooze' : on.value;
  if (state.states.get(on.id) === wanted) {
    return { status: 400, json: { error: 'requested to set same configuration' } };
  }
  state.states.set(on.id, wanted);
  return { json: { data: { type: 'set_status' } } };
}

function query(body: Query, self: PlatformDouble, state: State): Reply {
  const conditions = new Map(body.query.with.values.map(({ key, values }) => [key, values]));
  if (body.query.models[0] === 'Inventory') {
    const known = state.alerts.length > 0 && conditions.get('Arn')?.[0]?.endsWith('/role-1') === true;
    const asset = {
      id: 'asset-uuid',
      type: 'AwsIamRole',
      data: { IsCrownJewel: { value: true }, Tags: { value: { owner: 'ana@example.com' } } },
    };
    return { json: { status: 'success', data: known ? [asset] : [] } };
  }
  const ids = conditions.get('AlertId');
  const from = conditions.get('CreatedAt')?.[0] ?? '';
  const rows = state.alerts
    .filter((row) => ids === undefined || ids.includes(String(fieldOf(row, 'AlertId'))))
    .filter((row) => Date.parse(String(fieldOf(row, 'CreatedAt'))) >= (from === '' ? 0 : Date.parse(from)));
  const start = self.repeats ? 0 : body.start_at_index;
  const page = self.repeats ? state.alerts.slice(0, body.limit) : rows.slice(start, start + body.limit);
  return {
    json: { status: 'success', data: page, ...(self.repeats && { next_page_token: self.calls.length }) },
  };
}

function fieldOf(row: Record<string, unknown>, name: string): unknown {
  return (row['data'] as Record<string, { value: unknown }> | null | undefined)?.[name]?.value;
}
