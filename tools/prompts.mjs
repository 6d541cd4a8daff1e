// Writes prompts/lock.json: the live version of every prompt and the SHA-256 of every version.
//
//   node tools/prompts.mjs          adds new versions; refuses to touch one that was locked with other text
//   node tools/prompts.mjs --check  fails when the lock is not what the files say
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../prompts', import.meta.url));
const LOCK = join(FOLDER, 'lock.json');

const sha256 = (path) =>
  createHash('sha256').update(readFileSync(path, 'utf8').replaceAll('\r\n', '\n')).digest('hex');

function versionsOf(prompt) {
  return readdirSync(join(FOLDER, prompt))
    .flatMap((name) => /^v([1-9]\d*)\.md$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

function lockOf(before) {
  const prompts = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const entries = prompts
    .map(({ name }) => name)
    .sort()
    .map((name) => {
      const versions = Object.fromEntries(
        versionsOf(name).map((version) => [version, sha256(join(FOLDER, name, `v${version}.md`))]),
      );
      for (const [version, digest] of Object.entries(before[name]?.versions ?? {})) {
        if (versions[version] !== digest) {
          throw new Error(
            `prompt ${name} v${version} is not what was locked; restore it and add a new version`,
          );
        }
      }
      return [name, { live: Math.max(...versionsOf(name)), versions }];
    });
  return Object.fromEntries(entries);
}

const committed = existsSync(LOCK) ? readFileSync(LOCK, 'utf8') : '{}';
const text = `${JSON.stringify(lockOf(JSON.parse(committed)), null, 2)}\n`;
if (!process.argv.includes('--check')) writeFileSync(LOCK, text);
else if (text !== committed) {
  console.error('prompts/lock.json is not what the prompts say; run node tools/prompts.mjs');
  process.exitCode = 1;
}
