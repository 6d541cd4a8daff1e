import { actionInfo } from '../catalogue.js';

/** What a high-risk action lets its holder do, as the rest of a sentence; undefined for an ordinary action. */
export function highRiskWords(action: string): string | undefined {
  return actionInfo(action)?.level === 'Permissions management' ? 'changes who may do what.' : undefined;
}
