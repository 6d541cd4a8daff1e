import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { AdapterDeps } from '../adapter.js';
import { type BodyKeys, bodyKeys } from './bodies.js';
import { missingBodyKeys } from './body-store.js';
import { createLedger } from './ledger.js';
import { migrate } from './migrate.js';
import { openPglite } from './pglite.js';
import type { Ledger } from './port.js';
import { openPostgres } from './postgres.js';
import type { Sql } from './sql.js';
import { codeOf } from './sql-failure.js';

const KEY_BYTES = 32;

/** References to earlier master keys, which still open what they sealed. Each is 32 bytes in base64 or hex. */
const PreviousBodyKeys = z.array(z.string().min(1)).default([]);

/** `embedded`: in this process, in a folder. `postgres`: a server, by a reference to its URL. */
export const LedgerConfig = z.discriminatedUnion('vendor', [
  z.strictObject({
    vendor: z.literal('embedded'),
    folder: z.string().min(1),
    bodyKey: z.string().min(1).optional(),
    previousBodyKeys: PreviousBodyKeys,
  }),
  z.strictObject({
    vendor: z.literal('postgres'),
    url: z.string().min(1).default('env:DATABASE_URL'),
    maxConnections: z.number().int().min(1).max(200).default(10),
    // Several processes share a server, so none of them may make a key up.
    bodyKey: z.string().min(1).default('env:CURTAIL_BODY_KEY'),
    /** Where the one process that uses this server alone keeps a key of its own making; `bodyKey` is not read then. */
    ownKeyFolder: z.string().min(1).optional(),
    previousBodyKeys: PreviousBodyKeys,
  }),
]);
export type LedgerConfig = z.output<typeof LedgerConfig>;

/**
 * Opens the ledger and brings its tables up to date. The embedded one makes its own body key on first start, in a file that
 * only its owner can read: copy it with the folder, without it no evidence can be read.
 *
 * @throws ZodError naming every fault of the configuration; Error when a stored body needs a key that is not configured.
 */
export async function openLedger(rawConfig: unknown, deps: AdapterDeps): Promise<Ledger> {
  const config = LedgerConfig.parse(rawConfig);
  const keys = await readKeys(config, deps);
  const sql = await openSql(config, deps);
  try {
    const applied = await migrate(sql, deps.now());
    if (applied.length > 0) deps.log('info', 'ledger: migrations applied', { applied });
    const missing = await missingBodyKeys(sql, keys);
    if (missing.length > 0) {
      throw new Error(
        `ledger: stored evidence needs the body keys ${missing.join(', ')}: add them to the ledger's previousBodyKeys, or begin anew with an empty database`,
      );
    }
  } catch (error) {
    await sql.close();
    throw error;
  }
  return createLedger({ sql, keys, now: deps.now });
}

async function openSql(config: LedgerConfig, deps: AdapterDeps): Promise<Sql> {
  if (config.vendor === 'embedded') {
    return openPglite({ folder: resolve(deps.folder, config.folder), now: deps.now });
  }
  return openPostgres({
    url: await deps.resolveSecret(config.url),
    maxConnections: config.maxConnections,
    onIdleError: (error) => deps.log('warn', 'ledger: an idle connection broke', { error: error.message }),
  });
}

async function readKeys(config: LedgerConfig, deps: AdapterDeps): Promise<BodyKeys> {
  const current = await currentKey(config, deps);
  const previous = await Promise.all(
    config.previousBodyKeys.map((reference) => referencedKey(reference, deps)),
  );
  return bodyKeys([current, ...previous]);
}

function currentKey(config: LedgerConfig, deps: AdapterDeps): Promise<Uint8Array> {
  const ownFolder = config.vendor === 'postgres' ? config.ownKeyFolder : config.folder;
  if (ownFolder !== undefined && (config.vendor === 'postgres' || config.bodyKey === undefined))
    return ownKey(join(resolve(deps.folder, ownFolder), 'body.key'));
  return referencedKey(config.bodyKey ?? '', deps);
}

async function referencedKey(reference: string, deps: AdapterDeps): Promise<Uint8Array> {
  return parseKey((await deps.resolveSecret(reference)).reveal(), reference);
}

/** Reads the embedded ledger's key file, or makes it whole: a process killed meanwhile leaves none or a good one. */
async function ownKey(path: string): Promise<Uint8Array> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flush: true });
  try {
    await link(draft, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
  return parseKey(await readFile(path, 'utf8'), path);
}

function parseKey(text: string, where: string): Uint8Array {
  const trimmed = text.trim();
  const key = /^[0-9a-f]{64}$/i.test(trimmed) ? Buffer.from(trimmed, 'hex') : Buffer.from(trimmed, 'base64');
  if (key.length !== KEY_BYTES) {
    throw new Error(
      `ledger: the body key in ${where} is not ${KEY_BYTES} bytes in base64 or hex: make one with "openssl rand -base64 32"`,
    );
  }
  return key;
}
