import { canonicalJson } from '../../domain/json.js';
import { sha256 } from './bodies.js';
import { bodyToStore, fetchBodies, storeBodies } from './body-store.js';
import type { Ledger } from './port.js';
import { storable, storableOrNull } from './sql.js';
import { bounded, optional, type StoreDeps } from './store.js';

/** Records that could not be read, kept as they came until a person looks. The same one of the same scan is kept once. */
export function createQuarantineStore(deps: StoreDeps): Pick<Ledger, 'quarantine' | 'quarantined'> {
  const { sql, keys } = deps;
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
      const rows = await sql.query<{
        id: number;
        source: string;
        reason: string;
        pointer: string | null;
        line: number | null;
        original_digest: string;
        at_ms: number;
      }>('SELECT * FROM quarantine ORDER BY id DESC LIMIT $1', [bounded(limit)]);
      const originals = await fetchBodies(
        sql,
        rows.map((row) => row.original_digest),
        keys,
      );
      return rows.map((row) => ({
        id: row.id,
        source: row.source,
        reason: row.reason,
        ...optional('pointer', row.pointer),
        ...optional('line', row.line),
        original: originals.get(row.original_digest) ?? null,
        atMs: row.at_ms,
      }));
    },
  };
}
