/** One line of input, or the report that it was too long to keep. */
export type Line = { bytes: Buffer } | { tooLong: true };

/**
 * Cuts a byte stream at line feeds. Yields the lines that each chunk completes, so that a caller can write its answers
 * before it waits for more. Holds at most `maxBytes` of a line; what is longer is skipped to its end and reported, so
 * that one hostile line neither fills the memory nor stops the stream. A last line needs no line feed.
 */
export async function* readLines(
  input: AsyncIterable<Buffer | string>,
  maxBytes: number,
): AsyncGenerator<readonly Line[]> {
  const cutter = startCutter(maxBytes);
  for await (const chunk of input) {
    const lines = cutter.cut(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    if (lines.length > 0) yield lines;
  }
  const rest = cutter.rest();
  if (rest !== undefined) yield [rest];
}

interface Cutter {
  /** The lines that these bytes complete. */
  cut(bytes: Buffer): readonly Line[];
  /** What follows the last line feed, if anything does. */
  rest(): Line | undefined;
}

function startCutter(maxBytes: number): Cutter {
  let pieces: Buffer[] = [];
  let held = 0;
  const keep = (piece: Buffer): void => {
    held += piece.length;
    if (held > maxBytes) pieces = [];
    else if (piece.length > 0) pieces.push(piece);
  };
  const end = (): Line => {
    const line: Line = held > maxBytes ? { tooLong: true } : { bytes: joined(pieces) };
    pieces = [];
    held = 0;
    return line;
  };
  return {
    cut(bytes) {
      const lines: Line[] = [];
      let start = 0;
      for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, start)) {
        keep(bytes.subarray(start, at));
        lines.push(end());
        start = at + 1;
      }
      if (start < bytes.length) keep(bytes.subarray(start));
      return lines;
    },
    rest: () => (held > 0 ? end() : undefined),
  };
}

function joined(pieces: readonly Buffer[]): Buffer {
  const [only] = pieces;
  return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
}
