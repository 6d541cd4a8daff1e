import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { PolicyError } from '../../domain/iam/document.js';
import { parseStrictJson } from '../../domain/iam/strict-json.js';

/** Largest file that is unpacked, in bytes. */
const MAX_UNPACKED = 512 * 1024 * 1024;

/** A file's content, or why it has none: the place, where one is known, and the reason as a clause. */
export type Content<T> = { ok: true; value: T } | { ok: false; place?: string; reason: string };

/** All files below a folder, or the file itself, sorted; CloudTrail's digest files are not records and are left out. */
export async function filesBelow(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((name) => !name.includes('CloudTrail-Digest'))
    .sort();
}

/** A file's text, unpacked when it is gzip. */
export async function readText(path: string): Promise<Content<string>> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    return { ok: false, reason: `it cannot be read (${codeOf(error)})` };
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return { ok: true, value: textOf(bytes) };
  try {
    return { ok: true, value: textOf(gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED })) };
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ERR_BUFFER_TOO_LARGE') return { ok: false, reason: `the gzip data is damaged (${code})` };
    return { ok: false, reason: `it unpacks to more than ${MAX_UNPACKED / 1024 / 1024} MB; split it` };
  }
}

/** A file's JSON value. */
export async function readJson(path: string): Promise<Content<unknown>> {
  const text = await readText(path);
  return text.ok ? parseJson(text.value) : text;
}

/** A JSON text's value, or the line and column at which it stops being JSON. */
export function parseJson(text: string): Content<unknown> {
  if (text.trim() === '') return { ok: false, reason: 'it is empty' };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const position = faultPosition(text);
    if (position === undefined) return { ok: false, reason: 'it is not JSON' };
    const cut = position >= text.trimEnd().length || /end of JSON|Unterminated/.test(error.message);
    const reason = cut ? 'it ends in the middle, as if it were cut off' : 'it is not JSON';
    return { ok: false, place: placeOf(text, position), reason };
  }
}

// The engine's own message does not always say where, and says it differently from version to version.
function faultPosition(text: string): number | undefined {
  try {
    parseStrictJson(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const character = / at character (\d+)/.exec(error.message)?.[1];
    return character === undefined ? undefined : Number(character);
  }
}

function placeOf(text: string, position: number): string {
  const lines = text.slice(0, position).split('\n');
  return `line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}`;
}

function textOf(bytes: Buffer): string {
  return bytes.toString('utf8').replace(/^\ufeff/, '');
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}
