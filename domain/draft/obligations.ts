import type { Change } from '../change/change.js';
import { BLOCK_SWITCHES } from '../change/public-access.js';
import type { Account } from '../graph/account.js';
import type { PolicyType } from '../iam/document.js';
import { parsePolicy } from '../iam/parse.js';
import { canonicalJson, isRecord, type Json } from '../json.js';
import type { DocumentPair } from '../proof/obligations.js';
import type { NoNewAccess } from '../proof/proof.js';

const NOTHING_ALLOWED = parsePolicy(
  { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] },
  'identity',
);

/** Every principal whose documents differ between the two accounts, with all its documents on both sides. */
export function principalPairs(before: Account, after: Account): DocumentPair[] {
  const pairs: DocumentPair[] = [];
  for (const principal of before.principals.values()) {
    const next = after.principals.get(principal.arn);
    if (next !== undefined && canonicalJson(principal.documents) === canonicalJson(next.documents)) continue;
    pairs.push({
      of: principal.arn,
      before: principal.documents.map((held) => parsePolicy(held.document, 'identity')),
      // Who is gone is denied everything, so that no Deny of its policies counts as lost.
      after:
        next === undefined
          ? [NOTHING_ALLOWED]
          : next.documents.map((held) => parsePolicy(held.document, 'identity')),
      policyType: 'identity',
    });
  }
  return pairs;
}

/** The documents of trust and resource policies that the changes replace. */
export function documentPairs(changes: readonly Change[], account: Account): DocumentPair[] {
  return changes.flatMap((change): DocumentPair[] => {
    if (change.kind === 'trust-policy') {
      return [{ of: change.target.principal ?? '', policyType: 'trust', ...sides(change, 'trust') }];
    }
    if (change.kind !== 'resource-policy') return [];
    const of = change.target.arn ?? '';
    const owner = account.resources.get(of)?.account;
    return [
      {
        of,
        policyType: 'resource',
        ...sides(change, 'resource'),
        ...(owner === undefined || owner === '' ? {} : { resourceAccount: owner }),
      },
    ];
  });
}

function sides({ before, after }: Change, type: PolicyType): Pick<DocumentPair, 'before' | 'after'> {
  const parse = (state: Json) => (state === null ? [] : [parsePolicy(state, type)]);
  return { before: parse(before), after: parse(after) };
}

/** Obligations of settings: met when the setting can only restrict, refuted when it loosens. */
export function settingObligations(changes: readonly Change[]): NoNewAccess[] {
  return changes.flatMap((change) => {
    const restricts = restrictsBy(change);
    if (restricts === undefined) return [];
    return [
      {
        of: change.target.arn ?? change.target.principal ?? '',
        verdict: restricts.holds ? ('PASS' as const) : ('FAIL' as const),
        method: 'setting' as const,
        reasonCode: restricts.holds ? 'setting-restricts' : 'setting-loosens',
        reason: restricts.why,
        assumptions: [],
      },
    ];
  });
}

/** Whether a setting's new state allows no more than its old one, and why; undefined when the change is no setting. */
function restrictsBy({ kind, before, after }: Change): { holds: boolean; why: string } | undefined {
  switch (kind) {
    case 'public-access-block':
      return {
        holds: BLOCK_SWITCHES.every((name) => isOn(after, name) || !isOn(before, name)),
        why: 'A public access block only ever refuses, and no switch of it is turned off.',
      };
    case 'access-key':
      return {
        holds:
          after === null ||
          (isRecord(after) && after['status'] === 'Inactive') ||
          canonicalJson(before) === canonicalJson(after),
        why: 'A key that is inactive or gone signs nothing.',
      };
    case 'database-public-access':
      return {
        holds: !isOn(after, 'public') || isOn(before, 'public'),
        why: 'A private address is reached by fewer networks than a public one.',
      };
    case 'encryption':
      return {
        holds: after !== null,
        why: 'Encryption at rest asks readers for the same permissions, and for the key’s besides.',
      };
    case 'access-logging':
      return { holds: after !== null, why: 'An access log records requests and answers none.' };
    case 'inline-policy':
    case 'managed-policy':
    case 'policy-attachment':
    case 'role':
    case 'trust-policy':
    case 'resource-policy':
      return undefined;
  }
}

function isOn(state: Json, name: string): boolean {
  return isRecord(state) && state[name] === true;
}
