import type { Log } from '../../adapter.js';
import type { TicketComment } from '../port.js';
import { isMarked, mark } from '../reference.js';
import { queryValue, type Row, type Tables } from './client.js';
import type { ServiceNowConfig } from './config.js';

const FIELDS = ['sys_id', 'element_id', 'element', 'value', 'sys_created_by', 'sys_created_on'] as const;
const MAX_ENTRIES = 500;

/** Comments and work notes of a record, oldest first; `hidden` when there are some that the account may not read. */
export async function readJournal(
  tables: Tables,
  recordId: string,
): Promise<{ comments: readonly TicketComment[]; hidden: boolean }> {
  const { rows, total } = await tables.find({
    table: 'sys_journal_field',
    query: `element_id=${queryValue(recordId)}^elementINcomments,work_notes^ORDERBYsys_created_on^ORDERBYsys_id`,
    fields: FIELDS,
    limit: MAX_ENTRIES,
  });
  // The instance ignores what it does not understand of a query, so what came back is checked here.
  const ours = rows.filter((row) => row['element_id'] === recordId);
  return { comments: ours.map(toComment), hidden: rows.length === 0 && (total ?? 0) > 0 };
}

/** Writes a note once: one that carries the key's mark is there already. */
export async function noteOnce(
  parts: { tables: Tables; config: Pick<ServiceNowConfig, 'table' | 'commentField'>; log: Log },
  note: { recordId: string; key: string; text: string },
): Promise<void> {
  const { tables, config, log } = parts;
  const { comments, hidden } = await readJournal(tables, note.recordId);
  const signature = mark(note.key);
  if (comments.some(({ text }) => text.includes(signature))) return;
  if (hidden)
    log('warn', 'servicenow: its journal cannot be read, so a repeated note could not be told', {
      recordId: note.recordId,
    });
  const row = { [config.commentField]: `${note.text}\n\n${signature}` };
  await tables.update({ table: config.table, sysId: note.recordId, row });
}

function toComment(row: Row): TicketComment {
  const text = row['value'] ?? '';
  return {
    id: row['sys_id'] ?? '',
    author: row['sys_created_by'] ?? '',
    text,
    atIso: isoOf(row['sys_created_on']),
    ours: isMarked(text),
  };
}

/** `2026-11-20 14:03:07`, which is UTC in stored values, as ISO 8601. */
export function isoOf(stored: string | undefined): string {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$/.exec(stored ?? '');
  return match === null ? new Date(0).toISOString() : `${match[1]}T${match[2]}.000Z`;
}
