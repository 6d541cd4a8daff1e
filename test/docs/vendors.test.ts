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

  it('is checked source by source: a slip in a setting has its source and its name', () => {
    const text =
      'sources: [{ vendor: wiz, apiUrl: https://api.us1.app.wiz.io/graphql, clientID: x, clientSecret: env:S }]\n';
    const [fault, ...more] = checkAdapters(parseConfig(text, '/nowhere/curtail.yaml')).filter(
      ({ ok }) => !ok,
    );
    expect(fault).toMatchObject({ kind: 'source', vendor: 'wiz' });
    expect(fault?.text).toContain('clientID');
    expect(more).toEqual([]);
  });

  it('packs the update set from its scripts', async () => {
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['tools/servicenow-update-set.mjs', '--check'], {
      cwd: ROOT,
    });
    expect(stdout).toBe('');
  });
});
