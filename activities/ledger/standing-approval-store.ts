import { Failure, FailureType } from '../../domain/failure.js';
import { audited } from './audit-append.js';
import type { Ledger } from './port.js';
import type { Sql } from './sql.js';
import { optional, type StoreDeps } from './store.js';

type StandingApprovalStore = Pick<
  Ledger,
  'putStandingApproval' | 'standingApprovals' | 'revokeStandingApproval' | 'useStandingApproval'
>;

/** Standing approvals and the uses that were made of them. One that was put cannot be altered, only revoked, and that for good. */
export function createStandingApprovalStore(deps: StoreDeps): StandingApprovalStore {
  const { sql } = deps;
  return {
    async putStandingApproval(row, audit) {
      await audited(deps, audit, async (sql) => {
        await sql.query(
          `INSERT INTO standing_approvals (id, signed, granted_by, expires_at_ms, revoked_at_ms)
           VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING`,
          [row.id, row.signed, row.grantedBy, row.expiresAtMs, row.revokedAtMs ?? null],
        );
      });
    },
    async standingApprovals() {
      const rows = await sql.query<{
        id: string;
        signed: string;
        granted_by: string;
        expires_at_ms: number;
        revoked_at_ms: number | null;
      }>('SELECT * FROM standing_approvals ORDER BY expires_at_ms DESC, id');
      return rows.map((row) => ({
        id: row.id,
        signed: row.signed,
        grantedBy: row.granted_by,
        expiresAtMs: row.expires_at_ms,
        ...optional('revokedAtMs', row.revoked_at_ms),
      }));
    },
    async revokeStandingApproval(id, atMs, audit) {
      await audited(deps, audit, async (sql) => {
        await lockApproval(sql, id, 'revoking it');
        await sql.query(
          'UPDATE standing_approvals SET revoked_at_ms = COALESCE(revoked_at_ms, $2) WHERE id = $1',
          [id, atMs],
        );
      });
    },
    useStandingApproval: (use) =>
      sql.transaction(async (sql) => {
        const { revoked } = await lockApproval(sql, use.id, 'using it');
        const used = await usesOf(sql, use.id, use.day);
        const repeated = await sql.query<{ use_key: string }>(
          'SELECT use_key FROM standing_approval_uses WHERE approval_id = $1 AND use_key = $2',
          [use.id, use.useKey],
        );
        if (revoked) return { allowed: false, used };
        if (repeated.length > 0) return { allowed: true, used };
        if (used >= use.maxPerDay) return { allowed: false, used };
        await sql.query(
          'INSERT INTO standing_approval_uses (approval_id, use_key, day) VALUES ($1, $2, $3)',
          [use.id, use.useKey, use.day],
        );
        return { allowed: true, used: used + 1 };
      }),
  };
}

async function lockApproval(sql: Sql, id: string, doing: string): Promise<{ revoked: boolean }> {
  const [row] = await sql.query<{ revoked_at_ms: number | null }>(
    'SELECT revoked_at_ms FROM standing_approvals WHERE id = $1 FOR UPDATE',
    [id],
  );
  if (row === undefined) {
    throw new Failure(FailureType.NotFound, `ledger: ${doing}: there is no standing approval ${id}`);
  }
  return { revoked: row.revoked_at_ms !== null };
}

async function usesOf(sql: Sql, id: string, day: string): Promise<number> {
  const [row] = await sql.query<{ used: number }>(
    'SELECT count(*) AS used FROM standing_approval_uses WHERE approval_id = $1 AND day = $2',
    [id, day],
  );
  return row?.used ?? 0;
}
