import { Failure, FailureType } from '../../../domain/failure.js';
import { plainText, printable } from '../../../domain/text/plain-text.js';
import { type AdapterDeps, adapter } from '../../adapter.js';
import type { Ticket, TicketDesk, TicketDraft } from '../port.js';
import { mark, reference, sharing } from '../reference.js';
import { namesOfUser, readApprovals } from './approvals.js';
import { attachMissing } from './attachments.js';
import { createTables, queryValue, type Row, type Tables } from './client.js';
import { ownerOf } from './cmdb.js';
import { ServiceNowConfig } from './config.js';
import { noteOnce, readJournal } from './journal.js';
import { resolvePeople } from './people.js';
import { probeServiceNow } from './probe.js';
import { attachmentsOf, recordOf } from './record.js';
import { columnsFor, stateOf } from './states.js';
import { openTransport, type Send } from './transport.js';

interface Parts {
  config: ServiceNowConfig;
  deps: AdapterDeps;
  send: Send;
  tables: Tables;
}

const FIELDS = ['sys_id', 'number', 'state', 'approval', 'correlation_id', 'sys_created_on'] as const;
const MAX_DUPLICATES = 20;

/**
 * A table of ServiceNow as a ticket desk. A ticket is the oldest record with its key in `correlation_id`; nothing makes that
 * column unique, so it is searched before creating and after a lost answer, and later ones are marked as duplicates.
 */
export async function createServiceNow(config: ServiceNowConfig, deps: AdapterDeps): Promise<TicketDesk> {
  const send = await openTransport(config, deps);
  const parts: Parts = { config, deps, send, tables: createTables(send) };
  const { tables } = parts;
  const opening = sharing<Ticket>();
  return {
    traits: {
      vendor: 'servicenow',
      approvals: true,
      comments: true,
      attachments: true,
      cmdb: config.cmdb !== undefined,
    },
    open: (draft) => opening(draft.key, () => openTicket(parts, draft)),
    comment: ({ ticketId, key, body }) =>
      noteOnce({ tables, config, log: deps.log }, { recordId: ticketId, key, text: plainText(body) }),
    setState: (input) => setState(parts, input),
    async read(ticketId) {
      const row = await recordById(parts, ticketId);
      if (row === undefined) return { state: 'missing', comments: [] };
      const { comments } = await readJournal(tables, ticketId);
      const approvals = await readApprovals(tables, ticketId, config);
      const approvedBy = approvals.findLast(({ verdict }) => verdict === 'approve')?.names.at(-1);
      return { state: stateOf(row, config), comments, ...(approvedBy !== undefined && { approvedBy }) };
    },
    owner: async (resource) =>
      config.cmdb === undefined ? undefined : ownerOf(tables, config.cmdb, resource),
    approvals: (ticketId) => readApprovals(tables, ticketId, config),
    probe: () => probeServiceNow(tables, config),
    namesOf: (author) => namesOfUser(tables, author, config),
  };
}

async function openTicket(parts: Parts, draft: TicketDraft): Promise<Ticket> {
  const row = (await byKey(parts, draft.key)) ?? (await create(parts, draft));
  const sysId = row['sys_id'] ?? '';
  await attachMissing(parts.send, { table: parts.config.table, sysId }, attachmentsOf(draft));
  return toTicket(parts.config, row);
}

async function create(parts: Parts, draft: TicketDraft): Promise<Row> {
  const { config, tables } = parts;
  const row = recordOf(draft, config, await resolvePeople(tables, config, draft));
  try {
    const created = await tables.create({ table: config.table, row });
    if (created['correlation_id'] !== row['correlation_id']) throw noCorrelation(config.table);
    return created;
  } catch (error) {
    // The answer is lost, the record perhaps not.
    const isLost =
      error instanceof Failure &&
      (error.type === FailureType.WriteOutcomeUnknown || error.type === FailureType.VendorUnavailable);
    const found = isLost ? await byKey(parts, draft.key) : undefined;
    if (found === undefined) throw error;
    return found;
  }
}

