import { type ChainedFields, committedText, GENESIS_HASH } from '../../domain/audit/chain.js';
import { canonicalJson } from '../../domain/json.js';
import { type BodyToStore, bodyToStore, storeBodies } from './body-store.js';
import type { AuditEntry } from './port.js';
import { type Sql, type Statement, storable } from './sql.js';
import type { StoreDeps } from './store.js';

/**
 * Runs `work` in one transaction that ends with the audit entries of what it did; an id that is there already is left alone.
 * The entries are one statement, which travels with the commit.
 */
export function audited<T>(
  deps: StoreDeps,
  entries: readonly AuditEntry[],
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  if (entries.length === 0) return deps.sql.transaction(work);
  const { append, bodies } = prepare(entries);
  return deps.sql.transaction(async (sql) => {
    const result = await work(sql);
    await storeFresh(sql, bodies, deps);
    return result;
  }, append);
}

/** The same for a caller who learns within its transaction whether anything happened. */
export async function appendAudit(sql: Sql, entries: readonly AuditEntry[], deps: StoreDeps): Promise<void> {
  if (entries.length === 0) return;
  const { append, bodies } = prepare(entries);
  await storeFresh(sql, bodies, deps);
  await sql.query(append.text, append.params);
}

interface Prepared {
  append: Statement;
  /** Bodies by the id of their entry. */
  bodies: ReadonlyMap<string, BodyToStore>;
}

function prepare(entries: readonly AuditEntry[]): Prepared {
  const bodies = new Map<string, BodyToStore>();
  const rows = entries.map((entry) => {
    const row = chainable(entry);
    if (entry.body === undefined) return row;
    const body = bodyToStore('audit', entry.body);
    // The same id twice in one call is one entry, and the first stands.
    if (!bodies.has(row.id)) bodies.set(row.id, body);
    return { ...row, bodyDigest: body.digest };
  });
  const committed = rows.map(committedText);
  const params = [
    rows.map(({ stream }) => stream),
    rows.map(({ id }) => id),
    rows.map(({ type }) => type),
    rows.map(({ actor }) => actor),
    rows.map(({ atMs }) => atMs),
    rows.map(({ findingKey }) => findingKey ?? null),
    rows.map(({ workflowId }) => workflowId ?? null),
    rows.map(({ fields }) => canonicalJson(fields)),
    rows.map(({ bodyDigest }) => bodyDigest ?? null),
    committed.map(({ before }) => before),
    committed.map(({ after }) => after),
    GENESIS_HASH,
  ];
  const text = 'SELECT append_audit($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)';
  return { append: { text, params }, bodies };
}

function chainable(entry: AuditEntry): Omit<ChainedFields, 'position'> {
  return {
    stream: storable(entry.stream),
    id: storable(entry.id),
    type: storable(entry.type),
    actor: storable(entry.actor),
    atMs: entry.atMs,
    ...(entry.findingKey !== undefined && { findingKey: storable(entry.findingKey) }),
    ...(entry.workflowId !== undefined && { workflowId: storable(entry.workflowId) }),
    fields: entry.fields,
  };
}

/** Keeps the bodies of entries that are not there yet: a retry with another body leaves nothing behind. */
async function storeFresh(
  sql: Sql,
  bodies: ReadonlyMap<string, BodyToStore>,
  deps: StoreDeps,
): Promise<void> {
  if (bodies.size === 0) return;
  const there = await sql.query<{ id: string }>('SELECT id FROM audit_rows WHERE id = ANY($1::text[])', [
    [...bodies.keys()],
  ]);
  const known = new Set(there.map(({ id }) => id));
  const fresh = [...bodies].filter(([id]) => !known.has(id)).map(([, body]) => body);
  await storeBodies(sql, fresh, { keys: deps.keys, nowMs: deps.now() });
}
