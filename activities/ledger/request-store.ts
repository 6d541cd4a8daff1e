import type { ApprovalRequest, Decision } from '../../domain/approval/request.js';
import { Failure, FailureType } from '../../domain/failure.js';
import { appendAudit, audited } from './audit-append.js';
import type { Ledger, RequestRow } from './port.js';
import { type Sql, storable, storableOrNull } from './sql.js';
import { bounded, jsonOrNull, optional, optionalJson, type StoreDeps } from './store.js';

interface StoredRequest {
  id: string;
  request: string;
  status: RequestRow['status'];
  title: string;
  summary: string;
  finding_keys: string;
  risk_score: number;
  environment: string;
  ticket: string | null;
  expires_at_ms: number;
  closed_ms: number | null;
  note: string | null;
  /** JSON: rung, recipients (JSON again) and time of each notice, in order. */
  notices: string | null;
  /** JSON: the text of each decision, in order. */
  decisions: string | null;
}

/** A request with its history, in one statement. */
const SELECT_REQUESTS = `SELECT requests.*,
  (SELECT json_agg(json_build_array(rung, recipients, delivered_at_ms) ORDER BY delivered_at_ms, rung)
   FROM notices WHERE request_id = requests.id)::text AS notices,
  (SELECT json_agg(decision ORDER BY number) FROM decisions WHERE request_id = requests.id)::text AS decisions
  FROM requests`;

/** The request as it is kept: how many of its decisions are struck, and how often it was opened again. */
interface StoredAsk extends ApprovalRequest {
  struck?: number;
  reopened?: number;
}

type RequestStore = Pick<
  Ledger,
  | 'openRequest'
  | 'request'
  | 'requests'
  | 'setRequestTicket'
  | 'recordNotice'
  | 'extendRequest'
  | 'reopenRequest'
  | 'closeRequest'
  | 'recordDecision'
>;

/** Questions to people, the notices about them, and what was decided. */
export function createRequestStore(deps: StoreDeps): RequestStore {
  const { sql } = deps;
  return {
    openRequest: (row, audit) =>
      audited(deps, audit, async (sql) => {
        await insertRequest(sql, row);
        return existing(sql, row.request.id, 'opening a request');
      }),
    request: (id) => readRequest(sql, id),
    requests: (filter) => listRequests(sql, filter),
    async setRequestTicket(id, ticket, audit) {
      await audited(deps, audit, async (sql) => {
        const rows = await sql.query('UPDATE requests SET ticket = $2 WHERE id = $1 RETURNING id', [
          id,
          JSON.stringify(ticket),
        ]);
        if (rows.length === 0) throw missing(id, 'naming its ticket');
      });
    },
    async recordNotice({ requestId, rung, to, deliveredAtMs }, audit) {
      await audited(deps, audit, async (sql) => {
        await lockRequest(sql, requestId, 'recording a notice');
        await sql.query(
          `INSERT INTO notices (request_id, rung, recipients, delivered_at_ms) VALUES ($1, $2, $3, $4)
           ON CONFLICT DO NOTHING`,
          [requestId, rung, JSON.stringify(to), deliveredAtMs],
        );
        await insertPeople(sql, requestId, to);
      });
    },
    extendRequest: (id, expiresAtMs, alsoAsked) =>
      sql.transaction(async (sql) => {
        await lockRequest(sql, id, 'moving its expiry');
        const [row] = await sql.query<StoredRequest>('SELECT * FROM requests WHERE id = $1', [id]);
        if (row?.status !== 'open') return;
        const asked = JSON.parse(row.request) as StoredAsk;
        const approverIds = [...new Set([...asked.approverIds, ...alsoAsked])];
        await sql.query(
          'UPDATE requests SET expires_at_ms = GREATEST(expires_at_ms, $2), request = $3 WHERE id = $1',
          [id, expiresAtMs, JSON.stringify({ ...asked, approverIds })],
        );
        await insertPeople(sql, id, alsoAsked);
      }),
    reopenRequest: (input, audit) =>
      sql.transaction(async (sql) => {
        await lockRequest(sql, input.requestId, 'asking again');
        if (await reopen(sql, input)) await appendAudit(sql, audit, deps);
        return existing(sql, input.requestId, 'asking again');
      }),
    async closeRequest({ requestId, status, atMs, note }, audit) {
      await audited(deps, audit, async (sql) => {
        // Closed stays as it was closed, but an approval may become void when what it was about has changed.
        const rows = await sql.query(
          `UPDATE requests SET status = $2, closed_ms = $3, note = $4
           WHERE id = $1 AND (status = 'open' OR (status = 'approved' AND $2 = 'void')) RETURNING id`,
          [requestId, status, atMs, storableOrNull(note)],
        );
        if (rows.length === 0) await lockRequest(sql, requestId, 'closing it');
      });
    },
    recordDecision: (decision, audit) =>
      sql.transaction(async (sql) => {
        await lockRequest(sql, decision.requestId, 'recording a decision');
        const outcome = await consumeGrant(sql, decision);
        // The entries say what was decided; a grant that was spent on another request decided nothing here.
        if (outcome !== 'used-elsewhere') await appendAudit(sql, audit, deps);
        const { decisions } = await existing(sql, decision.requestId, 'recording a decision');
        const isStruck = outcome === 'repeated' && !decisions.some(({ jti }) => jti === decision.jti);
        return { outcome: isStruck ? 'used-elsewhere' : outcome, decisions };
      }),
  };
}

