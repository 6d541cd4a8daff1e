import type { Account, AccountPrincipal } from '../graph/account.js';
import { actionInfo } from '../iam/catalogue.js';
import type { PolicyDocument, PolicyType } from '../iam/document.js';
import { parsePolicy } from '../iam/parse.js';
import type { Json } from '../json.js';
import { HIGH_RISK_ACTIONS } from '../risk/high-risk-actions.js';
import { grantedActions } from '../risk/over-permission.js';

/** Answers which actions an identity can use. */
export interface Effective {
  /** Action names in the catalogue's case, under identity policies, boundary and service control policies. */
  of(principal: AccountPrincipal): readonly string[];
}

const HIGH_RISK = new Set(HIGH_RISK_ACTIONS.map(({ action }) => action.toLowerCase()));

/**
 * Opens the question for one state of the accounts. An action counts when some statement allows it on some resource
 * and no boundary, organisation policy or unconditional Deny takes it away everywhere.
 */
export function openEffective(account: Account): Effective {
  const documents = new Map<Json, PolicyDocument>();
  const sets = new Map<string, readonly string[]>();
  const numbers = new Map<Json, number>();
  const limits = new Map<string, readonly ReadonlySet<string>[]>();

  function grantedBy(given: readonly Json[], type: PolicyType): readonly string[] {
    const key = `${type} ${given.map(numberOf).join(' ')}`;
    const known = sets.get(key) ?? grantedActions(given.map((document) => parsed(document, type)));
    sets.set(key, known);
    return known;
  }
  function numberOf(document: Json): number {
    const number = numbers.get(document) ?? numbers.size;
    numbers.set(document, number);
    return number;
  }
  function parsed(document: Json, type: PolicyType): PolicyDocument {
    const known = documents.get(document) ?? parsePolicy(document, type);
    documents.set(document, known);
    return known;
  }
  function limitsOf(id: string): readonly ReadonlySet<string>[] {
    const known =
      limits.get(id) ??
      (account.organisation.get(id)?.scps ?? []).map((level) => new Set(grantedBy(level, 'scp')));
    limits.set(id, known);
    return known;
  }

  return {
    of({ documents: held, boundary, account: id, serviceLinked }) {
      const granted = grantedBy(
        held.map(({ document }) => document),
        'identity',
      );
      const around = serviceLinked ? [] : [...limitsOf(id)];
      if (boundary?.document != null) around.push(new Set(grantedBy([boundary.document], 'boundary')));
      return around.length === 0 ? granted : granted.filter((each) => around.every((set) => set.has(each)));
    },
  };
}

/** How many of the actions hurt at once when they are misused. */
export function highRiskCount(actions: readonly string[]): number {
  return actions.filter((action) => HIGH_RISK.has(action.toLowerCase())).length;
}

/** Whether an action is one of those, or changes who may do what. */
export function isHighRisk(action: string): boolean {
  return HIGH_RISK.has(action.toLowerCase()) || actionInfo(action)?.level === 'Permissions management';
}
