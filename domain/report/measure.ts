import type { Account, AccountPrincipal } from '../graph/account.js';
import { findPaths, type PathAnswer } from '../graph/paths.js';
import type { RiskScore } from '../proof/proof.js';
import { meanOverPermission, type SeenOverPermission, seenOverPermission } from '../risk/over-permission.js';
import { scoreRisk } from '../risk/score.js';
import { identityRiskInput } from '../risk/score-input.js';
import { highRiskCount, openEffective } from './effective.js';
import type { WhatIf } from './model.js';
import { placeOf } from './scope.js';
import { byStart } from './slice.js';

/** What one identity can do in one state of the accounts. */
export interface Measure {
  effective: readonly string[];
  /** Undefined when the log would show nothing of what it holds. */
  overPermission: SeenOverPermission | undefined;
  risk: RiskScore;
  administrator: boolean;
  openPaths: number;
  stores: number;
}

/** What is known about an identity's use. */
export interface KnownUse {
  used: readonly string[];
  /** Whether the log would show the action's use; never, where there is no log. */
  isSeen(action: string): boolean;
  /** Whether there is a log at all. */
  observed: boolean;
}

/** One state of the accounts, measured. */
export interface Measured {
  paths: PathAnswer;
  of(principal: AccountPrincipal, use: KnownUse): Measure;
}

/** Measures a state: paths are searched once, everything else as it is asked for. */
export function measure(account: Account): Measured {
  const paths = findPaths(account);
  const effective = openEffective(account);
  const escalations = byStart(paths.escalations);
  const reach = byStart(paths.reach);
  const admins = new Set(paths.admins);
  return {
    paths,
    of(principal, use) {
      const { arn } = principal;
      const own: PathAnswer = {
        escalations: escalations.get(arn) ?? [],
        reach: reach.get(arn) ?? [],
        admins: admins.has(arn) ? [arn] : [],
      };
      const granted = effective.of(principal);
      return {
        effective: granted,
        overPermission: seenOverPermission(granted, use.used, use.isSeen),
        risk: riskOf(account, principal, own, use.observed ? use.used : undefined),
        administrator: admins.has(arn),
        openPaths: own.escalations.filter(({ status }) => status === 'open').length,
        stores: new Set(own.reach.map(({ resource }) => resource)).size,
      };
    },
  };
}

const ENVIRONMENTS = ['production', 'staging', 'development'] as const;

function riskOf(
  account: Account,
  principal: AccountPrincipal,
  paths: PathAnswer,
  usedActions: readonly string[] | undefined,
): RiskScore {
  const place = placeOf(principal.tags).environment;
  const environment = ENVIRONMENTS.find((each) => each === place);
  const input = identityRiskInput(account, principal.arn, {
    paths,
    ...(usedActions === undefined ? {} : { usedActions }),
    ...(environment === undefined ? {} : { context: { environment } }),
  });
  if (input === undefined) throw new TypeError(`scoring ${principal.arn}: it is not in the account`);
  return scoreRisk(input);
}

/** Two states of the same identities, added up. */
export function whatIfOf(pairs: readonly { before: Measure; after: Measure }[]): WhatIf {
  const sum = (of: (each: Measure) => number): WhatIf['reach'] => ({
    before: pairs.reduce((total, { before }) => total + of(before), 0),
    after: pairs.reduce((total, { after }) => total + of(after), 0),
  });
  return {
    effective: sum(({ effective }) => effective.length),
    highRisk: sum(({ effective }) => highRiskCount(effective)),
    administrators: sum(({ administrator }) => Number(administrator)),
    openPaths: sum(({ openPaths }) => openPaths),
    reach: sum(({ stores }) => stores),
    overPermission: bothOrNull(
      meanOverPermission(pairs.map(({ before }) => before.overPermission)),
      meanOverPermission(pairs.map(({ after }) => after.overPermission)),
    ),
  };
}

function bothOrNull(before: number | undefined, after: number | undefined): WhatIf['overPermission'] {
  return before === undefined || after === undefined ? null : { before, after };
}
