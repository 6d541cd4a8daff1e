import type { Json } from '../../domain/json.js';
import type { Ledger } from './port.js';
import { storable } from './sql.js';
import type { StoreDeps } from './store.js';

/** How many expired items a claim sweeps away, so that the table does not grow with every webhook. */
const SWEEP = 100;

type ItemStore = Pick<Ledger, 'putItem' | 'item' | 'removeItem' | 'claim' | 'held' | 'measure' | 'measures'>;

/** Small expiring items, claims, and the measures of each finding's life. */
export function createItemStore({ sql }: StoreDeps): ItemStore {
  return {
    async putItem({ bucket, key, value, expiresAtMs }) {
      await sql.query(
        `INSERT INTO items (bucket, key, value, expires_at_ms) VALUES ($1, $2, $3, $4)
         ON CONFLICT (bucket, key) DO UPDATE SET value = excluded.value, expires_at_ms = excluded.expires_at_ms`,
        [storable(bucket), storable(key), JSON.stringify(value), expiresAtMs ?? null],
      );
    },
    async item(bucket, key, nowMs) {
      const [row] = await sql.query<{ value: string }>(
        `SELECT value FROM items
         WHERE bucket = $1 AND key = $2 AND (expires_at_ms IS NULL OR expires_at_ms > $3)`,
        [storable(bucket), storable(key), nowMs],
      );
      return row === undefined ? undefined : (JSON.parse(row.value) as Json);
    },
    async removeItem(bucket, key) {
      await sql.query('DELETE FROM items WHERE bucket = $1 AND key = $2', [storable(bucket), storable(key)]);
    },
    async claim({ bucket, key, value = true, expiresAtMs, nowMs }) {
      const claimed = await sql.query<{ key: string }>(
        `INSERT INTO items AS old (bucket, key, value, expires_at_ms) VALUES ($1, $2, $3, $4)
         ON CONFLICT (bucket, key) DO UPDATE SET value = excluded.value, expires_at_ms = excluded.expires_at_ms
           WHERE old.expires_at_ms <= $5
         RETURNING key`,
        [storable(bucket), storable(key), JSON.stringify(value), expiresAtMs, nowMs],
      );
      await sql.query(
        `DELETE FROM items WHERE (bucket, key) IN (
           SELECT bucket, key FROM items WHERE expires_at_ms <= $1 LIMIT ${SWEEP} FOR UPDATE SKIP LOCKED)`,
        [nowMs],
      );
      return claimed.length > 0;
    },
    async held({ bucket, nowMs, limit }) {
      const rows = await sql.query<{ key: string; value: string }>(
        `SELECT key, value FROM items WHERE bucket = $1 AND value <> 'true' AND expires_at_ms > $2
         ORDER BY expires_at_ms, key LIMIT $3`,
        [storable(bucket), nowMs, limit],
      );
      return rows.map(({ key, value }) => ({ key, value: JSON.parse(value) as Json }));
    },
    async measure(...measures) {
      if (measures.length === 0) return;
      await sql.query(
        `INSERT INTO measures AS old (finding_key, generation, what, at_ms)
         SELECT finding_key, generation, what, min(at_ms)
         FROM unnest($1::text[], $2::integer[], $3::text[], $4::bigint[]) AS new (finding_key, generation, what, at_ms)
         GROUP BY finding_key, generation, what ORDER BY finding_key, generation, what
         ON CONFLICT (finding_key, generation, what) DO UPDATE SET at_ms = LEAST(old.at_ms, excluded.at_ms)`,
        [
          measures.map(({ findingKey }) => findingKey),
          measures.map(({ generation }) => generation),
          measures.map(({ what }) => what),
          measures.map(({ atMs }) => atMs),
        ],
      );
    },
    async measures(sinceMs) {
      const rows = await sql.query<{ finding_key: string; generation: number; what: string; at_ms: number }>(
        'SELECT * FROM measures WHERE at_ms >= $1 ORDER BY at_ms, finding_key, generation, what',
        [sinceMs],
      );
      return rows.map((row) => ({
        findingKey: row.finding_key,
        generation: row.generation,
        what: row.what,
        atMs: row.at_ms,
      }));
    },
  };
}
