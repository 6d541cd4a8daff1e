import type { TicketApproval } from '../port.js';
import { queryValue, type Row, type Tables } from './client.js';
import type { ServiceNowConfig } from './config.js';
import { isoOf } from './journal.js';

const FIELDS = [
  'sys_id',
  'state',
  'approver.user_name',
  'approver.email',
  'sysapproval',
  'document_id',
  'comments',
  'sys_updated_by',
  'sys_updated_on',
] as const;

/**
 * What people decided about a record, by `sysapproval_approver`. A row counts when the approver set it in person: one that
 * an administrator or a script changed in another's name (`sys_updated_by`) proves nothing about the approver.
 */
export async function readApprovals(
  tables: Tables,
  recordId: string,
  config: Pick<ServiceNowConfig, 'identify'>,
): Promise<readonly TicketApproval[]> {
  const id = queryValue(recordId);
  const { rows } = await tables.find({
    table: 'sysapproval_approver',
    query: `sysapproval=${id}^ORdocument_id=${id}^ORDERBYsys_updated_on^ORDERBYsys_id`,
    fields: FIELDS,
  });
  return rows.flatMap((row) => toApproval(row, recordId, config));
}

/** Names of an account by its user name. */
export async function namesOfUser(
  tables: Tables,
  userName: string,
  config: Pick<ServiceNowConfig, 'identify'>,
): Promise<readonly string[]> {
  const { rows } = await tables.find({
    table: 'sys_user',
    query: `user_name=${queryValue(userName)}^active=true`,
    fields: ['user_name', 'email', 'active'],
    limit: 2,
  });
  const found = rows.filter((row) => row['user_name'] === userName && row['active'] === 'true');
  const [user] = found;
  return found.length === 1 && user !== undefined ? names(userName, user['email'] ?? '', config) : [];
}

function toApproval(
  row: Row,
  recordId: string,
  config: Pick<ServiceNowConfig, 'identify'>,
): readonly TicketApproval[] {
  if (row['sysapproval'] !== recordId && row['document_id'] !== recordId) return [];
  const { state, comments } = row;
  if (state !== 'approved' && state !== 'rejected') return [];
  const userName = row['approver.user_name'] ?? '';
  if (userName === '' || row['sys_updated_by'] !== userName) return [];
  const reason = comments ?? '';
  return [
    {
      id: `${row['sys_id']}.${state}`,
      verdict: state === 'approved' ? 'approve' : 'reject',
      names: names(userName, row['approver.email'] ?? '', config),
      ...(reason !== '' && { reason }),
      atIso: isoOf(row['sys_updated_on']),
    },
  ];
}

function names(
  userName: string,
  email: string,
  { identify }: Pick<ServiceNowConfig, 'identify'>,
): readonly string[] {
  const account = `servicenow:${userName}`;
  return identify === 'email' && email.includes('@') ? [account, email] : [account];
}
