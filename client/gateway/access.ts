import type { FindingRow, RequestRow } from '../../activities/ledger/port.js';
import type { Person } from '../../domain/approval/request.js';

/** Roles that see every finding and every request. */
const SEE_ALL = ['security', 'approver', 'auditor', 'operator'];

/** Whether somebody may read every finding, not only those of their teams. */
export function seesAll(person: Person): boolean {
  return person.roles.some((role) => SEE_ALL.includes(role));
}
/** Whether somebody may read the audit trail. */
export function isAuditor(person: Person): boolean {
  return person.roles.includes('auditor');
}
/** Whether somebody may retry, resume and cancel. */
export function isOperator(person: Person): boolean {
  return person.roles.includes('operator');
}

/** Whether somebody may write the rules that say who owns what. */
export function mayRule(person: Person): boolean {
  return person.roles.includes('security');
}

/** Whether the request is one that this person was asked, or may step in for. */
export function isAsked(person: Person, row: RequestRow): boolean {
  if (row.request.approverIds.includes(person.id)) return true;
  return row.request.approverIds.length === 0 && person.roles.includes(row.request.fallbackRole);
}

/** Whether this person may open the request's page. Opening is wider than deciding. */
export function maySeeRequest(person: Person, row: RequestRow): boolean {
  if (seesAll(person) || isAsked(person, row)) return true;
  if (row.request.requestedBy === person.id || row.request.draftedBy === person.id) return true;
  return row.notices.some((notice) => notice.to.includes(person.id));
}

/** Whether this person may read the finding's story. `asked` are the keys of findings in their own requests. */
export function maySeeFinding(person: Person, row: FindingRow, asked: ReadonlySet<string>): boolean {
  return seesAll(person) || row.owner === person.id || asked.has(row.key);
}
