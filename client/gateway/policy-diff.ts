import { diffArrays } from 'diff';
import { readableLines } from '../../domain/diff/readable.js';
import type { Json } from '../../domain/json.js';
import { html, type SafeHtml } from '../../domain/text/html.js';

/** One row of a side-by-side comparison. A side is undefined where the other has a line of its own. */
export type DiffRow =
  | { kind: 'same'; left: Line; right: Line }
  | { kind: 'changed'; left?: Line; right?: Line }
  | { kind: 'gap'; lines: number };
interface Line {
  number: number;
  text: string;
}

/** Unchanged lines shown around a change. */
const CONTEXT = 3;
/** A comparison that takes longer than this is shown as everything out, everything in. */
const TIMEOUT_MS = 500;

/** Compares two states line by line; long unchanged stretches become a gap. */
export function diffRows(before: Json, after: Json): readonly DiffRow[] {
  const [left, right] = [readableLines(before), readableLines(after)];
  const parts = diffArrays([...left], [...right], { timeout: TIMEOUT_MS }) ?? [
    { value: [...left], removed: true, added: false },
    { value: [...right], removed: false, added: true },
  ];
  const rows: DiffRow[] = [];
  let [leftAt, rightAt] = [1, 1];
  let removed: Line[] = [];
  for (const part of parts) {
    if (part.removed) {
      removed = part.value.map((text, i) => ({ number: leftAt + i, text }));
      leftAt += part.value.length;
      continue;
    }
    const lines = part.value.map((text, i) => ({ number: rightAt + i, text }));
    rightAt += part.value.length;
    if (part.added) {
      rows.push(...pairUp(removed, lines));
      removed = [];
      continue;
    }
    rows.push(...pairUp(removed, []));
    removed = [];
    rows.push(...lines.map((right, i) => same({ number: leftAt + i, text: right.text }, right)));
    leftAt += lines.length;
  }
  rows.push(...pairUp(removed, []));
  return withGaps(rows);
}

function same(left: Line, right: Line): DiffRow {
  return { kind: 'same', left, right };
}

function pairUp(left: readonly Line[], right: readonly Line[]): DiffRow[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, i) => {
    const [from, to] = [left[i], right[i]];
    return {
      kind: 'changed',
      ...(from !== undefined && { left: from }),
      ...(to !== undefined && { right: to }),
    };
  });
}

function withGaps(rows: readonly DiffRow[]): readonly DiffRow[] {
  const near = rows.map((_, i) => rows.slice(Math.max(0, i - CONTEXT), i + CONTEXT + 1).some(isChange));
  const shown: DiffRow[] = [];
  let hidden = 0;
  for (const [i, row] of rows.entries()) {
    if (near[i] !== true) {
      hidden += 1;
      continue;
    }
    if (hidden > 0) shown.push({ kind: 'gap', lines: hidden });
    hidden = 0;
    shown.push(row);
  }
  if (hidden > 0) shown.push({ kind: 'gap', lines: hidden });
  return shown;
}

function isChange(row: DiffRow): boolean {
  return row.kind === 'changed';
}

/** The comparison of one state, side by side on wide screens and unified on narrow ones and on paper. */
export function diffView(title: string, before: Json, after: Json): SafeHtml {
  const rows = diffRows(before, after);
  const out = rows.filter((row) => row.kind === 'changed' && row.left !== undefined).length;
  const into = rows.filter((row) => row.kind === 'changed' && row.right !== undefined).length;
  return html`<div class="diff">
<div class="diff-head"><strong>${title}</strong><span class="counts">${out} lines out, ${into} lines in</span></div>
<table class="beside"><caption class="unseen">${title}: before on the left, after on the right</caption>
<thead><tr><th scope="col">Before</th><th scope="col">After</th></tr></thead>
<tbody>${rows.map(besideRow)}</tbody></table>
<table class="unified"><caption class="unseen">${title}: lines out are marked −, lines in are marked +</caption>
<thead class="unseen"><tr><th scope="col">Line by line</th></tr></thead>
<tbody>${unifiedRows(rows)}</tbody></table>
</div>`;
}

function besideRow(row: DiffRow): SafeHtml {
  if (row.kind === 'gap') return gapRow(row.lines, 2);
  if (row.kind === 'same') return html`<tr>${cell('same', row.left)}${cell('same', row.right)}</tr>`;
  return html`<tr>${cell('minus', row.left)}${cell('plus', row.right)}</tr>`;
}

function unifiedRows(rows: readonly DiffRow[]): readonly SafeHtml[] {
  const shown: SafeHtml[] = [];
  let added: Line[] = [];
  function flush(): void {
    for (const line of added) shown.push(html`<tr>${cell('plus', line)}</tr>`);
    added = [];
  }
  for (const row of rows) {
    if (row.kind === 'changed') {
      if (row.left !== undefined) shown.push(html`<tr>${cell('minus', row.left)}</tr>`);
      if (row.right !== undefined) added.push(row.right);
      continue;
    }
    flush();
    shown.push(row.kind === 'gap' ? gapRow(row.lines, 1) : html`<tr>${cell('same', row.left)}</tr>`);
  }
  flush();
  return shown;
}

function gapRow(lines: number, columns: number): SafeHtml {
  return html`<tr class="gap"><td colspan="${columns}">${lines} unchanged ${lines === 1 ? 'line' : 'lines'}</td></tr>`;
}

const SPOKEN = { minus: 'out: ', plus: 'in: ' } as const;
function cell(kind: 'minus' | 'plus' | 'same', line: Line | undefined): SafeHtml {
  if (line === undefined) return html`<td class="void"></td>`;
  const spoken = kind === 'same' ? false : html`<span class="unseen">${SPOKEN[kind]}</span>`;
  return html`<td class="${kind}">${spoken}${line.text}</td>`;
}
