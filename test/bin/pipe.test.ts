import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

it('ends quietly when the reader of its output has seen enough', async () => {
  const lines = `yes '{"id":1,"actions":["ec2:*"]}' | bin/curtail policy expand --batch | head -c 5`;
  const { stdout, stderr } = await run('sh', ['-c', lines], {
    cwd: ROOT,
    timeout: 60_000,
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  expect(stdout).toHaveLength(5);
  expect(stderr).toBe('');
}, 60_000);
