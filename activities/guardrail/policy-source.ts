import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { z } from 'zod';

/** What the compiler wrote beside the WebAssembly: which sources it came from. */
const CompiledFrom = z.strictObject({
  entrypoint: z.string(),
  compiler: z.string(),
  sourceSha256: z.string().length(64),
  wasmSha256: z.string().length(64),
});

/** Policies that were compiled, and that are what their sources say. */
export interface CompiledPolicies {
  wasm: Uint8Array<ArrayBuffer>;
  entrypoint: string;
  /** SHA-256 of the .rego sources. */
  digest: string;
}

/**
 * SHA-256 over the .rego sources of a folder: name, length and text of each, in the order of their names.
 * `tools/policies.mjs` writes the same.
 */
export function sourceDigest(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.rego') && !entry.name.endsWith('_test.rego'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
  const hash = createHash('sha256');
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n');
    hash.update(`${file}\n${Buffer.byteLength(text)}\n${text}`);
  }
  return hash.digest('hex');
}

/**
 * Reads the compiled policies of a folder.
 * @throws Error when they are missing, or are not what the sources beside them compile to.
 */
export function readCompiled(folder: string): CompiledPolicies {
  const doing = `opening the guardrails in ${folder}`;
  const compiled = join(folder, 'compiled');
  let text: string;
  let wasm: Uint8Array<ArrayBuffer>;
  try {
    text = readFileSync(join(compiled, 'source.json'), 'utf8');
    wasm = new Uint8Array(readFileSync(join(compiled, 'guardrails.wasm')));
  } catch (cause) {
    throw new Error(`${doing}: there is no compiled form; run node tools/policies.mjs ${folder}`, { cause });
  }
  const from = CompiledFrom.parse(JSON.parse(text));
  if (createHash('sha256').update(wasm).digest('hex') !== from.wasmSha256) {
    throw new Error(
      `${doing}: guardrails.wasm is not the file that was recorded; run node tools/policies.mjs ${folder}`,
    );
  }
  const digest = sourceDigest(folder);
  if (digest !== from.sourceSha256) {
    throw new Error(
      `${doing}: a .rego source has changed since it was compiled; run node tools/policies.mjs ${folder}`,
    );
  }
  return { wasm, entrypoint: from.entrypoint, digest };
}
