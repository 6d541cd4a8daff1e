/** Says on standard error how far long work is; one line that is written over on a terminal, seldom lines elsewhere. */
export interface Progress {
  say(step: string): void;
  share(step: string, done: number, total: number, more?: string): void;
  /** Ends the line, so that what follows starts on its own. */
  end(): void;
}

const TERMINAL_INTERVAL_MS = 80;
const PLAIN_INTERVAL_MS = 10_000;

/** Opens progress; `wanted` false says nothing at all. */
export function openProgress(wanted: boolean): Progress {
  const terminal = process.stderr.isTTY === true;
  let last = 0;
  let step = '';
  let open = false;

  function write(text: string, always: boolean): void {
    if (!wanted) return;
    const now = performance.now();
    if (!always && now - last < (terminal ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS)) return;
    last = now;
    process.stderr.write(terminal ? `\r\u001b[2K${text}` : `${text}\n`);
    open = terminal;
  }

  return {
    say(next) {
      step = next;
      write(next, true);
    },
    share(next, done, total, more) {
      const fresh = next !== step;
      step = next;
      write(`${next}: ${done} of ${total}${more === undefined ? '' : ` (${more})`}`, fresh || done === total);
    },
    end() {
      if (open) process.stderr.write('\r\u001b[2K');
      open = false;
    },
  };
}
