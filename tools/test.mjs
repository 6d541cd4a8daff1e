// Sets up whatever the tests need, then runs all of them: types, lint, and every suite. Arguments go to jest.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled, ROOT } from './install.mjs';

ensureInstalled();
const { register } = await import('tsx/esm/api');
register();
const { obtainTemporal } = await import('../runtime/temporal-binary.ts');
const server = await obtainTemporal((line) => console.log(line));
console.log(`Temporal server ${server.version}: ${server.path}`);

let failedSteps = 0;
const only = process.argv.slice(2);
if (only.length === 0) {
  step('types', 'node_modules/.bin/tsc', ['--noEmit']);
  step('lint and format', 'node_modules/.bin/biome', ['check', '--error-on-warnings', '.']);
}

const scratch = mkdtempSync(join(tmpdir(), 'curtail-test-'));
const report = join(scratch, 'report.json');
// The SDK's native runtime stays alive after the last test, so jest must be told to end.
const jest = spawnSync(
  process.execPath,
  ['node_modules/jest/bin/jest.js', '--forceExit', '--json', `--outputFile=${report}`, ...only],
  {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      NODE_OPTIONS: '--experimental-vm-modules --no-warnings',
      TEMPORAL_CLI: server.path,
    },
  },
);
const { passed, failed } = counts();
rmSync(scratch, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && jest.status === 0 && passed > 0 ? 0 : 1);

function step(name, command, args) {
  const ran = spawnSync(join(ROOT, command), args, { cwd: ROOT, stdio: 'inherit' });
  console.log(`${name}: ${ran.status === 0 ? 'ok' : 'FAILED'}`);
  if (ran.status !== 0) failedSteps += 1;
}

/** Suites that could not even be loaded count as failures, and so do the steps before. */
function counts() {
  try {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(
      readFileSync(report, 'utf8'),
    );
    return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites + failedSteps };
  } catch {
    return { passed: 0, failed: 1 + failedSteps };
  }
}
