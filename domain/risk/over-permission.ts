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

/** The index over what a log can show. */
export interface SeenOverPermission extends OverPermission {
  /** Granted actions whose use the log would show, or that were seen in use anyway. The index is about these. */
  decidable: number;
}

/**
 * The over-permission index over the actions whose use the log would show (`isSeen`) or that were used: what nobody
 * can see is neither used nor unused. Undefined when the log would show none of what is granted.
 */
export function seenOverPermission(
  granted: readonly string[],
  used: readonly string[],
  isSeen: (action: string) => boolean,
): SeenOverPermission | undefined {
  const names = new Set(used.map((action) => action.toLowerCase()));
  const decidable = granted.filter((action) => names.has(action.toLowerCase()) || isSeen(action));
  if (decidable.length === 0 && granted.length > 0) return undefined;
  const { index, unused } = overPermissionOf(decidable, used);
  return { index, granted: granted.length, unused, decidable: decidable.length };
}

/**
 * The index of an account, or of an organisation: the mean of its identities' indexes, so that one administrator does
 * not hide a thousand identities, nor they it. Undefined without identities that have one.
 */
export function meanOverPermission(
  identities: readonly (Pick<OverPermission, 'index'> | undefined)[],
): number | undefined {
  const known = identities.filter((each) => each !== undefined);
  if (known.length === 0) return undefined;
  return Math.round(known.reduce((sum, { index }) => sum + index, 0) / known.length);
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
