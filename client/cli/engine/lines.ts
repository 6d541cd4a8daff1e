/** One line of input, or the report that it was too long to keep. */
export type Line = { bytes: Buffer } | { tooLong: true };

/**
 * Cuts a byte stream at line feeds, holding at most `maxBytes` of a line; what is longer is skipped to its end and
 * reported, so that one hostile line neither fills the memory nor stops the stream. A last line needs no line feed.
 */
export async function* readLines(
  input: AsyncIterable<Buffer | string>,
  maxBytes: number,
): AsyncGenerator<Line> {
  let pieces: Buffer[] = [];
  let held = 0;
  let skipping = false;
  const end = (): Line => {
    const line: Line = skipping
      ? { tooLong: true }
      : { bytes: pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces) };
    pieces = [];
    held = 0;
    skipping = false;
    return line;
  };
  const keep = (piece: Buffer): void => {
    held += piece.length;
    if (held > maxBytes) {
      skipping = true;
      pieces = [];
    }
    if (!skipping && piece.length > 0) pieces.push(piece);
  };
  for await (const chunk of input) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    let start = 0;
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, start)) {
      keep(bytes.subarray(start, at));
      yield end();
      start = at + 1;
    }
    if (start < bytes.length) keep(bytes.subarray(start));
  }
  if (held > 0) yield end();
}
