import { principalPairs } from '../draft/obligations.js';
import type { Account } from '../graph/account.js';
import { proveUsage } from '../proof/obligations.js';
import type { UsageExample } from '../proof/proof.js';
import { principalKey } from '../usage/principal.js';
import type { ReportInput } from './model.js';

/**
 * Recorded calls that would be denied with every fix applied. Each fix is proved by itself, on the account as it is; that
 * they hold together is asked once more, since two policies may each count on the other to allow a call.
 */
export function lostTogether(
  before: Account,
  after: Account,
  { log, window, now, digest }: ReportInput,
): readonly UsageExample[] {
  const documents = new Map(principalPairs(before, after).map((pair) => [principalKey(pair.of), pair]));
  const scope = { window, affected: new Set(documents.keys()) };
  return proveUsage(log, scope, documents, { now, digest }).newlyDenied;
}
