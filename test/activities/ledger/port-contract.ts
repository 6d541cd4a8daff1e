import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe } from '@jest/globals';
import { bodyKeys } from '../../../activities/ledger/bodies.js';
import { createLedger } from '../../../activities/ledger/ledger.js';
import { migrate } from '../../../activities/ledger/migrate.js';
import type { Ledger } from '../../../activities/ledger/port.js';
import type { Sql } from '../../../activities/ledger/sql.js';
import { auditContract } from './contract-audit.js';
import { deskContract } from './contract-desk.js';
import { evidenceContract } from './contract-evidence.js';
import { intakeContract } from './contract-intake.js';

/** What the contract's parts work on: a ledger whose tables are empty before each test. */
export interface Bench {
  ledger(): Ledger;
  sql(): Sql;
}

/** What every database under the ledger must honour. */
export function ledgerContract(engine: string, open: () => Promise<Sql>): void {
  describe(`the ledger on ${engine}`, () => {
    let sql: Sql;
    let ledger: Ledger;
    beforeAll(async () => {
      sql = await open();
      await migrate(sql, 1);
      ledger = createLedger({ sql, keys: bodyKeys([randomBytes(32)]), now: () => 5_000 });
    });
    afterAll(async () => {
      await ledger?.close();
    });
    beforeEach(() => emptyTables(sql));
    const bench: Bench = { ledger: () => ledger, sql: () => sql };
    intakeContract(bench);
    deskContract(bench);
    evidenceContract(bench);
    auditContract(bench);
  });
}

async function emptyTables(sql: Sql): Promise<void> {
  const tables = await sql.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'
       AND tablename NOT IN ('schema_migrations', 'migration_lock', 'audit_counter')`,
  );
  await sql.script(`
    ALTER TABLE audit_rows DISABLE TRIGGER USER;
    TRUNCATE ${tables.map(({ name }) => name).join(', ')};
    ALTER TABLE audit_rows ENABLE TRIGGER USER;
    UPDATE audit_counter SET seq = 0;
  `);
}
