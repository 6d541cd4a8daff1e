import { Failure, FailureType } from '../../domain/failure.js';
import type { Finding } from '../../domain/finding/finding.js';
import type { Treatment } from '../../domain/finding/treatment.js';
import type { Outcome, Phase, Stage } from '../../domain/lifecycle/stage.js';
import type { RiskScore } from '../../domain/proof/proof.js';
import { audited } from './audit-append.js';
import type { FindingFilter, FindingRow, Ledger, StageUpdate } from './port.js';
import { type Sql, type SqlParam, storable } from './sql.js';
import { bounded, jsonOrNull, optional, optionalJson, type StoreDeps } from './store.js';

interface StoredFinding {
  key: string;
  finding: string;
  fingerprint: string;
  original_digest: string;
  generation: number;
  source_state: 'open' | 'resolved';
  first_seen_ms: number;
  last_seen_ms: number;
  resolved_at_ms: number | null;
  stage: Stage;
  outcome: Outcome | null;
  note: string | null;
  treatment: string | null;
  workflow_id: string | null;
  cluster_id: string | null;
  environment: string | null;
  owner: string | null;
  phase: Phase | null;
  risk: string | null;
  draft_digest: string | null;
  request_id: string | null;
  parked: string | null;
  waiting_for: string | null;
  decide_by_ms: number | null;
  updated_ms: number;
}

/** The projection of findings that pages, the CLI and workflows read. */
export function createFindingStore(
  deps: StoreDeps,
): Pick<
  Ledger,
  'finding' | 'findings' | 'counts' | 'beginLives' | 'setStage' | 'setOwner' | 'nextGeneration'
> {
  const { sql } = deps;
  return {
    async finding(key) {
      const [row] = await sql.query<StoredFinding>('SELECT * FROM findings WHERE key = $1', [storable(key)]);
      return row === undefined ? undefined : toFindingRow(row);
    },
    async findings(filter) {
      const { where, params } = conditions(filter);
      const rows = await sql.query<StoredFinding>(
        `SELECT * FROM findings WHERE ${where}
         ORDER BY risk_value DESC NULLS LAST, severity, last_seen_ms DESC, key
         LIMIT $${params.length + 1} OFFSET $${params.length + 2}`,
        [...params, bounded(filter.limit), Math.max(0, Math.trunc(filter.offset ?? 0))],
      );
      return rows.map(toFindingRow);
    },
    async counts() {
      const rows = await sql.query<{ stage: string; outcome: string | null; count: number }>(
        'SELECT stage, outcome, count(*) AS count FROM findings GROUP BY stage, outcome',
      );
      const stages = sumBy(rows, ({ stage }) => stage);
      return { stages, outcomes: sumBy(rows, ({ outcome }) => outcome ?? undefined) };
    },
    async nextGeneration(key) {
      const [next] = await sql.query<{ generation: number }>(
        `UPDATE findings SET generation = generation + 1 WHERE key = $1 AND stage IN ('closed', 'stopped')
         RETURNING generation`,
        [storable(key)],
      );
      if (next !== undefined) return next.generation;
      const [row] = await sql.query<{ stage: string }>('SELECT stage FROM findings WHERE key = $1', [
        storable(key),
      ]);
      if (row === undefined) throw missing(key, 'beginning its next generation');
      throw new Failure(
        FailureType.InvalidInput,
        `ledger: beginning the next generation of ${key}: it has not ended, its stage is ${row.stage}`,
      );
    },
    async beginLives(lives, atMs, audit) {
      if (lives.length > 0) await audited(deps, audit, (sql) => writeBeginnings(sql, lives, atMs));
    },
    async setStage(update, audit) {
      if (audit.length === 0) await writeStage(sql, update);
      else await audited(deps, audit, (sql) => writeStage(sql, update));
    },
    async setOwner({ keys, owner }, audit) {
      await audited(deps, audit, async (sql) => {
        await sql.query('UPDATE findings SET owner = $2 WHERE key = ANY($1::text[])', [
          keys.map(storable),
          storable(owner),
        ]);
      });
    },
  };
}

function sumBy<Row extends { count: number }>(
  rows: readonly Row[],
  nameOf: (row: Row) => string | undefined,
): Readonly<Record<string, number>> {
  const sums = new Map<string, number>();
  for (const row of rows) {
    const name = nameOf(row);
    if (name !== undefined) sums.set(name, (sums.get(name) ?? 0) + row.count);
  }
  return Object.fromEntries(sums);
}

async function writeBeginnings(
  sql: Sql,
  lives: Parameters<Ledger['beginLives']>[0],
  atMs: number,
): Promise<void> {
  const keys = lives.map(({ key }) => storable(key));
  const written = await sql.query<{ key: string }>(
    `WITH there AS (SELECT key FROM findings WHERE key = ANY($1::text[]) ORDER BY key FOR UPDATE)
     UPDATE findings SET stage = 'new', outcome = NULL, note = NULL, parked = NULL, waiting_for = NULL,
       workflow_id = new.workflow_id, cluster_id = new.cluster_id, phase = new.phase, treatment = new.treatment,
       updated_ms = $6
     FROM there JOIN unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
       AS new (key, workflow_id, cluster_id, phase, treatment) ON new.key = there.key
     WHERE findings.key = there.key RETURNING findings.key`,
    [
      keys,
      lives.map(({ workflowId }) => workflowId),
      lives.map(({ clusterId }) => clusterId ?? null),
      lives.map(({ phase }) => phase),
      lives.map(({ treatment }) => jsonOrNull(treatment)),
      atMs,
    ],
  );
  const there = new Set(written.map(({ key }) => key));
  const absent = keys.find((key) => !there.has(key));
  if (absent !== undefined) throw missing(absent, 'beginning its life');
}

