/** A JSON value, as `JSON.parse` yields it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * The one text of a JSON value: keys sorted by UTF-16 code units, no white space, as RFC 8785 orders them.
 * Two values with the same meaning have the same text, so a digest of it names the value.
 *
 * `undefined` members are left out, as `JSON.stringify` does.
 * @throws TypeError on anything that is not JSON (functions, bigint, Map, non-finite numbers).
 */
export function canonicalJson(value: unknown): string {
  return write(value, '');
}

function write(value: unknown, pointer: string): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`not a JSON number at ${pointer || '/'}`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value))
    return `[${value.map((item, i) => write(item ?? null, `${pointer}/${i}`)).join(',')}]`;
  if (typeof value === 'object' && isPlain(value)) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${JSON.stringify(key)}:${write(member, `${pointer}/${key}`)}`);
    return `{${members.join(',')}}`;
  }
  throw new TypeError(`not a JSON value at ${pointer || '/'}`);
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  // Across a VM boundary (Temporal's sandbox, Jest) `Object.prototype` is another object, so ask by shape.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Whether a value of unknown origin is a JSON object: not null, not an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
