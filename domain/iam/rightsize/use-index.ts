import type { Pair } from '../../usage/event-map.js';
import { principalKey } from '../../usage/principal.js';
import type { UsageCall, UsageLog } from '../../usage/usage.js';

/** How one action was used by the principals in question. */
export interface ActionUse {
  action: string;
  count: number;
  firstIso?: string;
  lastIso?: string;
  months: ReadonlyMap<string, number>;
  /** Calls per concrete resource. */
  resources: ReadonlyMap<string, number>;
  /** Some call did not say which resource it asked for. */
  resourceUnknown: boolean;
}

/** Use per action; keys are lower case, as action names are compared. */
export type UseIndex = ReadonlyMap<string, ActionUse>;

interface OpenUse extends ActionUse {
  months: Map<string, number>;
  resources: Map<string, number>;
}

/**
 * Indexes what the principals used. Refused calls and services' own calls are not use; a call that failed for
 * another reason is. Calls without a principal belong to the one in question.
 */
export function indexUse(log: UsageLog, principals: ReadonlySet<string> | undefined): UseIndex {
  const index = new Map<string, OpenUse>();
  for (const call of log.calls) {
    if (call.service || call.outcome === 'denied' || call.count === 0) continue;
    if (
      call.principal !== undefined &&
      principals !== undefined &&
      !principals.has(principalKey(call.principal))
    ) {
      continue;
    }
    for (const pair of call.pairs) addUse(index, pair, call);
  }
  return index;
}

function addUse(index: Map<string, OpenUse>, { action, resource }: Pair, call: UsageCall): void {
  const key = action.toLowerCase();
  const use: OpenUse = index.get(key) ?? {
    action,
    count: 0,
    months: new Map(),
    resources: new Map(),
    resourceUnknown: false,
  };
  index.set(key, use);
  use.count += call.count;
  if (call.firstIso !== undefined && (use.firstIso === undefined || call.firstIso < use.firstIso)) {
    use.firstIso = call.firstIso;
  }
  if (call.lastIso !== undefined && (use.lastIso === undefined || call.lastIso > use.lastIso)) {
    use.lastIso = call.lastIso;
  }
  for (const [month, count] of call.months) use.months.set(month, (use.months.get(month) ?? 0) + count);
  if (resource === undefined) use.resourceUnknown = true;
  else use.resources.set(resource, (use.resources.get(resource) ?? 0) + call.count);
}
