import { type Finding, SEVERITIES } from '../../domain/finding/finding.js';
import { bodyToStore, storeBodies } from './body-store.js';
import { dispositionOf, type KnownFinding, sourceStateOf } from './disposition.js';
import type { Disposition, Ledger } from './port.js';
import { type Sql, storable, storableOrNull } from './sql.js';
import type { StoreDeps } from './store.js';

/** Rows a statement: large enough to be fast, small enough that a batch of long originals fits in memory. */
const CHUNK = 2_000;

type RecordInput = Parameters<Ledger['recordFindings']>[0];
type Reported = RecordInput['records'][number];

interface Judged {
  report: Reported;
  sourceState: 'open' | 'resolved';
  disposition: Disposition;
  generation: number;
  known: boolean;
  /** What the row says changes, beyond when it was last seen. */
  rewrite: boolean;
}

/** Intake of scans. */
export function createIntakeStore(
  deps: StoreDeps,
): Pick<Ledger, 'recordFindings' | 'completeScan' | 'lastCompleteScan'> {
  const { sql } = deps;
  return {
    recordFindings: (input) =>
      sql.transaction(async (sql) => {
        await lockSource(sql, input.source);
        await beginScan(sql, input);
        // The same finding twice in a batch is one finding; what was said last stands.
        const reports = [...new Map(input.records.map((record) => [record.key, record])).values()];
        const results: { key: string; disposition: Disposition; generation: number }[] = [];
        for (let from = 0; from < reports.length; from += CHUNK) {
          const judged = await recordChunk(
            sql,
            { ...input, records: reports.slice(from, from + CHUNK) },
            deps,
          );
          for (const { report, disposition, generation } of judged) {
            results.push({ key: report.key, disposition, generation });
          }
        }
        return results;
      }),
    completeScan: (input) => sql.transaction((sql) => completeScan(sql, input)),
    async lastCompleteScan(source) {
      const [scan] = await sql.query<{ scan_id: string; completed_ms: number }>(
        `SELECT scan_id, completed_ms FROM scans WHERE source = $1 AND completed_ms IS NOT NULL
         ORDER BY completed_ms DESC, scan_id DESC LIMIT 1`,
        [source],
      );
      return scan === undefined ? undefined : { scanId: scan.scan_id, atMs: scan.completed_ms };
    },
  };
}

/** Intake of one source is one at a time, so that two scans cannot both find a finding new. */
async function lockSource(sql: Sql, source: string): Promise<void> {
  await sql.query('INSERT INTO sources (source) VALUES ($1) ON CONFLICT DO NOTHING', [source]);
  await sql.query('SELECT source FROM sources WHERE source = $1 FOR UPDATE', [source]);
}

async function beginScan(sql: Sql, scan: { source: string; scanId: string; atMs: number }): Promise<void> {
  await sql.query(
    `INSERT INTO scans (source, scan_id, started_ms) VALUES ($1, $2, $3)
     ON CONFLICT (source, scan_id) DO UPDATE SET started_ms = LEAST(scans.started_ms, excluded.started_ms)`,
    [scan.source, scan.scanId, scan.atMs],
  );
}

/**
 * Resolves what is open and was not seen since the scan began. What another scan or a webhook saw meanwhile stays open, and
 * so does what another scan saw at the same moment: two polls of one export read the same state.
 * A finding that no workflow has taken up is closed with that. Asked again it answers the same, with what the scan itself reported as resolved.
 */
