import { createAuditStore } from './audit-store.js';
import { createChangeStore } from './change-store.js';
import { createDraftStore } from './draft-store.js';
import { createEvidenceStore } from './evidence-store.js';
import { createFindingStore } from './finding-store.js';
import { createIntakeStore } from './intake-store.js';
import { createItemStore } from './item-store.js';
import { createModelCallStore } from './model-call-store.js';
import { createPlatformCallStore } from './platform-call-store.js';
import type { Ledger } from './port.js';
import { createQuarantineStore } from './quarantine-store.js';
import { createRequestStore } from './request-store.js';
import { createStandingApprovalStore } from './standing-approval-store.js';
import type { StoreDeps } from './store.js';

/** The ledger over a migrated database, the same on PGlite and on a server. Closing it closes the database. */
export function createLedger(deps: StoreDeps): Ledger {
  const { sql } = deps;
  return {
    ...createIntakeStore(deps),
    ...createQuarantineStore(deps),
    ...createFindingStore(deps),
    ...createDraftStore(deps),
    ...createRequestStore(deps),
    ...createChangeStore(deps),
    ...createStandingApprovalStore(deps),
    ...createModelCallStore(deps),
    ...createPlatformCallStore(deps),
    ...createEvidenceStore(deps),
    ...createAuditStore(deps),
    ...createItemStore(deps),
    async ping() {
      await sql.query('SELECT 1 AS one');
    },
    close: () => sql.close(),
  };
}
