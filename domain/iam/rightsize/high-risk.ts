import { HIGH_RISK_ACTIONS } from '../../risk/high-risk-actions.js';
import { actionInfo } from '../catalogue.js';

const WORDS: ReadonlyMap<string, string> = new Map(
  HIGH_RISK_ACTIONS.map(({ action, words }) => [action.toLowerCase(), words]),
);

/** A sentence that says what a high-risk action lets its holder do; undefined for an ordinary action. */
export function highRiskWords(action: string): string | undefined {
  const words = WORDS.get(action.toLowerCase());
  if (words !== undefined) return `With ${action} its holder can ${words}.`;
  return actionInfo(action)?.level === 'Permissions management'
    ? `${action} changes who may do what.`
    : undefined;
}

/** Whether the action is one of the named high-risk actions, which are never folded into a line about their service. */
export function isNamedHighRisk(action: string): boolean {
  return WORDS.has(action.toLowerCase());
}