async function completeScan(
  sql: Sql,
  scan: { scanId: string; source: string; atMs: number },
): Promise<readonly string[]> {
  const { source, scanId, atMs } = scan;
  await lockSource(sql, source);
  await beginScan(sql, scan);
  await sql.query(
    'UPDATE scans SET completed_ms = COALESCE(completed_ms, $3) WHERE source = $1 AND scan_id = $2',
    [source, scanId, atMs],
  );
  await sql.query(
    `UPDATE findings SET source_state = 'resolved', resolved_at_ms = $3, resolved_scan_id = $2, updated_ms = $3,
       stage = CASE WHEN stage = 'new' AND workflow_id IS NULL THEN 'closed' ELSE stage END,
       outcome = CASE WHEN stage = 'new' AND workflow_id IS NULL THEN 'resolved-at-source' ELSE outcome END
     WHERE source = $1 AND source_state = 'open' AND last_scan_id <> $2
       AND last_seen_ms < (SELECT started_ms FROM scans WHERE source = $1 AND scan_id = $2)`,
    [source, scanId, atMs],
  );
  const resolved = await sql.query<{ key: string }>(
    `SELECT key FROM findings WHERE source = $1 AND resolved_scan_id = $2 AND source_state = 'resolved' ORDER BY key`,
    [source, scanId],
  );
  return resolved.map(({ key }) => key);
}

async function recordChunk(sql: Sql, input: RecordInput, deps: StoreDeps): Promise<readonly Judged[]> {
  const known = await knownFindings(
    sql,
    input.records.map(({ key }) => key),
  );
  const judged = input.records.map((report) => judge(report, known.get(report.key), input.scanId));
  const rewritten = judged.filter(({ rewrite }) => rewrite);
  const originals = rewritten.map(({ report }) => bodyToStore('original', report.original));
  await storeBodies(sql, originals, { keys: deps.keys, nowMs: deps.now() });
  await upsert(
    sql,
    rewritten.map((row, i) => ({ ...row, originalDigest: originals[i]?.digest ?? '' })),
    input,
  );
  await touch(
    sql,
    judged.filter(({ rewrite }) => !rewrite),
    input,
  );
  return judged;
}

async function knownFindings(sql: Sql, keys: readonly string[]): Promise<ReadonlyMap<string, KnownFinding>> {
  const rows = await sql.query<{
    key: string;
    fingerprint: string;
    generation: number;
    source_state: 'open' | 'resolved';
    stage: string;
    outcome: string | null;
    last_scan_id: string;
    last_disposition: string;
  }>(
    `SELECT key, fingerprint, generation, source_state, stage, outcome, last_scan_id, last_disposition
     FROM findings WHERE key = ANY($1::text[]) ORDER BY key FOR UPDATE`,
    [keys],
  );
  return new Map(
    rows.map((row) => [
      row.key,
      {
        fingerprint: row.fingerprint,
        generation: row.generation,
        sourceState: row.source_state,
        stage: row.stage,
        outcome: row.outcome,
        lastScanId: row.last_scan_id,
        lastDisposition: row.last_disposition,
      },
    ]),
  );
}

function judge(report: Reported, known: KnownFinding | undefined, scanId: string): Judged {
  const sourceState = sourceStateOf(report.finding.status);
  const { disposition, generation } = dispositionOf(known, {
    scanId,
    fingerprint: report.fingerprint,
    sourceState,
  });
  const rewrite =
    known === undefined || known.fingerprint !== report.fingerprint || known.sourceState !== sourceState;
  return {
    report,
    sourceState,
    disposition,
    generation,
    known: known !== undefined,
    rewrite: rewrite || generation !== known.generation,
  };
}

/**
 * Writes what is new or differs. A next generation starts from the beginning: its row forgets how the last one ended, which
 * the audit chain, requests and changes remember. A live row keeps its stage, which belongs to its workflow.
 */
