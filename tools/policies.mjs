// Compiles Rego policies to WebAssembly and records which sources they came from.
//
//   node tools/policies.mjs [folder]          writes <folder>/compiled/{guardrails.wasm,source.json}
//   node tools/policies.mjs --check [folder]  fails when what is committed is not what the sources compile to
//
// The compiler is CURTAIL_OPA, or our cache, or `opa` on the PATH, or a build from tools/opa (needs Go).
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const VERSION = '1.22.2';
const ENTRYPOINT = 'curtail/decision';
const CACHED = join(homedir(), '.cache', 'curtail', 'bin', `opa-${VERSION}`);

function findCompiler() {
  const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'opa'));
  const found = [process.env.CURTAIL_OPA, CACHED, ...onPath].find(
    (path) => path !== undefined && existsSync(path),
  );
  return found ?? buildCompiler();
}

function buildCompiler() {
  console.error(`building opa ${VERSION} from the Go module proxy (a few minutes, once)`);
  mkdirSync(dirname(CACHED), { recursive: true });
  execFileSync('go', ['build', '-mod=readonly', '-o', CACHED, 'github.com/open-policy-agent/opa'], {
    cwd: join(ROOT, 'tools', 'opa'),
    stdio: 'inherit',
  });
  return CACHED;
}

/** The .rego files below a folder, sorted, with forward slashes. */
function sourcesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.rego') && !entry.name.endsWith('_test.rego'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/** The same digest as activities/guardrail/policy-source.ts computes when it opens the policies. */
function digestOf(folder, files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n');
    hash.update(`${file}\n${Buffer.byteLength(text)}\n${text}`);
  }
  return hash.digest('hex');
}

function compile(opa, folder, files) {
  const scratch = mkdtempSync(join(tmpdir(), 'curtail-policies-'));
  try {
    const bundle = join(scratch, 'bundle.tar.gz');
    execFileSync(opa, ['check', '--strict', ...files], { cwd: folder, stdio: 'inherit' });
    execFileSync(opa, ['build', '-t', 'wasm', '-e', ENTRYPOINT, '-o', bundle, ...files], {
      cwd: folder,
      stdio: 'inherit',
    });
    execFileSync('tar', ['xzf', bundle, '-C', scratch, '/policy.wasm'], { stdio: 'ignore' });
    return readFileSync(join(scratch, 'policy.wasm'));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function main(args) {
  const check = args.includes('--check');
  const folder = resolve(args.find((arg) => !arg.startsWith('--')) ?? join(ROOT, 'policies'));
  const files = sourcesOf(folder);
  if (files.length === 0) throw new Error(`compiling policies: there is no .rego file in ${folder}`);
  const opa = findCompiler();
  const wasm = compile(opa, folder, files);
  const source = {
    entrypoint: ENTRYPOINT,
    compiler: `opa ${VERSION}`,
    sourceSha256: digestOf(folder, files),
    wasmSha256: createHash('sha256').update(wasm).digest('hex'),
  };
  const text = `${JSON.stringify(source, null, 2)}\n`;
  const compiled = join(folder, 'compiled');
  if (check) {
    const committed = existsSync(join(compiled, 'source.json'))
      ? readFileSync(join(compiled, 'source.json'), 'utf8')
      : '';
    if (committed === text) return;
    console.error(
      'the compiled policies are not what the sources compile to; run node tools/policies.mjs and commit',
    );
    process.exitCode = 1;
    return;
  }
  mkdirSync(compiled, { recursive: true });
  writeFileSync(join(compiled, 'guardrails.wasm'), wasm);
  writeFileSync(join(compiled, 'source.json'), text);
  console.error(
    `compiled ${files.length} files, ${wasm.length} bytes, source ${source.sourceSha256.slice(0, 12)}`,
  );
}

main(process.argv.slice(2));
