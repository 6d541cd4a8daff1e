/** Deepest nesting that is read from outside; findings need about ten. */
const MAX_DEPTH = 64;

/**
 * Parses JSON from outside, refusing what nests deeper than any honest document: later, recursive code
 * must not be made to run out of stack.
 * @throws SyntaxError when it is not UTF-8, not JSON, or too deep.
 */
export function parseBoundedJson(body: Buffer, maxDepth = MAX_DEPTH): unknown {
  const text = decode(body);
  if (depthOf(text) > maxDepth) throw new SyntaxError(`nested deeper than ${maxDepth}`);
  return JSON.parse(text) as unknown;
}

function decode(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new SyntaxError('not UTF-8');
  }
}

/** Deepest nesting of a JSON text, counted without recursion. */
function depthOf(text: string): number {
  let [depth, deepest, inString] = [0, 0, false];
  for (let i = 0; i < text.length; i += 1) {
    const letter = text[i];
    if (inString) {
      if (letter === '\\') i += 1;
      else if (letter === '"') inString = false;
    } else if (letter === '"') inString = true;
    else if (letter === '{' || letter === '[') {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (letter === '}' || letter === ']') depth -= 1;
  }
  return deepest;
}
