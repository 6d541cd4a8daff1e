import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { Sql } from './sql.js';
import { codeOf } from './sql-failure.js';

const FOLDER = new URL('./migrations/', import.meta.url);
const FILE_NAME = /^(\d{4})_[a-z0-9_]+\.sql$/;
/** Two processes that create the first table at one moment collide in PostgreSQL's own catalogue. */
const COLLISION_CODES = new Set(['42710', '23505', '42P07', '40001', '40P01']);

/** One migration file: a number, a name, its text. */
export interface Migration {
  version: number;
  name: string;
  text: string;
}

/** The migrations that ship with this version, in order. */
export async function readMigrations(folder: URL = FOLDER): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => FILE_NAME.test(name)).sort();
  return Promise.all(
    names.map(async (name) => ({
      version: Number(name.slice(0, 4)),
      name,
      text: await readFile(new URL(name, folder), 'utf8'),
    })),
  );
}

/**
 * Brings the database to the newest version and returns the names that it applied. All of them are one transaction under a
 * row lock (an advisory lock means nothing on PGlite), so that several processes may call it at once.
 *
 * @throws Error when an applied migration was edited since, or when the database is newer than this version.
 */
export async function migrate(
  sql: Sql,
  nowMs: number,
  migrations?: readonly Migration[],
): Promise<readonly string[]> {
  const all = migrations ?? (await readMigrations());
  await createTables(sql);
  return sql.transaction(async (sql) => {
    await sql.query('SELECT one FROM migration_lock WHERE one = 1 FOR UPDATE');
    const applied = await sql.query<{ version: number; name: string; sha256: string }>(
      'SELECT version, name, sha256 FROM schema_migrations ORDER BY version',
    );
    refuseUnknown(applied, all);
    const done = new Set(applied.map(({ version }) => version));
    const pending = all.filter(({ version }) => !done.has(version));
    for (const { version, name, text } of pending) {
      await sql.script(text);
      await sql.query(
        'INSERT INTO schema_migrations (version, name, sha256, applied_ms) VALUES ($1, $2, $3, $4)',
        [version, name, sha256(text), nowMs],
      );
    }
    return pending.map(({ name }) => name);
  });
}

async function createTables(sql: Sql): Promise<void> {
  try {
    await sql.transaction(async (sql) => {
      await sql.script(`
        CREATE TABLE IF NOT EXISTS schema_migrations (
          version integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, applied_ms bigint NOT NULL);
        CREATE TABLE IF NOT EXISTS migration_lock (one integer PRIMARY KEY);
        INSERT INTO migration_lock (one) VALUES (1) ON CONFLICT DO NOTHING;
      `);
    });
  } catch (error) {
    const cause: unknown = error instanceof Error ? error.cause : undefined;
    // The other process won: what we wanted to create is there.
    if (!COLLISION_CODES.has(codeOf(error) ?? '') && !COLLISION_CODES.has(codeOf(cause) ?? '')) throw error;
  }
}

function refuseUnknown(
  applied: readonly { version: number; name: string; sha256: string }[],
  known: readonly Migration[],
): void {
  for (const { version, name, sha256: digest } of applied) {
    const migration = known.find((candidate) => candidate.version === version);
    if (migration === undefined) {
      throw new Error(
        `ledger: the database has migration ${name}, which this version does not know; run a newer Curtail`,
      );
    }
    if (sha256(migration.text) !== digest) {
      throw new Error(
        `ledger: migration ${name} was edited after it was applied; restore it and add a new one instead`,
      );
    }
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
