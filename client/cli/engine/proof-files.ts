import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { PolicyError } from '../../../domain/iam/document.js';
import { parseStrictJson } from '../../../domain/iam/strict-json.js';
import { isRecord } from '../../../domain/json.js';

/** Largest file that is read, unpacked, in bytes. */
const MAX_BYTES = 256 * 1024 * 1024;
const JSON_FILE = /\.json(\.gz)?$/;

/**
 * The document for a file and a folder, or the file itself without one; undefined when neither was named.
 * @throws PolicyError
 */
export async function readProofFiles(file: string | undefined, folder: string | undefined): Promise<unknown> {
  if (file === undefined && folder === undefined) return undefined;
  if (file !== undefined && folder !== undefined) return proofLineOf(file, folder);
  throw new PolicyError(
    'InvalidInput',
    '',
    'a file and --inputs <folder> belong together; pass both, or neither',
  );
}

/**
 * The input line of `curtail proof verify` from a proof's file and a folder: `<name>.json` is the input of that name,
 * a folder `<name>` the list of all JSON files in it (a trail as AWS writes it), and the members of `inputs.json`, the
 * line that was asked, are inputs by their own names. `.json.gz` is read as well.
 * @throws PolicyError naming the file that cannot be read
 */
async function proofLineOf(file: string, folder: string): Promise<unknown> {
  const proof = await readJson(file);
  const inputs = new Map<string, unknown>();
  for (const name of (await listed(folder)).sort()) {
    const path = join(folder, name);
    const whole = basename(name).replace(JSON_FILE, '');
    if ((await stat(path)).isDirectory()) inputs.set(name, await readTree(path));
    else if (JSON_FILE.test(name)) inputs.set(whole, await readJson(path));
  }
  const line = inputs.get('inputs');
  if (isRecord(line)) {
    inputs.delete('inputs');
    for (const [name, value] of Object.entries(line)) if (!inputs.has(name)) inputs.set(name, value);
  }
  return { proof, inputs: Object.fromEntries(inputs) };
}

async function listed(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    throw unreadable(folder, error);
  }
}

async function readTree(folder: string): Promise<unknown[]> {
  const entries = await readdir(folder, { recursive: true });
  const all: unknown[] = [];
  for (const name of entries.filter((each) => JSON_FILE.test(each)).sort()) {
    const value = await readJson(join(folder, name));
    if (Array.isArray(value)) all.push(...value);
    else all.push(value);
  }
  return all;
}

async function readJson(file: string): Promise<unknown> {
  try {
    const bytes = await readFile(file);
    const text = file.endsWith('.gz') ? gunzipSync(bytes, { maxOutputLength: MAX_BYTES }) : bytes;
    return parseStrictJson(text.toString('utf8'));
  } catch (error) {
    if (error instanceof PolicyError)
      throw new PolicyError(error.type, error.pointer, `${file}: ${error.message}`);
    throw unreadable(file, error);
  }
}

function unreadable(path: string, error: unknown): PolicyError {
  const why = error instanceof Error ? error.message : String(error);
  return new PolicyError(
    'UnreadableFile',
    '',
    `${path} cannot be read (${why}); pass a JSON file, or a folder of them`,
  );
}
