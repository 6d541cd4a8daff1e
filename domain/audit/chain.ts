import { canonicalJson } from '../json.js';

/** SHA-256 of a text's UTF-8 bytes, as lower-case hex. Handed in: the domain computes no digests itself. */
export type Digest = (text: string) => string;

/** What a link of the chain commits to. The body is committed to by its digest, so that erasing it leaves the chain whole. */
export interface ChainedFields {
  stream: string;
  /** From 1, without gaps. */
  position: number;
  id: string;
  type: string;
  actor: string;
  atMs: number;
  findingKey?: string;
  workflowId?: string;
  fields: Readonly<Record<string, string | number | boolean>>;
  bodyDigest?: string;
}

/** A row as it was stored. */
export interface ChainedRow extends ChainedFields {
  /** Global number, growing within each stream. */
  seq: number;
  previousHash: string;
  hash: string;
}

/** Where a stream ended at some moment. Exported and kept elsewhere, it shows a later truncation. */
export interface ChainHead {
  stream: string;
  position: number;
  hash: string;
}

/** Where a chain of audit rows breaks, and how. */
export interface ChainFault {
  stream: string;
  position: number;
  fault: string;
}

/** What the first row of every stream names as its predecessor. */
export const GENESIS_HASH = '0'.repeat(64);

/**
 * What a row commits to: the canonical JSON of its members, in two parts around its position. Whoever stores the row
 * learns the position last, and has only to put it between them.
 */
export function committedText(row: Omit<ChainedFields, 'position'>): { before: string; after: string } {
  const { stream, id, type, actor, atMs, findingKey, workflowId, fields, bodyDigest } = row;
  // Members in canonical order are actor … id, position, stream … workflowId.
  const before = canonicalJson({ actor, atMs, bodyDigest, fields, findingKey, id });
  const after = canonicalJson({ stream, type, workflowId });
  return { before: `${before.slice(0, -1)},"position":`, after: `,${after.slice(1)}` };
}

/** Hash of a row: SHA-256 over its predecessor's hash and the canonical JSON of what it commits to. */
export function linkHash(previousHash: string, row: ChainedFields, digest: Digest): string {
  const { before, after } = committedText(row);
  return digest(previousHash + before + row.position + after);
}

/** A walk over stored rows that may be too many to hold at once. */
export interface ChainWalk {
  /** Takes the next rows: those of one stream by position, streams in any order among each other. */
  take(rows: readonly ChainedRow[]): void;
  /** What was wrong, once every row was taken. */
  faults(): readonly ChainFault[];
}

/**
 * Verifies streams row by row: an edited row does not have its hash, a missing or moved one breaks position or predecessor,
 * and a stream that ends before one of `heads` was cut off. `heads` are those stored beside the rows and any exported earlier;
 * only the latter show a truncation by someone who can write everywhere.
 */
export function walkChains(heads: readonly ChainHead[], digest: Digest): ChainWalk {
  const faults: ChainFault[] = [];
  const expected = headsByStream(heads);
  const ends = new Map<string, number>();
  const lasts = new Map<string, Place>();

  function takeRow(row: ChainedRow): void {
    for (const fault of faultsOfRow(row, lasts.get(row.stream), digest)) {
      faults.push({ stream: row.stream, position: row.position, fault });
    }
    for (const hash of expected.get(row.stream)?.get(row.position) ?? []) {
      if (hash === row.hash) continue;
      faults.push({
        stream: row.stream,
        position: row.position,
        fault: 'differs from the head that was recorded for it',
      });
    }
    ends.set(row.stream, Math.max(row.position, ends.get(row.stream) ?? 0));
    lasts.set(row.stream, { seq: row.seq, position: row.position, hash: row.hash });
  }
  return {
    take(rows) {
      for (const row of rows) takeRow(row);
    },
    faults() {
      return [...faults, ...cutOff(heads, ends)];
    },
  };
}

/** What of a row the next one of its stream is judged by. */
type Place = Pick<ChainedRow, 'seq' | 'position' | 'hash'>;

function faultsOfRow(row: ChainedRow, before: Place | undefined, digest: Digest): readonly string[] {
  const faults: string[] = [];
  const position = (before?.position ?? 0) + 1;
  if (row.position > position) faults.push(`rows ${position} to ${row.position - 1} are missing`);
  if (row.position < position) faults.push('its position was given twice');
  if (row.position === position && row.previousHash !== (before?.hash ?? GENESIS_HASH)) {
    faults.push('does not follow the row before it');
  }
  if (before !== undefined && row.seq <= before.seq)
    faults.push('its number is not above the one before it: rows were moved');
  if (linkHash(row.previousHash, row, digest) !== row.hash)
    faults.push('was edited: its content does not have its hash');
  return faults;
}

function cutOff(heads: readonly ChainHead[], ends: ReadonlyMap<string, number>): readonly ChainFault[] {
  const furthest = new Map<string, number>();
  for (const { stream, position } of heads)
    furthest.set(stream, Math.max(position, furthest.get(stream) ?? 0));
  return [...furthest].flatMap(([stream, position]) => {
    const end = ends.get(stream) ?? 0;
    if (end >= position) return [];
    return [{ stream, position, fault: `rows ${end + 1} to ${position} were cut off` }];
  });
}

function headsByStream(
  heads: readonly ChainHead[],
): ReadonlyMap<string, ReadonlyMap<number, readonly string[]>> {
  const streams = new Map<string, Map<number, string[]>>();
  for (const { stream, position, hash } of heads) {
    const positions = streams.get(stream) ?? new Map<number, string[]>();
    positions.set(position, [...(positions.get(position) ?? []), hash]);
    streams.set(stream, positions);
  }
  return streams;
}
