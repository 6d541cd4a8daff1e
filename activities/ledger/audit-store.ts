import {
  type ChainedRow,
  type ChainHead,
  extendChain,
  GENESIS_HASH,
  walkChains,
} from '../../domain/audit/chain.js';
import { canonicalJson, type Json } from '../../domain/json.js';
import { sha256 } from './bodies.js';
import { bodyToStore, fetchBodies, storeBodies } from './body-store.js';
import type { AuditEntry, AuditRow, Ledger } from './port.js';
import { type Sql, storable } from './sql.js';
import { bounded, optional, type StoreDeps } from './store.js';

const PAGE = 2_000;

interface StoredRow {
  seq: number;
  stream: string;
  position: number;
  id: string;
  type: string;
  actor: string;
  at_ms: number;
  finding_key: string | null;
  workflow_id: string | null;
  fields: string;
  body_digest: string | null;
  previous_hash: string;
  hash: string;
}

/**
 * Appends entries to their streams inside the caller's transaction; an id that is there already is left alone.
 *
 * The counter's row is locked until commit. That serialises appenders, and in return numbers become visible in order:
 * a reader that remembers the last number it saw misses nothing.
 */
export async function appendAudit(sql: Sql, entries: readonly AuditEntry[], deps: StoreDeps): Promise<void> {
  if (entries.length === 0) return;
  const distinct = [
    ...new Map(entries.toReversed().map((entry) => [storable(entry.id), entry])).entries(),
  ].toReversed();
  const [counter] = await sql.query<{ seq: number }>(
    'SELECT seq FROM audit_counter WHERE one = 1 FOR UPDATE',
  );
  if (counter === undefined)
    throw new Error('ledger: the audit counter is gone: restore the database from a backup');
  const there = await sql.query<{ id: string }>('SELECT id FROM audit_rows WHERE id = ANY($1::text[])', [
    distinct.map(([id]) => id),
  ]);
  const known = new Set(there.map(({ id }) => id));
  const fresh = distinct.filter(([id]) => !known.has(id)).map(([, entry]) => entry);
  if (fresh.length === 0) return;
  const bodies = fresh.map((entry) =>
    entry.body === undefined ? undefined : bodyToStore('audit', entry.body),
  );
  await storeBodies(
    sql,
    bodies.filter((body) => body !== undefined),
    { keys: deps.keys, nowMs: deps.now() },
  );
  const unchained = fresh.map((entry, i) => ({
    ...chainable(entry),
    ...optional('bodyDigest', bodies[i]?.digest),
  }));
  const { rows, heads } = await chain(sql, unchained);
  await insertRows(
    sql,
    rows.map((row, i) => ({ ...row, seq: counter.seq + i + 1 })),
  );
  await sql.query(
    `INSERT INTO audit_heads (stream, position, hash)
     SELECT stream, position, hash FROM unnest($1::text[], $2::bigint[], $3::text[]) AS new (stream, position, hash)
     ON CONFLICT (stream) DO UPDATE SET position = excluded.position, hash = excluded.hash`,
    [heads.map(({ stream }) => stream), heads.map(({ position }) => position), heads.map(({ hash }) => hash)],
  );
  await sql.query('UPDATE audit_counter SET seq = seq + $1 WHERE one = 1', [rows.length]);
}

