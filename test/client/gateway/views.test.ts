import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { blastPicture } from '../../../client/gateway/blast-picture.js';
import { diffRows, diffView } from '../../../client/gateway/policy-diff.js';
import { fromNow, localTime } from '../../../client/gateway/words.js';
import { readableLines } from '../../../domain/diff/readable.js';
import type { Json } from '../../../domain/json.js';
import type { BlastRadius } from '../../../domain/lifecycle/context.js';

describe('a comparison', () => {
  it('has every line of both sides, once and in order, but for unchanged stretches', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (before, after) => {
        const rows = diffRows(before as Json, after as Json);
        const lefts = rows.flatMap((row) => (row.kind === 'gap' ? [] : (row.left?.number ?? [])));
        const rights = rows.flatMap((row) => (row.kind === 'gap' ? [] : (row.right?.number ?? [])));
        const hidden = rows.reduce((sum, row) => sum + (row.kind === 'gap' ? row.lines : 0), 0);
        expect(lefts).toEqual(lefts.toSorted((a, b) => a - b));
        expect(lefts.length + hidden).toBe(readableLines(before as Json).length);
        expect(rights.length + hidden).toBe(readableLines(after as Json).length);
      }),
    );
  });

  it('shows something that appears and something that goes', () => {
    expect(diffRows(null, { a: 1 }).every((row) => row.kind === 'changed' && row.left === undefined)).toBe(
      true,
    );
    expect(diffRows({ a: 1 }, null).every((row) => row.kind === 'changed' && row.right === undefined)).toBe(
      true,
    );
  });

  it('puts what goes before what comes in the unified form', () => {
    const { text } = diffView('t', { a: 1 }, { a: 2 });
    const unified = text.slice(text.indexOf('class="unified"'));
    expect(unified.indexOf('&quot;a&quot;: 1')).toBeLessThan(unified.indexOf('&quot;a&quot;: 2'));
    expect(text).toContain('1 lines out, 1 lines in');
  });

  it('ends for two large documents that have nothing in common', () => {
    const many = (letter: string): Json => Array.from({ length: 5_000 }, (_, i) => `${letter}${i}`);
    expect(diffRows(many('a'), many('b')).length).toBeGreaterThan(5_000);
  });
});

describe('the picture', () => {
  const node = (id: string): BlastRadius['nodes'][number] => ({
    id,
    label: id,
    kind: 'role',
    sensitive: false,
  });

  it('draws every node and edge, and marks what is gone', async () => {
    const radius: BlastRadius = {
      nodes: ['a', 'b', 'c'].map(node),
      edges: [
        { from: 'a', to: 'b', label: 'read', before: true, after: true },
        { from: 'a', to: 'c', label: 'write', before: true, after: false },
      ],
    };
    const text = (await blastPicture(radius))?.text ?? '';
    expect(text.match(/<rect class="node"/g)).toHaveLength(3);
    expect(text.match(/<path class="edge kept"/g)).toHaveLength(1);
    expect(text.match(/<path class="edge gone"/g)).toHaveLength(1);
    expect(text).not.toMatch(/NaN|undefined/);
  });

  it('survives loops, doubles, strangers, and labels that Graphviz would read', async () => {
    const odd = '\\N"]; a -> b [label="<x>';
    const radius: BlastRadius = {
      nodes: [node(odd), node('b'), node('b')],
      edges: [
        { from: odd, to: odd, label: odd, before: true, after: true },
        { from: odd, to: 'b', label: '', before: true, after: true },
        { from: odd, to: 'b', label: 'again', before: false, after: true },
        { from: 'nobody', to: 'b', label: 'x', before: true, after: true },
      ],
    };
    const text = (await blastPicture(radius))?.text ?? '';
    expect(text).toContain('&lt;x&gt;');
    expect(text.match(/<path class="edge/g)).toHaveLength(3);
    expect(text).not.toMatch(/NaN|undefined/);
  });

  it('is left out when there is nothing, and bounded when there is too much', async () => {
    expect(await blastPicture({ nodes: [], edges: [] })).toBeUndefined();
    const nodes = Array.from({ length: 500 }, (_, i) => node(`n${i}`));
    const edges = nodes.map(({ id }) => ({ from: 'n0', to: id, label: 'x', before: true, after: true }));
    const text = (await blastPicture({ nodes, edges }))?.text ?? '';
    expect(text.match(/<rect class="node"/g)).toHaveLength(60);
  });
});

describe('times', () => {
  const at = Date.UTC(2026, 6, 1, 12);
  it.each([
    ['Europe/Berlin', /14:00/],
    ['America/New_York', /08:00/],
    ['Nowhere/Land', /12:00 UTC/],
    [undefined, /12:00 UTC/],
  ])('for a reader in %s', (timeZone, expected) => {
    expect(localTime(at, timeZone === undefined ? {} : { timeZone })).toMatch(expected);
  });
  it.each([
    [3 * 86_400_000 + 5, 'in 3 days'],
    [-2 * 3_600_000, '2 hours ago'],
    [90_000, 'in 1 minute'],
    [20_000, 'now'],
  ])('%d ms away', (distance, words) => {
    expect(fromNow(at + distance, at)).toBe(words);
  });
});
