import type { Change } from '../change/change.js';
import { type Account, resolvePrincipal } from '../graph/account.js';
import type { PolicyDocument } from '../iam/document.js';
import { evaluate } from '../iam/evaluate.js';
import { parsePolicy } from '../iam/parse.js';
import type { Json } from '../json.js';
import type { UsageAccounting } from '../proof/proof.js';
import { accountFor } from '../usage/accounting.js';
import type { Pair } from '../usage/event-map.js';
import { principalKey } from '../usage/principal.js';
import type { UsageLog } from '../usage/usage.js';

/** Calls that asked for a store or something in it. */
function callsOn(log: UsageLog, arn: string): UsageLog {
  const calls = log.calls.filter((call) => call.pairs.some((pair) => isOn(pair, arn)));
  return {
    calls,
    malformed: log.malformed,
    total: log.malformed + calls.reduce((sum, call) => sum + call.count, 0),
  };
}

function isOn(pair: Pair, arn: string): boolean {
  return pair.resource === arn || (pair.resource?.startsWith(`${arn}/`) ?? false);
}

/** Calls on a store by callers who showed no identity. CloudTrail names them `ANONYMOUS_PRINCIPAL`. */
export function anonymousCalls(log: UsageLog, arn: string): number {
  return callsOn(log, arn)
    .calls.filter((call) => call.principal === 'AWSAccount:ANONYMOUS_PRINCIPAL' && call.outcome !== 'denied')
    .reduce((sum, call) => sum + call.count, 0);
}

/** Allows everything: what is assumed of the identity policies of a caller from another account. */
const UNKNOWN_CALLER: readonly PolicyDocument[] = [
  parsePolicy(
    { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
    'identity',
  ),
];

/**
 * Replays every observed call on a store against its old and its new policy, each caller with its own identity
 * policies; of callers from elsewhere it is assumed that their side allows.
 */
export function proveStoreUsage(
  log: UsageLog,
  change: Change,
  account: Account,
  window: { fromIso: string; toIso: string },
): UsageAccounting {
  const arn = change.target.arn ?? '';
  const callers = new Map<string, string>();
  for (const call of log.calls)
    if (call.principal !== undefined) callers.set(principalKey(call.principal), call.principal);
  const judge = (state: Json) => {
    const policy = state === null ? undefined : parsePolicy(state, 'resource');
    return (key: string, pair: Pair): boolean =>
      isOn(pair, arn) && isAllowed(account, callers.get(key) ?? key, pair, policy, arn);
  };
  return accountFor(callsOn(log, arn), {
    window,
    allowedBefore: judge(change.before),
    preserved: judge(change.after),
  });
}

function isAllowed(
  account: Account,
  caller: string,
  pair: Pair,
  policy: PolicyDocument | undefined,
  arn: string,
): boolean {
  const known = resolvePrincipal(account, caller);
  const owner = account.resources.get(arn)?.account;
  const principal = known?.arn ?? (caller.startsWith('arn:') ? caller : ({ type: 'Anonymous' } as const));
  const identity = known?.documents.map((held) => parsePolicy(held.document, 'identity')) ?? UNKNOWN_CALLER;
  const { decision } = evaluate(
    {
      principal,
      action: pair.action,
      resource: pair.resource ?? arn,
      ...(owner === undefined || owner === '' ? {} : { resourceAccount: owner }),
      context: {},
    },
    {
      identity: principal === known?.arn || typeof principal === 'string' ? identity : [],
      ...(policy === undefined ? {} : { resource: policy }),
    },
  );
  return decision === 'Allowed';
}
