import { styleText } from 'node:util';
import type { FindingRow } from '../../activities/ledger/port.js';

/** Where a person watches: a live table on a terminal, plain lines otherwise. */
export interface Terminal {
  /** A line that stays: progress of the set-up, a sign-in code, a notice. */
  say(line: string): void;
  /** Something that a person must see. */
  warn(line: string): void;
  /** The findings as they are now. Redrawn in place on a terminal; elsewhere only what changed is printed. */
  show(rows: readonly FindingRow[]): void;
}

const CLEAR_DOWN = '\u001b[0J';

/** A terminal's table of lives where the stream is one, plain lines elsewhere. */
export function openTerminal(stream: NodeJS.WriteStream): Terminal {
  return stream.isTTY ? liveTerminal(stream) : plainTerminal(stream);
}

function plainTerminal(stream: NodeJS.WriteStream): Terminal {
  const seen = new Map<string, string>();
  return {
    say: (line) => void stream.write(`${line}\n`),
    warn: (line) => void stream.write(`! ${line}\n`),
    show(rows) {
      for (const row of rows) {
        const now = stateOf(row);
        if (seen.get(row.key) === now) continue;
        seen.set(row.key, now);
        stream.write(
          `${now.padEnd(20)} ${nameOf(row).padEnd(34)} ${row.note ?? ''}`
            .trimEnd()
            .slice(0, 200)
            .concat('\n'),
        );
      }
    },
  };
}

function liveTerminal(stream: NodeJS.WriteStream): Terminal {
  let drawn = 0;
  let table: readonly string[] = [];
  function erase(): void {
    if (drawn > 0) stream.write(`\u001b[${drawn}A\r${CLEAR_DOWN}`);
    drawn = 0;
  }
  function draw(): void {
    const height = Math.max(4, (stream.rows || 40) - 2);
    const visible = table.slice(0, height);
    if (visible.length > 0) stream.write(`${visible.join('\n')}\n`);
    drawn = visible.length;
  }
  function above(line: string): void {
    erase();
    stream.write(`${line}\n`);
    draw();
  }
  return {
    say: above,
    warn: (line) => above(styleText('yellow', `! ${line}`)),
    show(rows) {
      table = tableOf(rows, stream.columns || 100);
      erase();
      draw();
    },
  };
}

function tableOf(rows: readonly FindingRow[], width: number): readonly string[] {
  const noteWidth = Math.max(10, width - 78);
  const head = styleText(
    'dim',
    `${'RISK'.padEnd(5)}${'SEVERITY'.padEnd(10)}${'SUBJECT'.padEnd(34)}${'STAGE'.padEnd(22)}NOTE`,
  );
  const lines = rows.map((row) => {
    const risk = row.risk === undefined ? '' : String(Math.round(row.risk.value));
    const state = colour(row, stateOf(row).padEnd(22));
    return `${risk.padEnd(5)}${row.finding.severity.padEnd(10)}${nameOf(row).slice(0, 32).padEnd(34)}${state}${oneLine(row.note ?? '').slice(0, noteWidth)}`;
  });
  return [head, ...lines];
}

function stateOf(row: FindingRow): string {
  if (row.parked !== undefined && row.stage !== 'closed') return `parked: ${row.parked}`.slice(0, 20);
  return row.stage === 'closed' ? (row.outcome ?? 'closed') : row.stage;
}

function colour(row: FindingRow, text: string): string {
  if (row.stage === 'parked' || row.stage === 'stopped') return styleText('red', text);
  if (row.stage === 'awaiting-decision') return styleText('yellow', text);
  if (row.outcome === 'verified' || row.outcome === 'auto-remediated') return styleText('green', text);
  return row.stage === 'closed' ? styleText('dim', text) : text;
}

function nameOf(row: FindingRow): string {
  return oneLine(row.finding.subject.name);
}

/** Outside text for a terminal: one line, nothing that moves the cursor. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}
