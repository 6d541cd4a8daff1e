// Fails when a file that is or would be committed holds a secret, a path of somebody's machine, or a private host.
// What looks like one and is none stands in secrets-allowed.json, with the reason.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What is looked for, by name. Written so that this file does not find itself. */
const PATTERNS = {
  'private key': /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----/g,
  'private JWK': /"kty"\s*:\s*"(?:OKP|EC|RSA)"[^{}]*"d"\s*:\s*"[A-Za-z0-9_-]{20,}"/g,
  'AWS access key': /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g,
  'AWS secret key': /aws_?secret_?access_?key["'\s:=]+[A-Za-z0-9/+]{40}\b/gi,
  'GitHub token': /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})\b/g,
  'GitLab token': /\bglpat-[A-Za-z0-9_-]{20,}\b/g,
  'Slack token': /\bxox[abeprs]-[A-Za-z0-9-]{10,}|hooks\.slack\.com\/services\/T[A-Za-z0-9/]{20,}/g,
  'Google key': /\bAIza[A-Za-z0-9_-]{35}\b/g,
  'model provider key': /\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{24,}\b/g,
  'npm token': /\bnpm_[A-Za-z0-9]{36}\b|_authToken\s*=/g,
  'signed token': /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/g,
  'password in an address': /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@'"`$<>{}]+:[^\s/@'"`$<>{}]+@[^\s/'"`]+/g,
  'path of a machine': /(?<![\w./@-])\/(?:work|root|Users|home\/[a-z][\w.-]*)\/[\w.-]+/g,
  'private address': /\b(?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d{1,3}\.\d{1,3}:\d{2,5}\b/g,
};
const PRIVATE_FILE =
  /(?:^|\/)(?:\.npmrc|\.netrc|\.env|.*\.pem|.*\.p12|id_(?:rsa|ed25519)|private\.jwk|api-token)$/;

const allowed = JSON.parse(readFileSync(join(ROOT, 'tools/secrets-allowed.json'), 'utf8'));
const used = new Set();
const faults = [];
const files = listed();
for (const file of files) {
  if (PRIVATE_FILE.test(file)) faults.push(`${file}: a file of this name is never committed`);
  const text = textOf(file);
  if (text === undefined) continue;
  for (const [what, pattern] of Object.entries(PATTERNS)) {
    for (const match of text.matchAll(pattern)) {
      if (isAllowed(file, what, match[0])) continue;
      const line = text.slice(0, match.index).split('\n').length;
      // Never printed whole: a log of a build is no place for it either.
      faults.push(`${file}:${line}: ${what} (${match[0].slice(0, 12)}…)`);
    }
  }
}
checkLock();
for (const [index, entry] of allowed.entries()) {
  if (!used.has(index))
    faults.push(`tools/secrets-allowed.json: nothing matches ${JSON.stringify(entry)} any more`);
}
for (const fault of faults) console.error(fault);
console.log(`${files.length} files, ${faults.length} with something that must not be there`);
process.exit(faults.length === 0 && files.length > 0 ? 0 : 1);

/** Committed files, and those that the next commit would add. */
function listed() {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const out = execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return out.split('\0').filter((file) => file !== '' && existsSync(join(ROOT, file)));
}

function textOf(file) {
  const bytes = readFileSync(join(ROOT, file));
  const plain = file.endsWith('.gz') ? gunzipSync(bytes) : bytes;
  return plain.includes(0) ? undefined : plain.toString('utf8');
}

function isAllowed(file, what, text) {
  let found = false;
  for (const [index, entry] of allowed.entries()) {
    if (entry.what !== what || !file.startsWith(entry.in)) continue;
    if (entry.text !== undefined && !text.includes(entry.text)) continue;
    used.add(index);
    found = true;
  }
  return found;
}

/** A lock may name the public registry or none; any other host is somebody's mirror. */
function checkLock() {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  for (const [path, { resolved }] of Object.entries(packages)) {
    if (resolved === undefined || resolved.startsWith('https://registry.npmjs.org/')) continue;
    faults.push(
      `package-lock.json: ${path} comes from ${URL.canParse(resolved) ? new URL(resolved).host : resolved}`,
    );
  }
}
