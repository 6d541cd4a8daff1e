import { type Account, principalsAttachedTo } from '../graph/account.js';
import type { Finding } from './finding.js';

/**
 * The one thing whose change mends this finding together with others: today a customer-managed policy that more than
 * one principal has. Undefined for a finding that stands alone.
 */
export function rootCauseOf(finding: Finding, account: Account): string | undefined {
  if (finding.kind !== 'excessive-permissions') return undefined;
  const principal = account.principals.get(finding.subject.id);
  if (principal === undefined) return undefined;
  const shared = principal.documents
    .filter((held) => held.kind === 'customer' && held.arn !== undefined)
    .map((held) => held.arn ?? '')
    .filter((arn) => principalsAttachedTo(account, arn).length > 1);
  const named = shared.find((arn) => arn === finding.evidence.policyArn);
  const only = principal.documents.length === 1 ? shared[0] : undefined;
  return named ?? only;
}
