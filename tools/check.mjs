// Everything that a change must pass before it is pushed: the tests, and the habits of the house.
import { spawnSync } from 'node:child_process';
import { ensureInstalled, ROOT } from './install.mjs';

ensureInstalled();
const STEPS = [
  ['documentation', process.execPath, ['tools/check-docs.mjs']],
  ['unused code', 'node_modules/.bin/knip', []],
  ['licences', process.execPath, ['tools/check-licences.mjs']],
  ['secrets', process.execPath, ['tools/check-secrets.mjs']],
  ['tests', process.execPath, ['tools/test.mjs']],
];
const failed = STEPS.filter(([name, command, args]) => {
  const ran = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' });
  console.log(`${name}: ${ran.status === 0 ? 'ok' : 'FAILED'}`);
  return ran.status !== 0;
});
process.exit(failed.length === 0 ? 0 : 1);
