import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { openPglite } from '../../../activities/ledger/pglite.js';
import { openPostgres } from '../../../activities/ledger/postgres.js';
import { Secret } from '../../../runtime/secret.js';
import { findPostgres, startPostgres, type TestPostgres } from '../../support/postgres.js';
import { ledgerContract } from './port-contract.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'curtail-ledger-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

ledgerContract('PGlite', () => openPglite({ folder }));

const binaries = findPostgres();
if ('missing' in binaries) {
  describe.skip(`the ledger on a PostgreSQL server (skipped: ${binaries.missing})`, () => {
    it('honours the contract', () => undefined);
  });
} else {
  let server: TestPostgres | undefined;
  ledgerContract('a PostgreSQL server', async () => {
    server = await startPostgres(binaries);
    return openPostgres({ url: new Secret(await server.createDatabase('ledger')) });
  });
  afterAll(async () => {
    await server?.stop();
  });
}
