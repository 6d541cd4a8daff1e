// Fails when an installed dependency has a licence that nobody agreed to. `--production` looks at what ships only.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Permissive licences, by SPDX identifier: https://spdx.org/licenses/ */
const ALLOWED = new Set([
  'MIT',
  'MIT-0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'ISC',
  'BlueOak-1.0.0',
  'Unlicense',
  '0BSD',
  'Python-2.0',
]);

/** Single packages, each with what was looked at. */
const AGREED = {
  'caniuse-lite': {
    licence: 'CC-BY-4.0',
    why: 'data about browsers, used by a bundler, with attribution in its package',
  },
  unionfs: { licence: 'Unlicense', why: 'no licence field; its LICENSE file is the Unlicense' },
};

const production = process.argv.includes('--production');
const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
const faults = [];
let looked = 0;
for (const [path, locked] of Object.entries(packages)) {
  if (path === '' || (production && (locked.dev === true || locked.devOptional === true))) continue;
  const name = locked.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const manifest = join(ROOT, path, 'package.json');
  if (!existsSync(manifest) && locked.optional !== true) {
    faults.push(`${name}@${locked.version}: not installed; run npm ci`);
    continue;
  }
  // A binary for another platform is locked but not installed; the lock says its licence.
  const found = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')) : locked;
  const licence = licenceOf(found);
  looked += 1;
  if (licence !== undefined && isAllowed(licence)) continue;
  if (Object.hasOwn(AGREED, name) && (licence === undefined || licence === AGREED[name].licence)) continue;
  faults.push(`${name}@${locked.version}: ${licence ?? 'no licence is named'}`);
}
for (const fault of faults) console.error(fault);
console.log(
  `${looked} packages${production ? ' that ship' : ''}, ${faults.length} with a licence to look at`,
);
process.exit(faults.length === 0 && looked > 0 ? 0 : 1);

/** The SPDX expression; older manifests hold an object or a list. */
function licenceOf({ license, licenses }) {
  if (typeof license === 'string') return license;
  if (typeof license?.type === 'string') return license.type;
  if (Array.isArray(licenses)) return licenses.map((one) => one.type ?? String(one)).join(' OR ');
  return undefined;
}

/** `A OR B` leaves the choice to us, `A AND B` binds to both. Brackets are read innermost first. */
function isAllowed(expression) {
  const inner = /\(([^()]*)\)/.exec(expression);
  if (inner !== null) return isAllowed(expression.replace(inner[0], isAllowed(inner[1]) ? 'MIT' : 'NONE'));
  return expression
    .split(/\s+OR\s+/)
    .some((choice) => choice.split(/\s+AND\s+/).every((licence) => ALLOWED.has(licence.trim())));
}
