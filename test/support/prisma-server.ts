import { type PlatformDouble, platformDouble, type Reply, type SeenCall } from './platform-double.js';

/** Prisma Cloud as pan.dev describes it: errors in a header, tokens in one of its own. */
export interface PrismaDouble extends PlatformDouble {
  alerts: Record<string, unknown>[];
  permissions: Record<string, unknown>[];
  dismissals: unknown[];
}

/** An alert about the permissions of a role. */
export function prismaAlert(n: number, more: Record<string, unknown> = {}): Record<string, unknown> {
  const arn = `arn:aws:iam::123456789012:role/role-${n}`;
  return {
    id: `I-${n}`,
    status: 'open',
    firstSeen: 1_788_674_400_000,
    lastSeen: 1_790_805_600_000,
    policyId: 'policy-1',
    policy: {
      policyId: 'policy-1',
      name: 'IAM role with permissions unused for 90 days',
      policyType: 'iam',
      severity: 'high',
      complianceMetadata: [],
    },
    resource: {
      id: arn,
      name: `role-${n}`,
      accountId: '123456789012',
      resourceType: 'IAM_ROLE',
      cloudType: 'aws',
      data: { arn },
      resourceTags: [],
    },
    ...more,
  };
}

/** Starts a tenant with some alerts, and a permission of each role that was not used. */
export function startPrisma(count: number): PrismaDouble {
  const state = {
    alerts: Array.from({ length: count }, (_, i) => prismaAlert(i + 1)),
    permissions: Array.from({ length: count }, (_, i) => ({
      sourceResourceId: `arn:aws:iam::123456789012:role/role-${i + 1}`,
      sourceResourceName: `role-${i + 1}`,
      effectiveActionName: 's3:DeleteBucket',
      lastAccessStatus: 'NOT_ACCESSED_IN_TRACKING_PERIOD',
      lastAccessDate: null,
      destResourceId: 'arn:aws:s3:::bucket',
      destResourceType: 'bucket',
      destCloudServiceName: 's3',
    })),
    dismissals: [] as unknown[],
  };
  const double = platformDouble({
    isSignIn: (call) => call.path === '/login',
    signIn: (token) => ({ json: { token, message: 'login_successful', customerNames: [] } }),
    refuseSignIn: refusal(401, 'invalid_credentials'),
    tokenOf: (call) => call.headers.get('x-redlock-auth') ?? undefined,
    unauthorised: refusal(401, 'token_expired'),
    answer: (call, self) => answer(call, self, state),
  });
  return Object.assign(double, state);
}

/** An error as the older services send it: the words in a header, nothing in the body. */
export function refusal(status: number, i18nKey: string): Reply {
  return {
    status,
    headers: { 'x-redlock-status': JSON.stringify([{ i18nKey, severity: 'error', subject: null }]) },
  };
}

function answer(
  call: SeenCall,
  self: PlatformDouble,
  state: Pick<PrismaDouble, 'alerts' | 'permissions' | 'dismissals'>,
): Reply {
  const body = (call.body ?? {}) as Record<string, unknown>;
  if (call.path === '/v2/alert') {
    const start =
      self.repeats || body['pageToken'] === undefined ? 0 : Number(String(body['pageToken']).slice(1));
    const end = start + Number(body['limit']);
    const isMore = self.repeats || end < state.alerts.length;
    const nextPageToken = isMore ? `p${self.repeats ? self.calls.length : end}` : null;
    return { json: { items: state.alerts.slice(start, end), nextPageToken, totalRows: state.alerts.length } };
  }
  if (call.path === '/alert/dismiss') {
    state.dismissals.push(body);
    const isSnooze = 'dismissalTimeRange' in body;
    for (const each of state.alerts)
      if ((body['alerts'] as string[]).includes(String(each['id'])))
        each['status'] = isSnooze ? 'snoozed' : 'dismissed';
    return { status: 200 };
  }
  if (call.path === '/iam/api/v4/search/permission') {
    const items = state.permissions.filter((row) =>
      String(body['query']).includes(`'${row['sourceResourceName']}'`),
    );
    return { json: { data: { items, nextPageToken: null, totalRows: items.length }, query: body['query'] } };
  }
  const one = /^\/alert\/(.+)$/.exec(call.path)?.[1];
  const alert = state.alerts.find((each) => each['id'] === one);
  return alert === undefined ? refusal(404, 'not_found') : { json: alert };
}
