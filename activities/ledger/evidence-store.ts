import { Failure, FailureType } from '../../domain/failure.js';
import { audited } from './audit-append.js';
import { type BodyToStore, bodyToStore, fetchBodies, namedBodyToStore, storeBodies } from './body-store.js';
import type { Ledger } from './port.js';
import type { StoreDeps } from './store.js';

/** Evidence by digest. Storing again what was erased brings it back: only an explicit call does. */
export function createEvidenceStore(
  deps: StoreDeps,
): Pick<Ledger, 'putEvidence' | 'putAllEvidence' | 'evidence' | 'eraseEvidence'> {
  const { sql, keys, now } = deps;
  const put = (bodies: readonly BodyToStore[]) =>
    storeBodies(sql, bodies, { keys, nowMs: now(), revive: true });
  return {
    async putEvidence({ kind, body }) {
      const stored = bodyToStore(kind, body);
      await put([stored]);
      return { digest: stored.digest };
    },
    putAllEvidence: (all) => put(all.map(({ kind, digest, body }) => namedBodyToStore(kind, digest, body))),
    async evidence(digest) {
      return (await fetchBodies(sql, [digest], keys)).get(digest);
    },
    async eraseEvidence(digest, audit) {
      await audited(deps, audit, async (sql) => {
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
      });
    },
  };
}