async function insertRequest(sql: Sql, row: Parameters<Ledger['openRequest']>[0]): Promise<void> {
  const { request } = row;
  const inserted = await sql.query<{ id: string }>(
    `INSERT INTO requests (id, request, status, title, summary, finding_keys, risk_score, environment, ticket, opened_ms,
       expires_at_ms, closed_ms, note, anyone)
     VALUES ($1, $2, 'open', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
     ON CONFLICT (id) DO NOTHING RETURNING id`,
    [
      request.id,
      JSON.stringify(request),
      storable(row.title),
      storable(row.summary),
      JSON.stringify(row.findingKeys),
      row.riskScore,
      storable(row.environment),
      jsonOrNull(row.ticket),
      request.openedAtMs,
      request.expiresAtMs,
      row.closedMs ?? null,
      storableOrNull(row.note),
      request.approverIds.length === 0,
    ],
  );
  if (inserted.length === 0) return;
  await sql.query(
    `INSERT INTO request_findings (request_id, finding_key) SELECT $1, key FROM unnest($2::text[]) AS new (key)
     ON CONFLICT DO NOTHING`,
    [request.id, row.findingKeys],
  );
  await insertPeople(sql, request.id, request.approverIds);
}

/** Opens it again, if it is void or expired. */
async function reopen(
  sql: Sql,
  { requestId, openedAtMs, expiresAtMs, alsoAsked }: Parameters<Ledger['reopenRequest']>[0],
): Promise<boolean> {
  const [row] = await sql.query<StoredRequest>(`${SELECT_REQUESTS} WHERE id = $1`, [requestId]);
  if (row === undefined || (row.status !== 'void' && row.status !== 'expired')) return false;
  const asked = JSON.parse(row.request) as StoredAsk;
  const struck = decisionsOf(row.decisions).length;
  const again: StoredAsk = {
    ...asked,
    openedAtMs,
    approverIds: [...new Set([...asked.approverIds, ...alsoAsked])],
    struck,
    reopened: (asked.reopened ?? 0) + 1,
  };
  await sql.query(
    `UPDATE requests SET status = 'open', request = $2, opened_ms = $3, expires_at_ms = $4, closed_ms = NULL, note = NULL
     WHERE id = $1`,
    [requestId, JSON.stringify(again), openedAtMs, expiresAtMs],
  );
  await insertPeople(sql, requestId, alsoAsked);
  return true;
}

