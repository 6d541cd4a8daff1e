import { type ChainHead, walkChains } from '../../domain/audit/chain.js';
import type { Json } from '../../domain/json.js';
import { audited } from './audit-append.js';
import { sha256 } from './bodies.js';
import { fetchBodies } from './body-store.js';
import type { AuditRow, Ledger } from './port.js';
import type { Sql } from './sql.js';
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

/** The audit chain of the ledger. */
export function createAuditStore(
  deps: StoreDeps,
): Pick<Ledger, 'audit' | 'auditOf' | 'auditHeads' | 'verifyAudit'> {
  const { sql } = deps;
  return {
    async audit(entries) {
      await audited(deps, entries, async () => undefined);
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
