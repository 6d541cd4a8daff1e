import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type ChainedFields,
  type ChainedRow,
  type ChainHead,
  GENESIS_HASH,
  linkHash,
  walkChains,
} from '../../../domain/audit/chain.js';
import { canonicalJson } from '../../../domain/json.js';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

function entries(count: number): readonly Omit<ChainedFields, 'position'>[] {
  return Array.from({ length: count }, (_, i) => ({
    stream: 's',
    id: `e${i}`,
    type: 't.t',
    actor: 'ada',
    atMs: 1_000 + i,
    fields: { i },
    ...(i % 2 === 0 && { bodyDigest: digest(`body ${i}`), findingKey: 'k' }),
  }));
}

/** Links entries to the end of one stream, as the ledger does. */
function extendChain(
  head: ChainHead,
  unlinked: readonly Omit<ChainedFields, 'position'>[],
): readonly Omit<ChainedRow, 'seq'>[] {
  let { position, hash: previousHash } = head;
  return unlinked.map((entry) => {
    position += 1;
    const hash = linkHash(previousHash, { ...entry, position }, digest);
    const link = { ...entry, position, previousHash, hash };
    previousHash = hash;
    return link;
  });
}

function chained(count: number): readonly ChainedRow[] {
  const rows = extendChain({ stream: 's', position: 0, hash: GENESIS_HASH }, entries(count));
  return rows.map((row, i) => ({ ...row, seq: i + 1 }));
}

function headOf(rows: readonly ChainedRow[]): ChainHead {
  const last = rows.at(-1);
  return { stream: 's', position: last?.position ?? 0, hash: last?.hash ?? GENESIS_HASH };
}

function faultsOf(rows: readonly ChainedRow[], heads: readonly ChainHead[]): readonly string[] {
  const walk = walkChains(heads, digest);
  walk.take(rows);
  return walk.faults().map(({ position, fault }) => `${position}: ${fault}`);
}

describe('an audit chain', () => {
  it('commits to the canonical JSON of a row, whatever is in it', () => {
    const text = fc.string({ unit: 'binary' });
    const optional = fc.option(text, { nil: undefined });
    const row = fc.record({
      stream: text,
      id: text,
      type: text,
      actor: text,
      atMs: fc.integer(),
      position: fc.nat(),
      findingKey: optional,
      workflowId: optional,
      bodyDigest: optional,
      fields: fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean())),
    });
    fc.assert(
      fc.property(row, (committed) => {
        const hash = linkHash(GENESIS_HASH, committed as ChainedFields, digest);
        expect(hash).toBe(digest(GENESIS_HASH + canonicalJson(committed)));
      }),
    );
  });

  const rows = chained(6);
  const head = headOf(rows);

  it('verifies as it was written, in pages of any size', () => {
    const walk = walkChains([head], digest);
    for (const row of rows) walk.take([row]);
    expect(walk.faults()).toEqual([]);
  });

  it('goes on where it ended', () => {
    const more = extendChain(headOf(rows.slice(0, 4)), entries(6).slice(4));
    expect(more.at(-1)?.hash).toBe(head.hash);
  });

  it.each<[name: string, tampered: readonly ChainedRow[], fault: RegExp]>([
    ['an edit', rows.map((row, i) => (i === 2 ? { ...row, actor: 'eve' } : row)), /^3: was edited/],
    [
      'a changed digest',
      rows.map((row, i) => (i === 2 ? { ...row, bodyDigest: digest('x') } : row)),
      /^3: was edited/,
    ],
    ['a deletion', rows.toSpliced(2, 1), /^4: rows 3 to 3 are missing/],
    ['a deletion at the start', rows.slice(1), /^2: rows 1 to 1 are missing/],
    ['a truncation', rows.slice(0, 4), /^6: rows 5 to 6 were cut off/],
    ['a stream that is gone', [], /rows 1 to 6 were cut off/],
    ['a position given twice', [...rows.slice(0, 3), ...rows.slice(2)], /^3: its position was given twice/],
  ])('shows %s', (_name, tampered, fault) => {
    expect(faultsOf(tampered, [head]).join('\n')).toMatch(fault);
    expect(faultsOf(tampered, [head])).not.toEqual([]);
  });

  it('shows two rows whose positions were swapped', () => {
    const [first, second] = [rows[1], rows[2]];
    if (first === undefined || second === undefined) throw new Error('the chain is too short');
    const swapped = rows.with(1, { ...second, position: 2 }).with(2, { ...first, position: 3 });
    expect(faultsOf(swapped, [head]).length).toBeGreaterThan(1);
  });

  it('shows a chain that was computed anew, by an earlier head', () => {
    const forged = extendChain(
      { stream: 's', position: 0, hash: GENESIS_HASH },
      entries(6).map((entry, i) => (i === 3 ? { ...entry, actor: 'eve' } : entry)),
    ).map((row, i) => ({ ...row, seq: i + 1 }));
    expect(faultsOf(forged, [headOf(forged)])).toEqual([]);
    expect(faultsOf(forged, [head]).join()).toMatch(/6: differs from the head/);
  });

  it('notices any edit of any field of any row', () => {
    const fields = [
      'id',
      'type',
      'actor',
      'atMs',
      'findingKey',
      'workflowId',
      'bodyDigest',
      'fields',
    ] as const;
    fc.assert(
      fc.property(fc.nat(5), fc.constantFrom(...fields), fc.string(), (at, field, text) => {
        const original = rows[at];
        const value = field === 'atMs' ? text.length : field === 'fields' ? { text } : text;
        if (original === undefined || original[field] === value) return;
        expect(faultsOf(rows.with(at, { ...original, [field]: value }), [head])).not.toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
