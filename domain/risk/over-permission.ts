import { actionInfo, expandActions } from '../iam/catalogue.js';
import type { PolicyDocument } from '../iam/document.js';

/** What an action weighs by its access level: changing permissions is worse than changing things, and that than reading. */
const LEVEL_WEIGHT = { 'Permissions management': 5, Write: 3, Read: 2, Tagging: 1, List: 1 } as const;

/** Over-permission of one identity. */
export interface OverPermission {
  /** 0..100: the share of granted permission weight that nobody used. */
  index: number;
  granted: number;
  unused: number;
}

/**
 * The over-permission index of an identity:
 *
 *   100 × Σ weight(a) over granted actions that were not used ÷ Σ weight(a) over all granted actions
 *
 * with `LEVEL_WEIGHT` by the action's access level in the service authorisation reference. Nothing granted is 0.
 * `used` are action names; what was used but is not granted does not count.
 */
export function overPermissionOf(granted: readonly string[], used: readonly string[]): OverPermission {
  const seen = new Set(used.map((action) => action.toLowerCase()));
  let all = 0;
  let idle = 0;
  let unused = 0;
  for (const action of granted) {
    const weight = LEVEL_WEIGHT[actionInfo(action)?.level ?? 'Write'];
    all += weight;
    if (seen.has(action.toLowerCase())) continue;
    idle += weight;
    unused += 1;
  }
  return { index: all === 0 ? 0 : Math.round((100 * idle) / all), granted: granted.length, unused };
}

/**
 * The index of an account, or of an organisation: the mean of its identities' indexes, so that one administrator does
 * not hide a thousand identities, nor they it. No identities is 0.
 */
export function meanOverPermission(identities: readonly OverPermission[]): number {
  if (identities.length === 0) return 0;
  return Math.round(identities.reduce((sum, { index }) => sum + index, 0) / identities.length);
}

/**
 * Action names that documents grant: those of every Allow, without those that a Deny takes away everywhere and always.
 * Conditions and resources of an Allow are not looked at: a permission under a condition is granted too.
 */
export function grantedActions(documents: readonly PolicyDocument[]): string[] {
  const granted = new Set<string>();
  const denied = new Set<string>();
  for (const { statements } of documents) {
    for (const { effect, action, conditions, resource } of statements) {
      const everywhere = resource !== undefined && !resource.negated && resource.patterns.includes('*');
      if (effect === 'Deny' && (conditions.length > 0 || !everywhere)) continue;
      const wanted = action.negated
        ? { actions: ['*'], notActions: action.patterns }
        : { actions: action.patterns };
      for (const name of expandActions(wanted).actions) (effect === 'Allow' ? granted : denied).add(name);
    }
  }
  return [...granted].filter((name) => !denied.has(name)).sort();
}
