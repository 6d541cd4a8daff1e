import { expandActions } from '../catalogue.js';
import { isInside } from './mine.js';

/**
 * How hard actions are pressed together to fit AWS's size limits: not at all; into patterns that match nothing
 * but what is kept; or whole services of which anything is kept.
 */
export type Compactness = 'none' | 'lossless' | 'services';
export const COMPACTNESS: readonly Compactness[] = ['none', 'lossless', 'services'];

/**
 * Fewer patterns for the same actions, each inside one of the patterns that the statement had, so that nothing
 * is allowed that was not. `lossless` goes by the catalogue's names.
 */
export function compactActions(
  actions: readonly string[],
  outer: readonly string[],
  compactness: Compactness,
): readonly string[] {
  if (compactness === 'none') return actions;
  const services = new Map<string, string[]>();
  for (const action of actions) {
    const [service = '', name = ''] = action.split(':');
    services.set(service, [...(services.get(service) ?? []), name]);
  }
  return [...services].flatMap(([service, names]) => {
    if (names.some((name) => name.includes('*') || name === ''))
      return names.map((name) => joined(service, name));
    const whole = `${service}:*`;
    if (compactness === 'services' && names.length > 1 && isAllowed(whole, outer)) return [whole];
    return compactService(service, names, outer);
  });
}

function joined(service: string, name: string): string {
  return name === '' ? service : `${service}:${name}`;
}

function isAllowed(pattern: string, outer: readonly string[]): boolean {
  return outer.some((each) => isInside(pattern.toLowerCase(), each.toLowerCase()));
}

function compactService(service: string, names: readonly string[], outer: readonly string[]): string[] {
  const kept = new Set(names);
  const known = expandActions({ actions: [`${service}:*`] }).actions.map((action) =>
    action.slice(service.length + 1),
  );
  const result: string[] = [];
  const done = new Set<string>();
  for (const name of [...names].sort()) {
    if (done.has(name)) continue;
    const prefix = prefixesOf(name).find((candidate) => {
      const matched = known.filter((each) => each.startsWith(candidate));
      return (
        matched.length > 1 &&
        matched.every((each) => kept.has(each)) &&
        isAllowed(`${service}:${candidate}*`, outer)
      );
    });
    result.push(`${service}:${prefix === undefined ? name : `${prefix}*`}`);
    for (const each of names)
      if (each === name || (prefix !== undefined && each.startsWith(prefix))) done.add(each);
  }
  return result;
}

/** Prefixes that end where a word ends, shortest first: ``, `Get`, `GetObject`, … */
function prefixesOf(name: string): string[] {
  const cuts = [...name.matchAll(/(?<=[a-z0-9])(?=[A-Z])/g)].map((match) => match.index);
  return ['', ...cuts.map((cut) => name.slice(0, cut)), name];
}
