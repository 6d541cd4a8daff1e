/** What a parameter may be. Both engines send these the same way; documents travel as their JSON text. */
export type SqlParam = string | number | boolean | null | readonly (string | number | boolean | null)[];

/**
 * A PostgreSQL, whichever: in process (PGlite) or a server (`pg`). What runs through it keeps to the portable rules:
 * no session state, no advisory locks, no LISTEN, no named statements, `bigint` read as number.
 * Documents are stored as `text`, never as `jsonb`: that refuses U+0000, reorders members and so breaks digests.
 *
 * Every method throws a Failure `ledger.unavailable` when the database cannot be reached or asks to try again.
 */
export interface Sql {
  query<Row>(text: string, params?: readonly SqlParam[]): Promise<Row[]>;
  /** Runs several statements without parameters: for migrations. */
  script(text: string): Promise<void>;
  /**
   * Runs `work` in one transaction: committed when it returns, rolled back when it throws. Within it only the
   * handed-in `sql` may be used: the outer one waits for the transaction to end. Nested calls join the outer transaction.
   *
   * `last` runs after `work`, and is sent together with the commit: one way to the database less.
   */
  transaction<T>(work: (sql: Sql) => Promise<T>, last?: Statement): Promise<T>;
  close(): Promise<void>;
}

/** One statement; without parameters its text may hold several. */
export interface Statement {
  text: string;
  params?: readonly SqlParam[];
}

/** Sends statements of one session in the given order, together, and answers with the rows of each. */
export type Send = (statements: readonly Statement[]) => Promise<readonly unknown[][]>;

const BEGIN: Statement = { text: 'BEGIN' };
const COMMIT: Statement = { text: 'COMMIT' };

/**
 * Runs a transaction over a session that is nobody else's meanwhile. BEGIN travels with the first statement and COMMIT
 * with `last`; a transaction that asks nothing sends nothing. Rolling back is the caller's: only it knows what becomes
 * of a session that cannot.
 */
export async function runTransaction<T>(
  send: Send,
  work: (sql: Sql) => Promise<T>,
  last: Statement | undefined,
): Promise<T> {
  let begun = false;
  const opening = (): readonly Statement[] => {
    if (begun) return [];
    begun = true;
    return [BEGIN];
  };
  const { sql, throwIfFailed } = withinTransaction(async (statement) => {
    const results = await send([...opening(), statement]);
    return results.at(-1) ?? [];
  });
  const result = await work(sql);
  throwIfFailed();
  if (last !== undefined) await send([...opening(), last, COMMIT]);
  else if (begun) await send([COMMIT]);
  return result;
}

/**
 * The {@link Sql} that the work of a transaction is given. A statement that failed has doomed the transaction: PostgreSQL
 * would answer COMMIT with a silent rollback, so `throwIfFailed` is called before it.
 */
function withinTransaction(run: (statement: Statement) => Promise<unknown[]>): {
  sql: Sql;
  throwIfFailed: () => void;
} {
  const failures: unknown[] = [];
  async function noted(statement: Statement): Promise<unknown[]> {
    try {
      return await run(statement);
    } catch (error) {
      failures.push(error);
      throw error;
    }
  }
  const sql: Sql = {
    query: async <Row>(text: string, params: readonly SqlParam[] = []) =>
      (await noted({ text, params })) as Row[],
    script: async (text) => {
      await noted({ text });
    },
    async transaction(nested, last) {
      const result = await nested(sql);
      if (last !== undefined) await noted(last);
      return result;
    },
    close: async () => {
      throw new Error('ledger: a transaction cannot close the database; close it outside');
    },
  };
  return {
    sql,
    throwIfFailed() {
      if (failures.length > 0) throw failures[0];
    },
  };
}

/**
 * Text as PostgreSQL can hold it and UTF-8 can carry it: U+0000 and unpaired surrogates become U+FFFD.
 * Applied before anything is hashed, so that what is read back has the hash that was written.
 */
export function storable(text: string): string {
  return text.replaceAll('\u0000', '\ufffd').replace(/\p{Surrogate}/gu, '\ufffd');
}

/** {@link storable} for a text that may be absent; absent becomes NULL. */
export function storableOrNull(text: string | null | undefined): string | null {
  return text === undefined || text === null ? null : storable(text);
}
