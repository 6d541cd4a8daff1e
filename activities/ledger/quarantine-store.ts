import type { QuarantineResolution, QuarantineRow } from '../../domain/finding/quarantine.js';
import { canonicalJson } from '../../domain/json.js';
import { appendAudit } from './audit-append.js';
import { sha256 } from './bodies.js';
import { bodyToStore, fetchBodies, storeBodies } from './body-store.js';
import type { Ledger } from './port.js';
import { storable, storableOrNull } from './sql.js';
import { bounded, optional, type StoreDeps } from './store.js';

type QuarantineStore = Pick<Ledger, 'quarantine' | 'quarantined' | 'quarantineRecord' | 'resolveQuarantined'>;

interface StoredRow {
  id: number;
  source: string;
  reason: string;
  pointer: string | null;
  line: number | null;
  original_digest: string;
  at_ms: number;
  resolved_ms: number | null;
  resolution: QuarantineResolution | null;
}

/** Records that could not be read, kept as they came until a person looks. The same one of the same scan is kept once. */
export function createQuarantineStore(deps: StoreDeps): QuarantineStore {
  const { sql, keys } = deps;
  async function withOriginals(rows: readonly StoredRow[]): Promise<readonly QuarantineRow[]> {
    const digests = rows.map((row) => row.original_digest);
    const originals = await fetchBodies(sql, digests, keys);
    return rows.map((row) => ({
      id: row.id,
      source: row.source,
      reason: row.reason,
      ...optional('pointer', row.pointer),
      ...optional('line', row.line),
      original: originals.get(row.original_digest) ?? null,
      atMs: row.at_ms,
      ...optional('resolvedMs', row.resolved_ms),
      ...optional('resolution', row.resolution),
    }));
  }
  return {
    async quarantine({ source, scanId, reason, pointer, line, original, atMs }) {
      const body = bodyToStore('quarantine', original);
      const dedupe = sha256(canonicalJson([source, scanId, pointer ?? null, line ?? null, body.digest]));
      await sql.transaction(async (sql) => {
        await storeBodies(sql, [body], { keys, nowMs: deps.now() });
        await sql.query(
          `INSERT INTO quarantine (dedupe, source, scan_id, reason, pointer, line, original_digest, at_ms)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (dedupe) DO NOTHING`,
          [
            dedupe,
            storable(source),
            storable(scanId),
            storable(reason),
            storableOrNull(pointer),
            line ?? null,
            body.digest,
            atMs,
          ],
        );
      });
    },
    async quarantined(limit) {
      return withOriginals(
        await sql.query<StoredRow>(
          'SELECT * FROM quarantine WHERE resolved_ms IS NULL ORDER BY id DESC LIMIT $1',
          [bounded(limit)],
        ),
      );
    },
    async quarantineRecord(id) {
      const rows = await sql.query<StoredRow>('SELECT * FROM quarantine WHERE id = $1', [id]);
      return (await withOriginals(rows))[0];
    },
    resolveQuarantined: ({ id, resolution, atMs }, audit) =>
      sql.transaction(async (sql) => {
        const resolved = await sql.query(
          'UPDATE quarantine SET resolved_ms = $2, resolution = $3 WHERE id = $1 AND resolved_ms IS NULL RETURNING id',
          [id, atMs, resolution],
        );
        if (resolved.length > 0) await appendAudit(sql, audit, deps);
      }),
  };
}