async function insertPeople(sql: Sql, requestId: string, people: readonly string[]): Promise<void> {
  await sql.query(
    `INSERT INTO request_people (request_id, person_id) SELECT $1, id FROM unnest($2::text[]) AS new (id)
     ON CONFLICT DO NOTHING`,
    [requestId, people],
  );
}

async function lockRequest(sql: Sql, id: string, doing: string): Promise<void> {
  const rows = await sql.query<{ id: string }>('SELECT id FROM requests WHERE id = $1 FOR UPDATE', [id]);
  if (rows.length === 0) throw missing(id, doing);
}

async function consumeGrant(
  sql: Sql,
  decision: Decision,
): Promise<'recorded' | 'repeated' | 'used-elsewhere'> {
  const { jti, requestId, workflowId } = decision;
  const inserted = await sql.query<{ jti: string }>(
    `INSERT INTO decisions (jti, request_id, workflow_id, decision) VALUES ($1, $2, $3, $4)
     ON CONFLICT (jti) DO NOTHING RETURNING jti`,
    [jti, requestId, workflowId, JSON.stringify(decision)],
  );
  if (inserted.length > 0) return 'recorded';
  const same = await sql.query<{ jti: string }>(
    'SELECT jti FROM decisions WHERE jti = $1 AND request_id = $2 AND workflow_id = $3',
    [jti, requestId, workflowId],
  );
  return same.length > 0 ? 'repeated' : 'used-elsewhere';
}

async function listRequests(
  sql: Sql,
  filter: Parameters<Ledger['requests']>[0],
): Promise<readonly RequestRow[]> {
  const rows = await sql.query<StoredRequest>(
    `${SELECT_REQUESTS}
     WHERE ($1::text IS NULL OR status = $1)
       AND ($2::text IS NULL OR id IN (SELECT request_id FROM request_findings WHERE finding_key = $2))
       AND ($3::text IS NULL OR anyone OR id IN (SELECT request_id FROM request_people WHERE person_id = $3))
       AND ($4::text IS NULL OR ticket::jsonb ->> 'id' = $4)
     ORDER BY opened_ms DESC, id LIMIT $5`,
    [
      filter.status ?? null,
      filter.findingKey ?? null,
      filter.personId ?? null,
      filter.ticketId ?? null,
      bounded(filter.limit),
    ],
  );
  return rows.map(toRequestRow);
}

async function readRequest(sql: Sql, id: string): Promise<RequestRow | undefined> {
  const rows = await sql.query<StoredRequest>(`${SELECT_REQUESTS} WHERE id = $1`, [id]);
  return rows.map(toRequestRow)[0];
}

async function existing(sql: Sql, id: string, doing: string): Promise<RequestRow> {
  const row = await readRequest(sql, id);
  if (row === undefined) throw missing(id, doing);
  return row;
}

function missing(id: string, doing: string): Failure {
  return new Failure(FailureType.NotFound, `ledger: ${doing}: there is no request ${id}`);
}

function toRequestRow(row: StoredRequest): RequestRow {
  const { struck, reopened, ...request } = JSON.parse(row.request) as StoredAsk;
  return {
    request: { ...request, expiresAtMs: row.expires_at_ms },
    status: row.status,
    title: row.title,
    summary: row.summary,
    findingKeys: JSON.parse(row.finding_keys) as string[],
    riskScore: row.risk_score,
    environment: row.environment,
    ...optionalJson<'ticket', { id: string; number: string; url: string }>('ticket', row.ticket),
    notices: (JSON.parse(row.notices ?? '[]') as [string, string, number][]).map(
      ([rung, recipients, deliveredAtMs]) => ({
        rung,
        to: JSON.parse(recipients) as string[],
        deliveredAtMs,
      }),
    ),
    decisions: decisionsOf(row.decisions).slice(struck ?? 0),
    ...optional('closedMs', row.closed_ms),
    ...optional('note', row.note),
    ...(reopened !== undefined && { reopened }),
  };
}

function decisionsOf(aggregated: string | null): readonly Decision[] {
  return (JSON.parse(aggregated ?? '[]') as string[]).map((text) => JSON.parse(text) as Decision);
}
