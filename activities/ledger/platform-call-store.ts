import type { PlatformCall } from '../../domain/finding/platform-call.js';
import type { Ledger } from './port.js';
import { storable, storableOrNull } from './sql.js';
import { bounded, type StoreDeps } from './store.js';

/** How long calls are kept. */
const KEEP_MS = 30 * 86_400_000;
/** Most calls that are kept, whatever their age. */
const MAX_ROWS = 200_000;

/** The log of calls to platforms. It is bounded by age and by number: old rows go as new ones come. */
export function createPlatformCallStore({
  sql,
}: StoreDeps): Pick<Ledger, 'logPlatformCalls' | 'platformCalls'> {
  return {
    async logPlatformCalls(rows) {
      if (rows.length === 0) return;
      await sql.transaction(async (sql) => {
        await sql.query(
          `INSERT INTO platform_calls (platform, source_id, at_ms, call)
           SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[])`,
          [
            rows.map(({ platform }) => storable(platform)),
            rows.map(({ sourceId }) => storableOrNull(sourceId)),
            rows.map(({ atMs }) => atMs),
            rows.map(({ platform: _platform, sourceId: _sourceId, atMs: _atMs, ...call }) =>
              JSON.stringify(call),
            ),
          ],
        );
        const newest = Math.max(...rows.map(({ atMs }) => atMs));
        await sql.query(
          `DELETE FROM platform_calls
           WHERE at_ms < $1 OR id <= (SELECT max(id) FROM platform_calls) - $2::bigint`,
          [newest - KEEP_MS, MAX_ROWS],
        );
      });
    },
    async platformCalls({ platform, sourceId, limit }) {
      const rows = await sql.query<{ at_ms: number; call: string }>(
        `SELECT at_ms, call FROM platform_calls WHERE platform = $1 AND source_id = $2 ORDER BY id DESC LIMIT $3`,
        [storable(platform), storable(sourceId), bounded(limit)],
      );
      return rows.map(({ at_ms, call }) => ({
        platform,
        sourceId,
        atMs: at_ms,
        ...(JSON.parse(call) as Omit<PlatformCall, 'platform' | 'sourceId' | 'atMs'>),
      }));
    },
  };
}
