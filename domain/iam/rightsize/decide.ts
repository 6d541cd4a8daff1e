import { type LoggingScope, unseenBecause } from '../../usage/logging.js';
import { seasonOf, seasonWords, windowDays } from '../../usage/seasonality.js';
import { actionInfo } from '../catalogue.js';
import { compileActions } from '../match.js';
import type { RightsizeOptions } from './model.js';
import type { ActionUse, UseIndex } from './use-index.js';

/** What is decided about one action of a policy, and why. */
export interface ActionVerdict {
  action: string;
  keep: boolean;
  reasonCode:
    | 'used'
    | 'used-seasonal'
    | 'kept-by-person'
    | 'dependent'
    | 'service-need'
    | 'no-event'
    | 'data-events-not-logged'
    | 'management-events-not-logged'
    | 'size-limit'
    | 'unused'
    | 'breaks-path';
  reason: string;
  use?: ActionUse;
  /** The log shows every use of it, so its resources may be narrowed to those seen. */
  narrowable: boolean;
}

/** Everything that decides about an action. */
export interface DecisionBasis {
  use: UseIndex;
  window: { fromIso: string; toIso: string };
  options: RightsizeOptions;
  /** Used actions that need the action (lower case). */
  dependents: ReadonlyMap<string, readonly string[]>;
  /** Whether a person wants to keep an action, given in lower case. */
  wanted: (action: string) => boolean;
}

/** Gathers what decides, from the use of the principals in question. */
export function basisOf(
  use: UseIndex,
  window: { fromIso: string; toIso: string },
  options: RightsizeOptions,
): DecisionBasis {
  const dependents = new Map<string, string[]>();
  for (const { action } of use.values()) {
    for (const needed of actionInfo(action)?.dependentActions ?? []) {
      const key = needed.toLowerCase();
      dependents.set(key, [...(dependents.get(key) ?? []), action]);
    }
  }
  const wanted = compileActions({ negated: false, patterns: options.keepActions ?? [] });
  return { use, window, options, dependents, wanted };
}

const ELSEWHERE = 'Used only on resources that these permissions do not cover.';

/** Without its resource known, a use may have been here. */
function isUsedHere(use: ActionUse, covers: (resource: string) => boolean): boolean {
  return use.resourceUnknown || [...use.resources.keys()].some(covers);
}

/**
 * Keeps what was used, what a person wants, and what the log could not show; removes the rest. `covers` says whether
 * the statement in question covers a resource: a use elsewhere is no use of it.
 */
export function decide(
  action: string,
  basis: DecisionBasis,
  covers: (resource: string) => boolean = () => true,
): ActionVerdict {
  const key = action.toLowerCase();
  const { options } = basis;
  const use = basis.use.get(key);
  if (use !== undefined && isUsedHere(use, covers)) return used(action, use, options.logging);
  if (basis.wanted(key)) {
    return keep(
      action,
      'kept-by-person',
      `Kept by a person: ${options.keepReason ?? 'no reason was given'}.`,
    );
  }
  const drop = options.dropActions?.get(key);
  if (drop !== undefined)
    return { action, keep: false, reasonCode: 'breaks-path', reason: drop, narrowable: false };
  const need = options.serviceNeeds?.get(key);
  if (need !== undefined) return keep(action, 'service-need', need);
  const needers = options.keepDependent ? basis.dependents.get(key) : undefined;
  if (needers !== undefined) {
    const list = needers.slice(0, 3).join(', ');
    return keep(
      action,
      'dependent',
      `${list} ${needers.length === 1 ? 'is' : 'are'} used and may call it on the caller’s behalf.`,
    );
  }
  const unseen = unseenBecause(action, options.logging);
  if (unseen !== undefined)
    return keep(action, unseen.reasonCode as ActionVerdict['reasonCode'], unseen.reason);
  return {
    action,
    keep: false,
    reasonCode: 'unused',
    reason: use === undefined ? unusedWords(basis.window) : ELSEWHERE,
    narrowable: false,
  };
}

function keep(action: string, reasonCode: ActionVerdict['reasonCode'], reason: string): ActionVerdict {
  return { action, keep: true, reasonCode, reason, narrowable: false };
}

function used(action: string, use: ActionUse, logging: LoggingScope): ActionVerdict {
  const season = seasonWords(seasonOf(use.months));
  return {
    action,
    keep: true,
    reasonCode: season === '' ? 'used' : 'used-seasonal',
    reason: usedWords(use),
    use,
    narrowable:
      unseenBecause(action, logging) === undefined && !use.resourceUnknown && use.resources.size > 0,
  };
}

/** A use in words, with count, dates and season. */
export function usedWords(use: ActionUse): string {
  const times = use.count === 1 ? 'once' : `${use.count} times`;
  const first = use.firstIso?.slice(0, 10);
  const last = use.lastIso?.slice(0, 10);
  const when =
    first === undefined ? '' : first === last ? `, on ${first}` : `, first on ${first}, last on ${last}`;
  const season = seasonWords(seasonOf(use.months));
  return `Used ${times}${when}${season === '' ? '' : `; ${season}`}.`;
}

function unusedWords({ fromIso, toIso }: { fromIso: string; toIso: string }): string {
  const days = windowDays(fromIso, toIso);
  const length = days === 0 ? 'the window' : days === 1 ? 'the one day' : `the ${days} days`;
  return `Not used in ${length} from ${fromIso.slice(0, 10)} to ${toIso.slice(0, 10)}.`;
}
