import type { RightsizeInput, RightsizeOptions, SizedPolicy } from '../../../domain/iam/rightsize/model.js';
import { rightsize } from '../../../domain/iam/rightsize/rightsize.js';
import { isRecord, type Json } from '../../../domain/json.js';
import { readUsage } from '../../../domain/usage/log.js';

export const ROLE = 'arn:aws:iam::123456789012:role/App';
export const OTHER = 'arn:aws:iam::123456789012:role/Other';
export const WINDOW = { fromIso: '2026-01-01', toIso: '2026-07-01' };

/** An Allow statement; a list of actions, everywhere unless said otherwise. */
export function allow(Action: Json, Resource: Json = '*', more: Record<string, Json> = {}): Json {
  return { Effect: 'Allow', Action, Resource, ...more };
}

export function documentOf(...Statement: Json[]): Json {
  return { Version: '2012-10-17', Statement };
}

export function inline(document: Json, more: Partial<SizedPolicy> = {}): SizedPolicy {
  return { name: 'policy', managed: 'inline', document, ...more };
}

/** A used request of the principal in question. */
export function used(
  action: string,
  resource?: string,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    action,
    ...(resource === undefined ? {} : { resource }),
    count: 10,
    firstUsed: '2026-02-01',
    lastUsed: '2026-06-20',
    outcome: 'ok',
    ...more,
  };
}

/** Right-sizes with everything logged and resources left alone, unless said otherwise. */
export function size(
  policies: readonly SizedPolicy[],
  usage: readonly unknown[],
  options: Partial<RightsizeOptions> = {},
  more: Partial<RightsizeInput> = {},
) {
  return rightsize({
    principal: ROLE,
    policies,
    usage: readUsage(usage),
    window: WINDOW,
    options: {
      resources: 'leave',
      logging: { management: true, data: 'all' },
      keepDependent: true,
      ...options,
    },
    now: () => performance.now(),
    digest: (text) => `digest of ${text.length}`,
    ...more,
  });
}

/** Right-sizes one inline policy and gives its statements. */
export function statementsOf(
  document: Json,
  usage: readonly unknown[],
  options: Partial<RightsizeOptions> = {},
): Json {
  const [policy] = size([inline(document)], usage, options).policies;
  return isRecord(policy?.document) ? (policy.document['Statement'] as Json) : null;
}
