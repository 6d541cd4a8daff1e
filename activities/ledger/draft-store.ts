import { Failure, FailureType } from '../../domain/failure.js';
import type { BlastRadius, BusinessContext, Explanation } from '../../domain/lifecycle/context.js';
import type { Route } from '../../domain/lifecycle/stage.js';
import type { Draft } from '../../domain/proof/proof.js';
import { audited } from './audit-append.js';
import type { Ledger } from './port.js';
import { jsonOrNull, optionalJson, type StoreDeps } from './store.js';

interface StoredDraft {
  digest: string;
  workflow_id: string;
  generation: number;
  draft: string;
  context: string;
  explanation: string | null;
  blast_radius: string | null;
  route: Route;
  created_ms: number;
}

/** Drafts under their digests. Put again, a draft takes the newer context and keeps an explanation that it does not bring. */
export function createDraftStore(deps: StoreDeps): Pick<Ledger, 'putDraft' | 'draft' | 'putExplanation'> {
  const { sql } = deps;
  return {
    async putDraft(row, audit) {
      await audited(deps, audit, async (sql) => {
        await sql.query(
          `INSERT INTO drafts AS old (digest, workflow_id, generation, draft, context, explanation, blast_radius, route,
             created_ms)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           ON CONFLICT (digest) DO UPDATE SET
             workflow_id = excluded.workflow_id, generation = excluded.generation, draft = excluded.draft,
             context = excluded.context, explanation = COALESCE(excluded.explanation, old.explanation),
             blast_radius = COALESCE(excluded.blast_radius, old.blast_radius), route = excluded.route`,
          [
            row.digest,
            row.workflowId,
            row.generation,
            JSON.stringify(row.draft),
            JSON.stringify(row.context),
            jsonOrNull(row.explanation),
            jsonOrNull(row.blastRadius),
            row.route,
            row.createdMs,
          ],
        );
      });
    },
    async draft(digest) {
      const [row] = await sql.query<StoredDraft>('SELECT * FROM drafts WHERE digest = $1', [digest]);
      if (row === undefined) return undefined;
      return {
        digest: row.digest,
        workflowId: row.workflow_id,
        generation: row.generation,
        draft: JSON.parse(row.draft) as Draft,
        context: JSON.parse(row.context) as BusinessContext,
        ...optionalJson<'explanation', Explanation>('explanation', row.explanation),
        ...optionalJson<'blastRadius', BlastRadius>('blastRadius', row.blast_radius),
        route: row.route,
        createdMs: row.created_ms,
      };
    },
    async putExplanation(digest, explanation, audit) {
      await audited(deps, audit, async (sql) => {
        const rows = await sql.query<{ digest: string }>(
          'UPDATE drafts SET explanation = $2 WHERE digest = $1 RETURNING digest',
          [digest, JSON.stringify(explanation)],
        );
        if (rows.length === 0) {
          throw new Failure(
            FailureType.NotFound,
            `ledger: keeping an explanation: there is no draft ${digest}`,
          );
        }
      });
    },
  };
}