async function upsert(
  sql: Sql,
  rows: readonly (Judged & { originalDigest: string })[],
  input: RecordInput,
): Promise<void> {
  if (rows.length === 0) return;
  await sql.query(
    `INSERT INTO findings AS old (source, last_scan_id, first_seen_ms, last_seen_ms, updated_ms, resolved_at_ms,
       resolved_scan_id, stage, outcome, key, finding, fingerprint, original_digest, generation, source_state, last_disposition,
       kind, severity, account, search)
     SELECT $1, $2, $3::bigint, $3, $3, CASE WHEN source_state = 'resolved' THEN $3 END,
       CASE WHEN source_state = 'resolved' THEN $2 END,
       CASE WHEN source_state = 'resolved' THEN 'closed' ELSE 'new' END,
       CASE WHEN source_state = 'resolved' THEN 'resolved-at-source' END, new.*
     FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::integer[], $9::text[], $10::text[], $11::text[],
       $12::integer[], $13::text[], $14::text[])
       AS new (key, finding, fingerprint, original_digest, generation, source_state, last_disposition, kind, severity,
         account, search)
     ON CONFLICT (key) DO UPDATE SET
       source = excluded.source, finding = excluded.finding, fingerprint = excluded.fingerprint,
       original_digest = excluded.original_digest, generation = excluded.generation,
       source_state = excluded.source_state, last_seen_ms = GREATEST(old.last_seen_ms, excluded.last_seen_ms),
       last_scan_id = excluded.last_scan_id, last_disposition = excluded.last_disposition,
       resolved_at_ms = CASE WHEN ${STAYS_RESOLVED} THEN old.resolved_at_ms ELSE excluded.resolved_at_ms END,
       resolved_scan_id = CASE WHEN ${STAYS_RESOLVED} THEN old.resolved_scan_id ELSE excluded.resolved_scan_id END,
       kind = excluded.kind, severity = excluded.severity, account = excluded.account, search = excluded.search,
       updated_ms = excluded.updated_ms,
       stage = CASE WHEN ${STARTS_OVER} THEN 'new' WHEN ${NEVER_BEGUN} THEN 'closed' ELSE old.stage END,
       outcome = CASE WHEN ${STARTS_OVER} THEN NULL WHEN ${NEVER_BEGUN} THEN 'resolved-at-source' ELSE old.outcome END,
       ${CLEARED.map((column) => `${column} = CASE WHEN ${STARTS_OVER} THEN NULL ELSE old.${column} END`).join(', ')}`,
    [input.source, input.scanId, input.atMs, ...columns(rows)],
  );
}

const STARTS_OVER = `(old.stage = 'closed' AND excluded.generation > old.generation)`;
const STAYS_RESOLVED = `(old.source_state = 'resolved' AND excluded.source_state = 'resolved')`;
/** Resolved before any workflow took it up. */
const NEVER_BEGUN = `(old.stage = 'new' AND old.workflow_id IS NULL AND excluded.source_state = 'resolved')`;
const CLEARED = [
  'note',
  'workflow_id',
  'cluster_id',
  'draft_digest',
  'request_id',
  'parked',
  'waiting_for',
  'decide_by_ms',
] as const;

function columns(
  rows: readonly (Judged & { originalDigest: string })[],
): readonly (readonly (string | number | null)[])[] {
  return [
    rows.map(({ report }) => report.key),
    rows.map(({ report }) => JSON.stringify(report.finding)),
    rows.map(({ report }) => report.fingerprint),
    rows.map(({ originalDigest }) => originalDigest),
    rows.map(({ generation }) => generation),
    rows.map(({ sourceState }) => sourceState),
    rows.map(({ disposition }) => disposition),
    rows.map(({ report }) => report.finding.kind),
    rows.map(({ report }) => SEVERITIES.indexOf(report.finding.severity)),
    rows.map(({ report }) => storableOrNull(report.finding.account)),
    rows.map(({ report }) => searchText(report.finding)),
  ];
}

/** What a person may look for, in lower case. */
function searchText(finding: Finding): string {
  const { title, subject, sourceId, account, resources } = finding;
  const names = resources.slice(0, 20).map(({ id }) => id);
  return storable(
    [title, subject.id, subject.name, sourceId, account ?? '', ...names].join(' ').toLowerCase(),
  );
}

async function touch(sql: Sql, rows: readonly Judged[], input: RecordInput): Promise<void> {
  if (rows.length === 0) return;
  await sql.query(
    `UPDATE findings AS old SET last_seen_ms = GREATEST(old.last_seen_ms, $1), last_scan_id = $2,
       last_disposition = new.disposition
     FROM unnest($3::text[], $4::text[]) AS new (key, disposition) WHERE old.key = new.key`,
    [
      input.atMs,
      input.scanId,
      rows.map(({ report }) => report.key),
      rows.map(({ disposition }) => disposition),
    ],
  );
}
