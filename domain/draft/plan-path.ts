import type { AccountPrincipal } from '../graph/account.js';
import { findPaths } from '../graph/paths.js';
import { actionInfo } from '../iam/catalogue.js';
import type { ResourceMode } from '../iam/rightsize/model.js';
import { indexUse, type UseIndex } from '../iam/rightsize/use-index.js';
import { principalKey } from '../usage/principal.js';
import { type Case, noChange, type PlanResult, refused } from './model.js';
import { planPermissions } from './plan-permissions.js';

/**
 * Breaks escalation paths by taking away the permissions that they walk over and nobody was seen to use; a
 * permission that is used, or that a used one depends on, stays.
 */
export function planPath(the: Case, principal: AccountPrincipal, mode: ResourceMode): PlanResult {
  const { escalations, admins } = findPaths(the.account, { from: [principal.arn] });
  const open = escalations.filter((path) => path.status === 'open');
  if (open.length === 0 && !admins.includes(principal.arn)) {
    return noChange('already-fixed', `No open escalation path starts at ${principal.name}.`);
  }
  const use = indexUse(the.usage, new Set([principalKey(principal.arn)]));
  const steps = open.flatMap((path) =>
    path.path.flatMap((step) =>
      actionsIn(step.permission).map((action) => ({ action, technique: path.technique })),
    ),
  );
  const drop = new Map<string, string>();
  const needed = new Set<string>();
  for (const { action, technique } of steps) {
    const key = action.toLowerCase();
    if (isNeeded(key, use) || isKeptByPerson(key, the)) {
      needed.add(action);
      continue;
    }
    drop.set(
      key,
      `${action} was not seen in use and the path ${technique} walks over it, so it is removed to break the path.`,
    );
  }
  const plan = planPermissions(the, principal, mode, drop);
  if (plan.kind !== 'no-change') return plan;
  const list = [...needed].sort().join(', ');
  return refused(
    'path-needs-used-permissions',
    list === ''
      ? `The paths of ${principal.name} do not rest on permissions of its own policies; change the trust policy or the target’s policy instead.`
      : `Every permission that the paths walk over is in use (${list}); break the path at its target instead, or keep it as a documented exception.`,
  );
}

/** The actions in a step's permission text, which may name several. */
function actionsIn(permission: string): string[] {
  return permission.match(/[a-z0-9-]+:[A-Za-z0-9]+/g) ?? [];
}

/** Used, or what a used action depends on: taking `iam:PassRole` from a caller that creates functions breaks it. */
function isNeeded(action: string, use: UseIndex): boolean {
  if (use.has(action)) return true;
  return [...use.values()].some(
    (each) =>
      actionInfo(each.action)?.dependentActions.some((needs) => needs.toLowerCase() === action) ?? false,
  );
}

function isKeptByPerson(action: string, the: Case): boolean {
  return the.input.ownerOptions?.keepActions?.some((each) => each.toLowerCase() === action) ?? false;
}
