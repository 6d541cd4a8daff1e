import { Pool, type PoolClient, types } from 'pg';
import type { Secret } from '../../runtime/secret.js';
import { runTransaction, type Sql, type SqlParam, type Statement } from './sql.js';
import { sqlFailure } from './sql-failure.js';

/** OID of `bigint`: our numbers are milliseconds and counts, far below 2^53. */
const INT8 = 20;
const STATEMENT_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 10_000;

/** Opens a PostgreSQL server (14 or later) by its URL. Connects at the first statement. */
export function openPostgres(options: {
  url: Secret;
  maxConnections?: number;
  /** Told of connections that broke while idle. */
  onIdleError?: (error: Error) => void;
}): Sql {
  const pool = new Pool({
    connectionString: options.url.reveal(),
    max: options.maxConnections ?? 10,
    application_name: 'curtail',
    statement_timeout: STATEMENT_TIMEOUT_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // What is sent together travels together; each statement still has its own answer.
    pipeline: true,
    types: { getTypeParser: (oid, format) => (oid === INT8 ? Number : types.getTypeParser(oid, format)) },
  });
  // Without a listener an idle connection that breaks would end the process.
  pool.on('error', (error) => options.onIdleError?.(error));
  let closing: Promise<void> | undefined;
  return {
    async query<Row>(text: string, params: readonly SqlParam[] = []) {
      return runQuery<Row>(pool, text, params);
    },
    async script(text) {
      await runQuery(pool, text, undefined);
    },
    transaction: (work, last) => inTransaction(pool, work, last),
    close() {
      closing ??= pool.end();
      return closing;
    },
  };
}

async function runQuery<Row>(
  on: Pick<PoolClient, 'query'>,
  text: string,
  params: readonly SqlParam[] | undefined,
): Promise<Row[]> {
  try {
    // Without parameters `pg` uses the simple protocol, which takes several statements.
    const { rows } = params === undefined ? await on.query(text) : await on.query(text, [...params]);
    return rows as Row[];
  } catch (error) {
    throw sqlFailure(error);
  }
}

/** The first failure is thrown once every answer is there, so that nothing of it is left on the way. */
async function sendTogether(client: PoolClient, statements: readonly Statement[]): Promise<unknown[][]> {
  const answers = await Promise.allSettled(
    statements.map(({ text, params }) => runQuery<unknown>(client, text, params)),
  );
  return answers.map((answer) => {
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value;
  });
}

async function inTransaction<T>(
  pool: Pool,
  work: (sql: Sql) => Promise<T>,
  last: Statement | undefined,
): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw sqlFailure(error);
  });
  let broken: Error | undefined;
  const noteBroken = (error: Error): void => {
    broken = error;
  };
  client.on('error', noteBroken);
  try {
    return await runTransaction((statements) => sendTogether(client, statements), work, last);
  } catch (error) {
    await client.query('ROLLBACK').catch(noteBroken);
    throw error;
  } finally {
    client.off('error', noteBroken);
    // A connection that failed is not given to the next caller.
    client.release(broken);
  }
}
