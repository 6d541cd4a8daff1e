import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { checkAdapters } from '../../bin/commands/adapters-check.js';
import { parseConfig } from '../../runtime/config.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = `${ROOT}docs/vendors/config`;

describe('what is shipped for an administrator', () => {
  it.each(readdirSync(FOLDER))('%s is a configuration that its adapter takes', (name) => {
    const file = `${FOLDER}/${name}`;
    const faults = checkAdapters(parseConfig(readFileSync(file, 'utf8'), file)).filter(({ ok }) => !ok);
    expect(faults).toEqual([]);
  });

  it('packs the update set from its scripts', async () => {
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['tools/servicenow-update-set.mjs', '--check'], {
      cwd: ROOT,
    });
    expect(stdout).toBe('');
  });
});
