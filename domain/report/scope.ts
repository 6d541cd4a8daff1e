import type { Scope } from './model.js';

const TEAM_KEYS = ['team', 'owner-team', 'squad'];
const ENVIRONMENT_KEYS = ['env', 'environment', 'stage'];

const SAME: ReadonlyMap<string, string> = new Map([
  ['prod', 'production'],
  ['live', 'production'],
  ['stage', 'staging'],
  ['dev', 'development'],
  ['test', 'development'],
]);

/** What tags say about team and environment; keys count whatever their case. */
export function placeOf(tags: ReadonlyMap<string, string>): { team?: string; environment?: string } {
  const lower = new Map([...tags].map(([key, value]) => [key.toLowerCase(), value]));
  const first = (keys: readonly string[]): string | undefined =>
    keys.map((key) => lower.get(key)).find((value) => value !== undefined && value !== '');
  const team = first(TEAM_KEYS);
  const environment = first(ENVIRONMENT_KEYS);
  return {
    ...(team === undefined ? {} : { team }),
    ...(environment === undefined ? {} : { environment: environmentName(environment) }),
  };
}

/** The full name of an environment: `prod` is `production`. */
export function environmentName(text: string): string {
  const lower = text.toLowerCase();
  return SAME.get(lower) ?? lower;
}

/** Whether something with these tags is asked about. */
export function isInScope(tags: ReadonlyMap<string, string>, scope: Scope): boolean {
  const { team, environment } = placeOf(tags);
  if (scope.team !== undefined && team?.toLowerCase() !== scope.team.toLowerCase()) return false;
  return scope.environment === undefined || environment === environmentName(scope.environment);
}