function chainable(entry: AuditEntry): Omit<ChainedRow, 'seq' | 'position' | 'previousHash' | 'hash'> {
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

/** Links entries of any streams, keeping their order, and says where each stream ends then. */
async function chain(
  sql: Sql,
  entries: readonly Omit<ChainedRow, 'seq' | 'position' | 'previousHash' | 'hash'>[],
): Promise<{ rows: readonly Omit<ChainedRow, 'seq'>[]; heads: readonly ChainHead[] }> {
  const streams = [...new Set(entries.map(({ stream }) => stream))];
  const stored = await sql.query<ChainHead>(
    'SELECT stream, position, hash FROM audit_heads WHERE stream = ANY($1::text[]) ORDER BY stream FOR UPDATE',
    [streams],
  );
  const ends = new Map<string, ChainHead>(stored.map((head) => [head.stream, head]));
  const rows = entries.flatMap((entry) => {
    const head = ends.get(entry.stream) ?? { stream: entry.stream, position: 0, hash: GENESIS_HASH };
    const links = extendChain(head, [entry], sha256);
    for (const { position, hash } of links) ends.set(entry.stream, { stream: entry.stream, position, hash });
    return links;
  });
  return { rows, heads: [...ends.values()] };
}

async function insertRows(sql: Sql, rows: readonly ChainedRow[]): Promise<void> {
  await sql.query(
    `INSERT INTO audit_rows (seq, stream, position, id, type, actor, at_ms, finding_key, workflow_id, fields,
       body_digest, previous_hash, hash)
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::bigint[],
       $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[])`,
    [
      rows.map(({ seq }) => seq),
      rows.map(({ stream }) => stream),
      rows.map(({ position }) => position),
      rows.map(({ id }) => id),
      rows.map(({ type }) => type),
      rows.map(({ actor }) => actor),
      rows.map(({ atMs }) => atMs),
      rows.map(({ findingKey }) => findingKey ?? null),
      rows.map(({ workflowId }) => workflowId ?? null),
      rows.map(({ fields }) => canonicalJson(fields)),
      rows.map(({ bodyDigest }) => bodyDigest ?? null),
      rows.map(({ previousHash }) => previousHash),
      rows.map(({ hash }) => hash),
    ],
  );
}

/** The audit chain of the ledger. */
export function createAuditStore(
  deps: StoreDeps,
): Pick<Ledger, 'audit' | 'auditOf' | 'auditHeads' | 'verifyAudit'> {
  const { sql } = deps;
  return {
    async audit(entries) {
      await sql.transaction((sql) => appendAudit(sql, entries, deps));
    },
    async auditOf({ stream, findingKey, afterSeq, limit, withoutBodies = false }) {
      const rows = await sql.query<StoredRow>(
        `SELECT * FROM audit_rows
         WHERE ($1::text IS NULL OR stream = $1) AND ($2::text IS NULL OR finding_key = $2) AND seq > $3
         ORDER BY seq LIMIT $4`,
        [stream ?? null, findingKey ?? null, afterSeq ?? 0, bounded(limit)],
      );
      const digests = rows.flatMap(({ body_digest: digest }) => (digest === null ? [] : [digest]));
      const bodies = await fetchBodies(sql, withoutBodies ? [] : digests, deps.keys);
      return rows.map((row) => toAuditRow(row, bodies));
    },
    auditHeads: () => readHeads(sql),
    verifyAudit: (heads = []) => verify(sql, heads),
  };
}

/**
 * Walks the chains page by page without a lock, so that nobody waits for it. Rows that are appended meanwhile are verified
 * too, as far as they were seen; what is counted is what was there when the walk began.
 */
async function verify(sql: Sql, exported: readonly ChainHead[]): ReturnType<Ledger['verifyAudit']> {
  const written = await readCounter(sql);
  const walk = walkChains([...exported, ...(await readHeads(sql))], sha256);
  let rows = 0;
  let counted = 0;
  let lastSeq = 0;
  let at = { stream: '', position: 0 };
  for (;;) {
    const page = await sql.query<StoredRow>(
      'SELECT * FROM audit_rows WHERE (stream, position) > ($1, $2) ORDER BY stream, position LIMIT $3',
      [at.stream, at.position, PAGE],
    );
    const last = page.at(-1);
    if (last === undefined) break;
    walk.take(page.map((row) => toAuditRow(row, new Map())));
    rows += page.length;
    counted += page.filter(({ seq }) => seq <= written).length;
    lastSeq = Math.max(lastSeq, ...page.map(({ seq }) => seq));
    at = { stream: last.stream, position: last.position };
  }
  const faults = [...walk.faults()];
  // Numbers have no gaps, so a stream that vanished with its head still leaves a hole in the count.
  if (counted !== written) {
    faults.push({ stream: '*', position: 0, fault: `${written} rows were written, ${counted} are there` });
  }
  if (lastSeq > (await readCounter(sql))) {
    faults.push({ stream: '*', position: 0, fault: `row ${lastSeq} was not written by the ledger` });
  }
  return { ok: faults.length === 0, rows, faults };
}

async function readCounter(sql: Sql): Promise<number> {
  const [counter] = await sql.query<{ seq: number }>('SELECT seq FROM audit_counter WHERE one = 1');
  return counter?.seq ?? 0;
}

function readHeads(sql: Sql): Promise<readonly ChainHead[]> {
  return sql.query<ChainHead>('SELECT stream, position, hash FROM audit_heads ORDER BY stream');
}

function toAuditRow(row: StoredRow, bodies: ReadonlyMap<string, Json>): AuditRow {
  return {
    seq: row.seq,
    stream: row.stream,
    position: row.position,
    id: row.id,
    type: row.type,
    actor: row.actor,
    atMs: row.at_ms,
    ...optional('findingKey', row.finding_key),
    ...optional('workflowId', row.workflow_id),
    fields: JSON.parse(row.fields) as AuditRow['fields'],
    ...optional('bodyDigest', row.body_digest),
    ...(row.body_digest !== null &&
      bodies.has(row.body_digest) && { body: bodies.get(row.body_digest) as Json }),
    previousHash: row.previous_hash,
    hash: row.hash,
  };
}
