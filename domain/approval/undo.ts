import type { Person } from './request.js';

/** What the gateway signs when a signed-in person asks to undo a change: an EdDSA JWS, bound to one change and one workflow. */
export interface UndoAsk {
  iss: 'curtail-gateway';
  aud: 'curtail-undo';
  /** The person's id in the directory; they can never approve what they asked for. */
  sub: string;
  /** Seconds since the epoch, as RFC 7519 has it. */
  iat: number;
  workflowId: string;
  changeId: string;
  reason: string;
}

/** The facts of a change that say whether it can be undone, and by whose asking. */
export interface UndoFacts {
  status: string;
  route: string;
  /** Verdict of the proof that it was approved with. */
  verdict: string;
  /** Its owners, and the people who were asked to approve it. */
  ownerIds: readonly string[];
}

/** Roles that may ask about any change: whoever is on call at night may ask, and others decide. */
const WIDE_ROLES: ReadonlySet<string> = new Set(['security', 'approver', 'operator']);

/** Statuses of a change that is in place, and so can be undone. */
export const UNDOABLE: ReadonlySet<string> = new Set(['applied', 'verified', 'failed']);

/** Why this person may not ask to undo the change, as a sentence for them; undefined when they may. Asking decides nothing. */
export function undoObjection(person: Person, on: UndoFacts): string | undefined {
  if (on.verdict === 'restores') return 'it is an undo itself; let the finding be fixed again instead';
  if (!UNDOABLE.has(on.status)) return `the change is ${on.status}, so there is nothing to undo`;
  if (on.route !== 'api') return 'a person or a pipeline applied it; they must undo it';
  const wide = person.roles.some((role) => WIDE_ROLES.has(role));
  const owns = person.roles.includes('owner') && on.ownerIds.includes(person.id);
  return wide || owns
    ? undefined
    : `${person.name} is neither its owner nor an operator, an approver or security`;
}
