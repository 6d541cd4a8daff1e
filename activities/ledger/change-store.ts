import { Failure, FailureType } from '../../domain/failure.js';
import type { Json } from '../../domain/json.js';
import { audited } from './audit-append.js';
import type { ChangeRow, ChangeStatus, Ledger } from './port.js';
import { type Sql, storableOrNull } from './sql.js';
import { bounded, jsonOrNull, optional, optionalJson, type StoreDeps } from './store.js';

interface StoredChange {
  id: string;
  planned: string;
  status: ChangeStatus;
  captured: string | null;
  reference: string | null;
  applied_at_ms: number | null;
  note: string | null;
}

/** Approved changes on their way into the world. What was planned never changes; what became of it does. */
export function createChangeStore(
  deps: StoreDeps,
): Pick<Ledger, 'planChange' | 'change' | 'changes' | 'setChange'> {
  const { sql } = deps;
  return {
    planChange: (row, audit) =>
      audited(deps, audit, async (sql) => {
        await insertChange(sql, row);
        const planned = await readChange(sql, row.id);
        if (planned === undefined) throw missing(row.id, 'planning a change');
        return planned;
      }),
    change: (id) => readChange(sql, id),
    async changes(filter) {
      const rows = await sql.query<StoredChange>(
        `SELECT * FROM changes
         WHERE ($1::text IS NULL OR status = $1)
           AND ($2::text IS NULL OR id IN (SELECT change_id FROM change_findings WHERE finding_key = $2))
           AND ($3::text IS NULL OR id IN (SELECT change_id FROM change_targets WHERE arn = $3))
         ORDER BY number DESC LIMIT $4`,
        [filter.status ?? null, filter.findingKey ?? null, filter.arn ?? null, bounded(filter.limit)],
      );
      return rows.map(toChangeRow);
    },
    async setChange(id, update, audit) {
      await audited(deps, audit, async (sql) => {
        const rows = await sql.query<{ id: string }>(
          `UPDATE changes SET status = $2, captured = COALESCE($3, captured), reference = COALESCE($4, reference),
             applied_at_ms = COALESCE($5, applied_at_ms), note = COALESCE($6, note)
           WHERE id = $1 RETURNING id`,
          [
            id,
            update.status,
            jsonOrNull(update.captured),
            jsonOrNull(update.reference),
            update.appliedAtMs ?? null,
            storableOrNull(update.note),
          ],
        );
        if (rows.length === 0) throw missing(id, 'recording what became of it');
      });
    },
  };
}

async function insertChange(sql: Sql, row: Omit<ChangeRow, 'status'>): Promise<void> {
  const { captured, reference, appliedAtMs, note, ...planned } = row;
  const inserted = await sql.query<{ id: string }>(
    `INSERT INTO changes (id, planned, status, captured, reference, applied_at_ms, note)
     VALUES ($1, $2, 'planned', $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING RETURNING id`,
    [
      row.id,
      JSON.stringify(planned),
      jsonOrNull(captured),
      jsonOrNull(reference),
      appliedAtMs ?? null,
      storableOrNull(note),
    ],
  );
  if (inserted.length === 0) return;
  const arns = row.changes
    .flatMap(({ target }) => [target.principal, target.arn])
    .filter((arn) => arn !== undefined);
  await sql.query(
    `INSERT INTO change_findings (change_id, finding_key) SELECT $1, key FROM unnest($2::text[]) AS new (key)
     ON CONFLICT DO NOTHING`,
    [row.id, row.findingKeys],
  );
  await sql.query(
    `INSERT INTO change_targets (change_id, arn) SELECT $1, arn FROM unnest($2::text[]) AS new (arn)
     ON CONFLICT DO NOTHING`,
    [row.id, arns],
  );
}

async function readChange(sql: Sql, id: string): Promise<ChangeRow | undefined> {
  const [row] = await sql.query<StoredChange>('SELECT * FROM changes WHERE id = $1', [id]);
  return row === undefined ? undefined : toChangeRow(row);
}

function missing(id: string, doing: string): Failure {
  return new Failure(FailureType.NotFound, `ledger: ${doing}: there is no change ${id}`);
}

function toChangeRow(row: StoredChange): ChangeRow {
  const planned = JSON.parse(row.planned) as Omit<ChangeRow, 'status'>;
  return {
    ...planned,
    status: row.status,
    ...optionalJson<'captured', readonly Json[]>('captured', row.captured),
    ...optionalJson<'reference', { ref: string; url: string }>('reference', row.reference),
    ...optional('appliedAtMs', row.applied_at_ms),
    ...optional('note', row.note),
  };
}
