// Installs the locked dependencies when they are missing or older than the lock. No dependency of its own.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Makes sure that `node_modules` is what the lock says. Ends the process with 3 when it cannot be. */
export function ensureInstalled() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Curtail needs Node 20.19 or later; this is ${process.version}.`);
    process.exit(3);
  }
  if (isInstalled()) return;
  console.error('Installing dependencies (npm ci); once, about a minute …');
  const args = ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  const ran = spawnSync('npm', args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  if (ran.status === 0) return;
  console.error(
    `Installing dependencies: npm ci ended with ${ran.status ?? 'a signal'}; run it by hand and read its log.`,
  );
  process.exit(3);
}

/** npm writes `node_modules/.package-lock.json` last. */
function isInstalled() {
  const stamp = `${ROOT}node_modules/.package-lock.json`;
  if (!existsSync(stamp)) return false;
  return (
    statSync(stamp).mtimeMs >= statSync(`${ROOT}package-lock.json`).mtimeMs ||
    versions(stamp) === versions(`${ROOT}package-lock.json`)
  );
}

function versions(path) {
  const entries = Object.entries(JSON.parse(readFileSync(path, 'utf8')).packages);
  return JSON.stringify(
    entries
      .filter(([name, entry]) => name !== '' && entry.optional !== true)
      .map(([name, entry]) => [name, entry.version])
      .sort(),
  );
}
