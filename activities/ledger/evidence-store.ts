import { Failure, FailureType } from '../../domain/failure.js';
import { appendAudit } from './audit-store.js';
import { bodyToStore, fetchBodies, storeBodies } from './body-store.js';
import type { Ledger } from './port.js';
import type { StoreDeps } from './store.js';

/** Evidence by digest. Storing again what was erased brings it back: only an explicit call does. */
export function createEvidenceStore(
  deps: StoreDeps,
): Pick<Ledger, 'putEvidence' | 'evidence' | 'eraseEvidence'> {
  const { sql, keys, now } = deps;
  return {
    async putEvidence({ kind, body }) {
      const stored = bodyToStore(kind, body);
      await sql.transaction(async (sql) => {
        await sql.query('DELETE FROM evidence WHERE digest = $1 AND erased_ms IS NOT NULL', [stored.digest]);
        await storeBodies(sql, [stored], { keys, nowMs: now() });
      });
      return { digest: stored.digest };
    },
    async evidence(digest) {
      return (await fetchBodies(sql, [digest], keys)).get(digest);
    },
    async eraseEvidence(digest, audit) {
      await sql.transaction(async (sql) => {
        const rows = await sql.query<{ digest: string }>(
          `UPDATE evidence SET wrapped_key = NULL, body = NULL, erased_ms = COALESCE(erased_ms, $2)
           WHERE digest = $1 RETURNING digest`,
          [digest, now()],
        );
        if (rows.length === 0) {
          throw new Failure(
            FailureType.NotFound,
            `ledger: erasing evidence: nothing is stored under ${digest}`,
          );
        }
        await appendAudit(sql, audit, deps);
      });
    },
  };
}
