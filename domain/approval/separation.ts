import { MAX_REASON_LENGTH } from './limits.js';
import type { ApprovalRequest, Decision, Person } from './request.js';

/** What is known about the identity under remediation when a decision is judged. */
export interface SeparationFacts {
  /** Ids of people who are, or can assume, the identity under remediation. */
  assumerIds: readonly string[];
  /** Id of the person who *is* the identity (a user's own access), if any. */
  identityPersonId?: string;
}

/** Roles whose holders may decide although owner routing did not name them. */
const DECIDING_ROLES = ['owner', 'approver', 'security'];

/**
 * Why `decision` may not settle `request`, as a sentence for the person, or `undefined` if it may.
 *
 * The one place of separation of duties: the gateway asks it before it mints a grant, `settle` asks it again
 * when the grant arrives, and the change worker once more before it acts. An approval names the digest of what
 * was shown, so a draft that changed afterwards is a different draft.
 */
export function objectionTo(
  decision: Decision,
  request: ApprovalRequest,
  person: Person,
  facts: SeparationFacts,
): string | undefined {
  if (decision.requestId !== request.id || decision.workflowId !== request.workflowId) {
    return 'the decision is for another request';
  }
  if (person.id !== decision.personId) return 'the decision names another person';
  if (decision.digest !== request.digest) return 'the draft has changed since it was shown; look at it again';
  if (!person.roles.some((role) => DECIDING_ROLES.includes(role)))
    return `${person.name} has no role that decides`;
  if (!request.approverIds.includes(person.id) && !person.roles.includes(request.fallbackRole)) {
    return `${person.name} is not asked here, and lacks the role ${request.fallbackRole}`;
  }
  if (decision.verdict !== 'approve') return reasonObjection(decision);
  if (person.id === request.draftedBy) return 'who drafted or edited a change cannot approve it';
  if (person.id === request.requestedBy) return 'who asked for a change cannot approve it';
  if (person.id === facts.identityPersonId) return 'nobody approves a change to their own identity';
  if (facts.assumerIds.includes(person.id) && !request.provedReduction) {
    return 'who can use this identity may approve only a proved reduction of it';
  }
  return undefined;
}

function reasonObjection(decision: Decision): string | undefined {
  const reason = decision.reason?.trim() ?? '';
  if (reason === '')
    return decision.verdict === 'edit' ? 'an edit needs a reason' : 'a rejection needs a reason';
  if (reason.length > MAX_REASON_LENGTH) return `a reason has at most ${MAX_REASON_LENGTH} characters`;
  if (decision.verdict === 'edit' && (decision.keepActions ?? []).length === 0)
    return 'an edit names what to keep';
  return undefined;
}

/** How a request stands after these decisions. Approvals count once a person, however often they click. */
export function tally(
  request: Pick<ApprovalRequest, 'highPrivilege'>,
  decisions: readonly Decision[],
): { complete: boolean; verdict?: Decision['verdict']; by?: Decision; waitingFor: number } {
  const final = decisions.find((decision) => decision.verdict !== 'approve');
  if (final !== undefined) return { complete: true, verdict: final.verdict, by: final, waitingFor: 0 };
  const needed = request.highPrivilege ? 2 : 1;
  const people = new Set(decisions.map((decision) => decision.personId));
  const last = decisions.at(-1);
  if (people.size < needed || last === undefined)
    return { complete: false, waitingFor: needed - people.size };
  return { complete: true, verdict: 'approve', by: last, waitingFor: 0 };
}
