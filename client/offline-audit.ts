import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type ChainFault, type ChainHead, walkChains } from '../domain/audit/chain.js';
import { canonicalJson, type Json } from '../domain/json.js';

const Row = z.looseObject({
  seq: z.int().positive(),
  stream: z.string(),
  position: z.int().positive(),
  id: z.string(),
  type: z.string(),
  actor: z.string(),
  atMs: z.number(),
  findingKey: z.string().exactOptional(),
  workflowId: z.string().exactOptional(),
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  bodyDigest: z.string().exactOptional(),
  body: z.unknown().exactOptional(),
  previousHash: z.string(),
  hash: z.string(),
});

/** What a walk over exported rows came to. */
export interface Verified {
  ok: boolean;
  rows: number;
  faults: readonly ChainFault[];
}

/**
 * Verifies an export of audit rows (JSON Lines, as `audit export` writes them) with nothing but the rows and heads that
 * were kept elsewhere: edited, missing and moved rows, bodies that are not those committed to, and what was cut off.
 */
export async function verifyExport(
  lines: AsyncIterable<string>,
  heads: readonly ChainHead[],
): Promise<Verified> {
  const walk = walkChains(heads, sha256);
  const faults: ChainFault[] = [];
  let rows = 0;
  let lastSeq = 0;
  for await (const line of lines) {
    if (line === '') continue;
    const parsed = Row.safeParse(jsonOf(line));
    rows += 1;
    if (!parsed.success) {
      faults.push({ stream: '*', position: rows, fault: `line ${rows} of the export is no audit row` });
      continue;
    }
    const { body, ...row } = parsed.data;
    if (row.seq !== lastSeq + 1)
      faults.push({
        ...place(row),
        fault: `number ${row.seq} follows ${lastSeq}: rows in between are missing or were moved`,
      });
    lastSeq = row.seq;
    // An erased body leaves its digest: only one that is there can differ from it.
    if (body !== undefined && sha256(canonicalJson(body as Json)) !== row.bodyDigest)
      faults.push({ ...place(row), fault: 'its body is not the one that was recorded' });
    walk.take([row]);
  }
  const all = [...faults, ...walk.faults()];
  return { ok: all.length === 0, rows, faults: all };
}

function place({
  stream,
  position,
}: {
  stream: string;
  position: number;
}): Pick<ChainFault, 'stream' | 'position'> {
  return { stream, position };
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
