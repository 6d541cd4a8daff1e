import type { Json } from '../../domain/json.js';
import { type BodyKeys, digestBody, openBody, sealBody } from './bodies.js';
import type { Sql } from './sql.js';

/** A body on its way into the ledger: already digested, so that its row can name it. Its text is asked for when it is new. */
export interface BodyToStore {
  kind: string;
  digest: string;
  text: () => string;
}

interface EvidenceRow {
  digest: string;
  key_id: string;
  wrapped_key: Uint8Array | null;
  body: Uint8Array | null;
}

/** Digests a body for {@link storeBodies}. */
export function bodyToStore(kind: string, body: Json): BodyToStore {
  const { digest, text } = digestBody(body);
  return { kind, digest, text: () => text };
}

/** A body whose digest is known, for {@link storeBodies}. Storing it throws when the digest is another's. */
export function namedBodyToStore(kind: string, digest: string, body: Json): BodyToStore {
  return {
    kind,
    digest,
    text() {
      const found = digestBody(body);
      if (found.digest === digest) return found.text;
      throw new Error(`ledger: keeping evidence: ${digest} is not its digest, but ${found.digest}`);
    },
  };
}

/** Keeps bodies that are not there yet, each under a key of its own. What was erased stays erased unless it may `revive`. */
export async function storeBodies(
  sql: Sql,
  bodies: readonly BodyToStore[],
  options: { keys: BodyKeys; nowMs: number; revive?: boolean },
): Promise<void> {
  const { revive = false } = options;
  const distinct = [...new Map(bodies.map((body) => [body.digest, body])).values()];
  if (distinct.length === 0) return;
  const there = await sql.query<{ digest: string }>(
    'SELECT digest FROM evidence WHERE digest = ANY($1::text[]) AND NOT ($2 AND erased_ms IS NOT NULL)',
    [distinct.map(({ digest }) => digest), revive],
  );
  const known = new Set(there.map(({ digest }) => digest));
  const fresh = distinct.filter(({ digest }) => !known.has(digest));
  if (fresh.length === 0) return;
  const sealed = fresh.map(({ text, digest }) => sealBody(text(), digest, options.keys));
  await sql.query(
    `INSERT INTO evidence (digest, kind, key_id, wrapped_key, body, stored_ms)
     SELECT digest, kind, $3, decode(wrapped, 'base64'), decode(body, 'base64'), $6
     FROM unnest($1::text[], $2::text[], $4::text[], $5::text[]) AS new (digest, kind, wrapped, body)
     ORDER BY digest
     ON CONFLICT (digest) DO UPDATE SET kind = excluded.kind, key_id = excluded.key_id,
       wrapped_key = excluded.wrapped_key, body = excluded.body, stored_ms = excluded.stored_ms, erased_ms = NULL
     WHERE $7 AND evidence.erased_ms IS NOT NULL`,
    [
      fresh.map(({ digest }) => digest),
      fresh.map(({ kind }) => kind),
      options.keys.currentId,
      sealed.map(({ wrappedKey }) => wrappedKey.toString('base64')),
      sealed.map(({ body }) => body.toString('base64')),
      options.nowMs,
      revive,
    ],
  );
}

/** Decrypts bodies by digest; what was erased or never stored is absent from the map. */
export async function fetchBodies(
  sql: Sql,
  digests: readonly string[],
  keys: BodyKeys,
): Promise<ReadonlyMap<string, Json>> {
  const found = new Map<string, Json>();
  if (digests.length === 0) return found;
  const rows = await sql.query<EvidenceRow>(
    `SELECT digest, key_id, wrapped_key, body FROM evidence
     WHERE digest = ANY($1::text[]) AND wrapped_key IS NOT NULL`,
    [[...new Set(digests)]],
  );
  for (const { digest, key_id: keyId, wrapped_key: wrappedKey, body } of rows) {
    if (wrappedKey === null || body === null) continue;
    found.set(
      digest,
      openBody({ keyId, wrappedKey: Buffer.from(wrappedKey), body: Buffer.from(body) }, digest, keys),
    );
  }
  return found;
}

/** Ids of master keys that stored bodies need and `keys` does not have. */
export async function missingBodyKeys(sql: Sql, keys: BodyKeys): Promise<readonly string[]> {
  const rows = await sql.query<{ key_id: string }>(
    'SELECT DISTINCT key_id FROM evidence WHERE wrapped_key IS NOT NULL',
  );
  return rows.map(({ key_id }) => key_id).filter((id) => !keys.byId.has(id));
}
