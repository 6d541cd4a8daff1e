import { type Capability, tried } from '../../capability.js';
import type { Tables } from './client.js';
import type { ServiceNowConfig } from './config.js';

/** What the account can read. What it can write is not tried: that would leave a record. */
export async function probeServiceNow(
  tables: Tables,
  config: ServiceNowConfig,
): Promise<readonly Capability[]> {
  const reads: readonly (readonly [what: string, table: string, field: string, without: string])[] = [
    ['find tickets again', config.table, 'correlation_id', 'a ticket could be opened twice'],
    ['read approvals', 'sysapproval_approver', 'state', 'what people decide in ServiceNow counts nowhere'],
    [
      'read comments',
      'sys_journal_field',
      'element_id',
      'a note may be written twice, and no question is answered',
    ],
    ['find people by e-mail address', 'sys_user', 'email', 'tickets have no assignee'],
    ['find assignment groups', 'sys_user_group', 'name', 'groups must be configured by sys_id'],
    ...(config.cmdb === undefined
      ? []
      : ([['find owners', config.cmdb.table, config.cmdb.arnField, 'the CMDB names no owner']] as const)),
  ];
  const found = await Promise.all(
    reads.map(([what, table, field, without]) =>
      tried({ what, needs: `read on ${table}.${field}` }, async () => {
        const { rows, total } = await tables.find({
          table,
          query: 'ORDERBYsys_id',
          fields: ['sys_id', field],
          limit: 1,
        });
        if (rows.length === 0)
          return (total ?? 0) > 0 ? `its rows are hidden by access rules: ${without}` : undefined;
        return rows[0]?.[field] === undefined ? `the column is missing or hidden: ${without}` : undefined;
      }),
    ),
  );
  const write: Capability = {
    what: 'open and change tickets',
    needs: `create and write on ${config.table}, create on sys_attachment`,
    ok: 'unknown',
    note: 'tried with the first ticket',
  };
  return [...found, write];
}
