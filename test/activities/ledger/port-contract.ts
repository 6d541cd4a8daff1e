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

/** Tables by who refers to whom. */
const TABLES = [
  ['request_findings', 'request_people', 'notices', 'decisions', 'requests'],
  ['change_findings', 'change_targets', 'changes'],
  ['standing_approval_uses', 'standing_approvals'],
  ['evidence', 'audit_rows', 'audit_heads', 'sources', 'scans', 'findings', 'quarantine', 'drafts'],
  ['model_calls', 'measures', 'items'],
].flat();

/** Deleting a few rows is quicker than truncating two dozen files. */
async function emptyTables(sql: Sql): Promise<void> {
  await sql.script(`
    ALTER TABLE audit_rows DISABLE TRIGGER USER;
    ${TABLES.map((table) => `DELETE FROM ${table};`).join('\n')}
    ALTER TABLE audit_rows ENABLE TRIGGER USER;
    UPDATE audit_counter SET seq = 0;
  `);
}