/** The oldest record of a key. Later ones were made by answers that got lost: they lose the key, and say why. */
async function byKey({ tables, config, deps }: Parts, key: string): Promise<Row | undefined> {
  const id = reference(key);
  const { rows, total } = await tables.find({
    table: config.table,
    query: `correlation_id=${queryValue(id)}^ORDERBYsys_created_on^ORDERBYsys_id`,
    fields: FIELDS,
    limit: MAX_DUPLICATES,
  });
  if (rows.some((row) => row['correlation_id'] === undefined)) throw noCorrelation(config.table);
  const [oldest, ...later] = rows.filter((row) => row['correlation_id'] === id);
  if (rows.length === 0 && (total ?? 0) > 0)
    throw new Failure(
      FailureType.VendorAuth,
      `servicenow: opening a ticket: one with its key is there, but access rules hide it; let the account read ${config.table}`,
    );
  for (const [index, row] of later.entries()) {
    deps.log('warn', 'servicenow: a duplicate of a ticket', { number: row['number'] });
    const note = `Opened twice by a lost answer; ${oldest?.['number'] ?? 'an older one'} is the one that counts. ${mark(`${key}/duplicate`)}`;
    const changed = { correlation_id: `${id}-d${index + 1}`, work_notes: note };
    await tables.update({ table: config.table, sysId: row['sys_id'] ?? '', row: changed });
  }
  return oldest;
}

async function recordById({ tables, config }: Parts, sysId: string): Promise<Row | undefined> {
  if (!/^[0-9a-f]{32}$/.test(sysId)) return undefined;
  const { rows } = await tables.find({
    table: config.table,
    query: `sys_id=${queryValue(sysId)}`,
    fields: FIELDS,
    limit: 1,
  });
  return rows.find((row) => row['sys_id'] === sysId);
}

async function setState(parts: Parts, input: Parameters<TicketDesk['setState']>[0]): Promise<void> {
  const { config, deps, tables } = parts;
  const { ticketId: recordId, state, key } = input;
  const row = await recordById(parts, recordId);
  if (row === undefined)
    throw new Failure(
      FailureType.NotFound,
      `servicenow: setting a state: there is no record ${recordId.slice(0, 40)}`,
    );
  const note = input.note === undefined ? undefined : printable(input.note);
  const columns = columnsFor(state, note, config);
  if (columns['state'] !== undefined && row['state'] === columns['state']) return;
  try {
    const signed = note === undefined ? {} : { [config.commentField]: `${note}\n\n${mark(key)}` };
    await tables.update({ table: config.table, sysId: recordId, row: { ...columns, ...signed } });
  } catch (error) {
    // A rule of the instance (skipped states, a missing approval) is its owners' decision: it is told, not fought.
    if (!(error instanceof Failure) || error.type !== FailureType.VendorRejected) throw error;
    deps.log('warn', 'servicenow: a rule does not allow a state', { state, reason: error.message });
    const why = `Curtail has this as ${state}, but a rule here does not allow that: ${error.message}`;
    const text = note === undefined ? why : `${note}\n\n${why}`;
    await noteOnce({ tables, config, log: deps.log }, { recordId, key, text });
  }
}

function toTicket(config: ServiceNowConfig, row: Row): Ticket {
  const id = row['sys_id'] ?? '';
  const url = new URL(
    `nav_to.do?uri=${encodeURIComponent(`${config.table}.do?sys_id=${id}`)}`,
    `${config.url}/`,
  );
  return { id, number: row['number'] ?? id, url: url.href };
}

function noCorrelation(table: string): Failure {
  return new Failure(
    FailureType.VendorRejected,
    `servicenow: opening a ticket: ${table} has no column correlation_id, so a ticket could not be found again; use a table that extends task`,
  );
}

/** Tickets in ServiceNow. */
export const servicenow = adapter(ServiceNowConfig, createServiceNow);
