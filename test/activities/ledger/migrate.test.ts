import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Migration, migrate, readMigrations } from '../../../activities/ledger/migrate.js';
import { openPglite } from '../../../activities/ledger/pglite.js';
import { openPostgres } from '../../../activities/ledger/postgres.js';
import type { Sql } from '../../../activities/ledger/sql.js';
import { Secret } from '../../../runtime/secret.js';
import { findPostgres, startPostgres, type TestPostgres } from '../../support/postgres.js';

const FIRST: Migration = {
  version: 1,
  name: '0001_a.sql',
  text: 'CREATE TABLE a (x integer); INSERT INTO a VALUES (1);',
};
const SECOND: Migration = { version: 2, name: '0002_b.sql', text: 'ALTER TABLE a ADD COLUMN y integer;' };
const BROKEN: Migration = {
  version: 2,
  name: '0002_b.sql',
  text: 'CREATE TABLE b (x integer); SELECT broken;',
};

function migrationsContract(open: () => Promise<Sql>): void {
  let sql: Sql;
  beforeAll(async () => {
    sql = await open();
  });
  afterAll(async () => {
    await sql?.close();
  });

  it('applies each file once, in order', async () => {
    expect(await migrate(sql, 1, [FIRST])).toEqual(['0001_a.sql']);
    expect(await migrate(sql, 2, [FIRST])).toEqual([]);
    expect(await migrate(sql, 3, [FIRST, SECOND])).toEqual(['0002_b.sql']);
    expect(await sql.query('SELECT x, y FROM a')).toEqual([{ x: 1, y: null }]);
  });

  it('refuses a file that was edited after it was applied', async () => {
    const edited = { ...FIRST, text: `${FIRST.text} -- harmless?` };
    await expect(migrate(sql, 4, [edited, SECOND])).rejects.toThrow(/0001_a.sql was edited/);
  });

  it('refuses a database that is newer than this version', async () => {
    await expect(migrate(sql, 5, [FIRST])).rejects.toThrow(/run a newer Curtail/);
  });

  it('leaves nothing of a migration that fails', async () => {
    const broken = { ...BROKEN, version: 3, name: '0003_b.sql' };
    await expect(migrate(sql, 6, [FIRST, SECOND, broken])).rejects.toThrow(/broken/);
    expect(await sql.query(`SELECT to_regclass('b') AS b`)).toEqual([{ b: null }]);
    expect(await migrate(sql, 7, [FIRST, SECOND])).toEqual([]);
  });

  it('gives the next caller a clean session after an error', async () => {
    const failing = sql.transaction(async (inner) => {
      await inner.query('INSERT INTO a (x) VALUES (2)');
      await inner.query('SELECT nonsense');
    });
    await expect(failing).rejects.toThrow(/nonsense/);
    expect(await sql.query('SELECT x FROM a')).toEqual([{ x: 1 }]);
  });

  it('does not take a transaction for committed whose work hid an error', async () => {
    const hiding = sql.transaction(async (inner) => {
      await inner.query('INSERT INTO a (x) VALUES (3)');
      await inner.query('SELECT hidden').catch(() => undefined);
    });
    await expect(hiding).rejects.toThrow(/hidden/);
    expect(await sql.query('SELECT x FROM a')).toEqual([{ x: 1 }]);
  });

  it('calls a refused value invalid input', async () => {
    const refused = sql.query(`SELECT $1::text`, ['a\u0000b']);
    await expect(refused).rejects.toMatchObject({ type: 'input.invalid' });
  });
}

describe('migrations on PGlite', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'curtail-migrate-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  migrationsContract(() => openPglite({ folder }));
});

const binaries = findPostgres();
if ('missing' in binaries) {
  describe.skip(`migrations on a PostgreSQL server (skipped: ${binaries.missing})`, () => {
    it('honour the contract', () => undefined);
  });
} else {
  describe('migrations on a PostgreSQL server', () => {
    let server: TestPostgres | undefined;
    beforeAll(async () => {
      server = await startPostgres(binaries);
    });
    afterAll(() => server?.stop());
    const open = async (name: string): Promise<Sql> => {
      if (server === undefined) throw new Error('the server is not there');
      return openPostgres({ url: new Secret(await server.createDatabase(name)) });
    };
    migrationsContract(() => open('one'));

    it('may be started by several processes at once', async () => {
      const url = await server?.createDatabase('many');
      const clients = Array.from({ length: 5 }, () => openPostgres({ url: new Secret(url ?? '') }));
      const applied = await Promise.all(clients.map(async (sql) => migrate(sql, 1)));
      expect(applied.flat()).toEqual((await readMigrations()).map(({ name }) => name));
      await Promise.all(clients.map((sql) => sql.close()));
    });

    it('says that the ledger is unavailable when the server is gone', async () => {
      const sql = await open('gone');
      await sql.query('SELECT 1');
      const waiting = sql.transaction(async (inner) => {
        await inner.query('SELECT 1');
        await server?.stop();
        server = undefined;
        return inner.query('SELECT 2');
      });
      await expect(waiting).rejects.toMatchObject({ type: 'ledger.unavailable' });
      await expect(sql.query('SELECT 1')).rejects.toMatchObject({ type: 'ledger.unavailable' });
      await sql.close();
    });
  });
}
