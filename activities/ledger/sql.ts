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
   */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** One request to a session: `script` without parameters may hold several statements. */
export interface Statement {
  do: 'query' | 'script';
  text: string;
  params?: readonly SqlParam[];
}

/**
 * The {@link Sql} that the work of a transaction is given. A statement that failed has doomed the transaction: PostgreSQL
 * would answer COMMIT with a silent rollback, so `throwIfFailed` is called before it.
 */
export function withinTransaction(run: (statement: Statement) => Promise<unknown[]>): {
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
      (await noted({ do: 'query', text, params })) as Row[],
    script: async (text) => {
      await noted({ do: 'script', text });
    },
    transaction: (nested) => nested(sql),
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