/** One statement, which writes all of them or none. */
async function writeStage(sql: Sql, update: StageUpdate): Promise<void> {
  const keys = [...new Set(update.keys.map(storable))];
  const columns = stageColumns(update);
  const assignments = columns.map(([column], i) => `${column} = $${i + 2}`);
  // Locked in the order of their keys, so that two who write the same findings cannot wait for each other.
  const written = await sql.query<{ key: string }>(
    `WITH there AS (SELECT key FROM findings WHERE key = ANY($1::text[]) ORDER BY key FOR UPDATE)
     UPDATE findings SET ${assignments.join(', ')} FROM there
     WHERE findings.key = there.key AND (SELECT count(*) FROM there) = cardinality($1::text[])
     RETURNING findings.key`,
    [keys, ...columns.map(([, value]) => value)],
  );
  if (written.length === keys.length) return;
  const found = await sql.query<{ key: string }>('SELECT key FROM findings WHERE key = ANY($1::text[])', [
    keys,
  ]);
  const there = new Set(found.map(({ key }) => key));
  throw missing(keys.find((key) => !there.has(key)) ?? '', 'setting the stage');
}

function missing(key: string, doing: string): Failure {
  return new Failure(FailureType.NotFound, `ledger: ${doing}: no finding has the key ${key}`);
}

/** Columns that an update names: absent members stay as they are, null clears. */
function stageColumns(update: StageUpdate): readonly (readonly [column: string, value: SqlParam])[] {
  const { risk } = update;
  const all: readonly (readonly [string, SqlParam | undefined])[] = [
    ['stage', update.stage],
    ['updated_ms', update.atMs],
    ['outcome', update.outcome],
    ['note', clean(update.note)],
    ['treatment', update.treatment === undefined ? undefined : jsonOrNull(update.treatment)],
    ['workflow_id', update.workflowId],
    ['cluster_id', update.clusterId],
    ['environment', clean(update.environment)],
    ['owner', clean(update.owner)],
    ['phase', update.phase],
    ['risk', risk === undefined ? undefined : jsonOrNull(risk)],
    ['risk_value', risk?.value],
    ['draft_digest', update.draftDigest],
    ['request_id', update.requestId],
    ['parked', clean(update.parked)],
    ['waiting_for', clean(update.waitingFor)],
    ['decide_by_ms', update.decideByMs],
  ];
  return all.flatMap(([column, value]) => (value === undefined ? [] : [[column, value] as const]));
}

function clean(text: string | null | undefined): string | null | undefined {
  return typeof text === 'string' ? storable(text) : text;
}

function conditions(filter: FindingFilter): { where: string; params: readonly SqlParam[] } {
  const tests: string[] = ['true'];
  const params: SqlParam[] = [];
  function add(test: (place: string) => string, value: SqlParam | undefined): void {
    if (value === undefined) return;
    params.push(value);
    tests.push(test(`$${params.length}`));
  }
  add((place) => `stage = ANY(${place}::text[])`, filter.stages);
  add((place) => `outcome = ANY(${place}::text[])`, filter.outcomes);
  add((place) => `source = ${place}`, filter.source);
  add((place) => `account = ${place}`, filter.account);
  add((place) => `kind = ${place}`, filter.kind);
  add((place) => `cluster_id = ${place}`, filter.clusterId);
  add(
    (place) => `strpos(search, ${place}) > 0`,
    filter.text === undefined ? undefined : storable(filter.text.toLowerCase()),
  );
  if (filter.live !== undefined) tests.push(filter.live ? `stage <> 'closed'` : `stage = 'closed'`);
  return { where: tests.join(' AND '), params };
}

function toFindingRow(row: StoredFinding): FindingRow {
  return {
    key: row.key,
    finding: JSON.parse(row.finding) as Finding,
    fingerprint: row.fingerprint,
    originalDigest: row.original_digest,
    generation: row.generation,
    sourceState: row.source_state,
    firstSeenMs: row.first_seen_ms,
    lastSeenMs: row.last_seen_ms,
    ...optional('resolvedAtMs', row.resolved_at_ms),
    stage: row.stage,
    ...optional('outcome', row.outcome),
    ...optional('note', row.note),
    ...optionalJson<'treatment', Treatment>('treatment', row.treatment),
    ...optional('workflowId', row.workflow_id),
    ...optional('clusterId', row.cluster_id),
    ...optional('environment', row.environment),
    ...optional('owner', row.owner),
    ...optional('phase', row.phase),
    ...optionalJson<'risk', RiskScore>('risk', row.risk),
    ...optional('draftDigest', row.draft_digest),
    ...optional('requestId', row.request_id),
    ...optional('parked', row.parked),
    ...optional('waitingFor', row.waiting_for),
    ...optional('decideByMs', row.decide_by_ms),
    updatedMs: row.updated_ms,
  };
}
