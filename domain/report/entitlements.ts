import { type LoggingScope, unseenBecause } from '../usage/logging.js';
import { isHighRisk } from './effective.js';
import type { UnusedService } from './model.js';

/** What an identity holds and does not use, and how much of it nobody can say. */
export interface UnusedEntitlements {
  services: UnusedService[];
  unseen: number;
}

/** Unused permissions by service, most first; what the log could not show is counted apart. */
export function unusedEntitlements(
  granted: readonly string[],
  used: readonly string[],
  logging: LoggingScope,
): UnusedEntitlements {
  const seen = new Set(used.map((action) => action.toLowerCase()));
  const services = new Map<string, { granted: number; unused: string[] }>();
  let unseen = 0;
  for (const action of granted) {
    const service = action.split(':')[0] ?? '';
    const open = services.get(service) ?? { granted: 0, unused: [] };
    services.set(service, open);
    open.granted += 1;
    if (seen.has(action.toLowerCase())) continue;
    if (unseenBecause(action, logging) === undefined) open.unused.push(action);
    else unseen += 1;
  }
  const listed = [...services]
    .filter(([, { unused }]) => unused.length > 0)
    .map(([service, { granted: held, unused }]) => ({
      service,
      unused: unused.length,
      granted: held,
      ...(unused.length === held ? {} : { actions: unused }),
      highRisk: unused.filter(isHighRisk),
    }))
    .sort((a, b) => b.highRisk.length - a.highRisk.length || b.unused - a.unused);
  return { services: listed, unseen };
}
