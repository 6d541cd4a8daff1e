import { type Account, resolvePrincipal } from '../graph/account.js';
import { parsePolicy } from '../iam/parse.js';
import { indexUse } from '../iam/rightsize/use-index.js';
import type { RiskScore } from '../proof/proof.js';
import { grantedActions } from '../risk/over-permission.js';
import { type RiskInput, scoreRisk } from '../risk/score.js';
import { identityRiskInput, storeRiskInput } from '../risk/score-input.js';
import { principalKey } from '../usage/principal.js';
import type { Case } from './model.js';

/** What is scored when the subject is gone or was never in the account: nothing is allowed. */
const NOTHING: RiskInput = {
  subject: 'identity',
  grants: [],
  administrator: false,
  labels: [],
  exposure: {},
  reach: { sensitiveStores: 0, openEscalations: 0, toAdministrator: false },
  context: {},
};

/** The subject's risk in the account as it is and after the change, by the same facts. */
export function riskOf(the: Case, after: Account): { before: RiskScore; after: RiskScore } {
  return { before: scoreRisk(inputOf(the, the.account)), after: scoreRisk(inputOf(the, after)) };
}

function inputOf(the: Case, account: Account): RiskInput {
  const { finding, context } = the.input;
  const { id } = finding.subject;
  const facts = {
    labels: [...new Set([...finding.labels, ...(context?.dataLabels ?? [])])],
    ...(context === undefined ? {} : { context }),
  };
  const store = storeRiskInput(account, id, facts);
  if (store !== undefined) return store;
  const use = indexUse(the.usage, new Set([principalKey(id)]));
  const usedActions = [...use.values()].map((each) => each.action);
  const identity = identityRiskInput(account, id, { ...facts, usedActions });
  if (identity === undefined) return { ...NOTHING, ...(context === undefined ? {} : { context }) };
  return isAllowedNothing(account, id) ? { ...identity, grants: [] } : identity;
}

/** A disabled role still holds its policies; a Deny on everything makes them mean nothing. */
function isAllowedNothing(account: Account, arn: string): boolean {
  const principal = resolvePrincipal(account, arn);
  if (principal === undefined) return true;
  return (
    grantedActions(principal.documents.map(({ document }) => parsePolicy(document, 'identity'))).length === 0
  );
}
