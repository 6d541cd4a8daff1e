import type { TicketDraft } from '../port.js';
import { queryValue, type Tables } from './client.js';
import type { ServiceNowConfig } from './config.js';

const SYS_ID = /^[0-9a-f]{32}$/;

/** Assignment group and assignee as sys_ids. Who cannot be found is left out: a ticket without an assignee still counts. */
export async function resolvePeople(
  tables: Tables,
  config: ServiceNowConfig,
  draft: Pick<TicketDraft, 'team' | 'assignee'>,
): Promise<{ group?: string; assignee?: string }> {
  const { team, assignee } = draft;
  const mapped = team !== undefined && Object.hasOwn(config.groups, team) ? config.groups[team] : undefined;
  const group = await groupOf(tables, mapped ?? config.assignmentGroup);
  const person = config.assign && assignee !== undefined ? await userOf(tables, assignee) : undefined;
  return { ...(group !== undefined && { group }), ...(person !== undefined && { assignee: person }) };
}

async function groupOf(tables: Tables, name: string | undefined): Promise<string | undefined> {
  if (name === undefined || SYS_ID.test(name)) return name;
  return idOf(tables, { table: 'sys_user_group', field: 'name', value: name });
}

async function userOf(tables: Tables, email: string): Promise<string | undefined> {
  if (!/^[^\s^@]+@[^\s^@]+$/.test(email)) return undefined;
  return idOf(tables, { table: 'sys_user', field: 'email', value: email });
}

async function idOf(
  tables: Tables,
  { table, field, value }: { table: string; field: string; value: string },
): Promise<string | undefined> {
  const { rows } = await tables.find({
    table,
    query: `${field}=${queryValue(value)}^active=true`,
    fields: ['sys_id', field],
    limit: 2,
  });
  const found = rows.filter((row) => row[field]?.toLowerCase() === value.toLowerCase());
  return found.length === 1 ? found[0]?.['sys_id'] : undefined;
}
