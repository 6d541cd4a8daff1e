import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const LIMIT_MS = 30 * 60_000;

/** Runs every suite of `bench/`, or those that are named, each in a process of its own, and prints one JSON document. */
const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.ts') && name !== 'main.ts');
const suites = names.map((name) => basename(name, '.ts')).sort();
const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !suites.includes(name));
if (unknown !== undefined) {
  console.error(`there is no suite ${unknown}; there are ${suites.join(', ')}`);
  process.exit(2);
}
const results: Record<string, unknown> = { node: process.version };
for (const suite of wanted.length > 0 ? wanted : suites) {
  console.error(`running ${suite} …`);
  const { stdout } = await run(process.execPath, ['--import', 'tsx', `${FOLDER}${suite}.ts`], {
    timeout: LIMIT_MS,
    maxBuffer: 64 * 1024 * 1024,
  });
  results[suite] = JSON.parse(stdout);
}
console.log(JSON.stringify(results, null, 2));
