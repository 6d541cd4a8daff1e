import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { OTHER_COMMANDS } from './contract-account.js';
import { POLICY_COMMANDS } from './contract-policy.js';
import { ALL, allow, error, type Line, policy } from './contract-words.js';

const BIN = fileURLToPath(new URL('../../../bin/curtail', import.meta.url));

interface Ran {
  code: number | null;
  text: string;
  errors: string;
}

function curtail(words: readonly string[], input: string): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, ...words], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
    });
    let [text, errors] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      errors += piece;
    });
    child.on('error', reject).on('close', (code) => resolve({ code, text, errors }));
    child.stdin.on('error', () => undefined).end(input);
  });
}

/** Lines that every command has to survive. */
const BAD: readonly Line[] = [
  ['{"id": 1', { id: null, ...error('InvalidJson') }],
  ['', { id: null, ...error('InvalidJson') }],
  ['[1]', { id: null, ...error('InvalidInput') }],
  ['null', { id: null, ...error('InvalidInput') }],
  ['{"id":"twice","x":1,"x":2}', { id: 'twice', ...error('DuplicateKey', '/x') }],
  ['{"id":"empty"}', { id: 'empty', error: expect.anything() }],
  ['{"id":"proto","__proto__":{"request":1},"constructor":1}', { id: 'proto', error: expect.anything() }],
  [`{"id":"deep","x":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, { id: 'deep', error: expect.anything() }],
  [
    { id: 'megabyte', [`k${'x'.repeat(1_000_000)}`]: 'y' },
    { id: 'megabyte', error: expect.anything() },
  ],
  ['{"id":"\\ud800","x":"\\udfff"}', { id: '\ud800', error: expect.anything() }],
  [
    { id: 'unnamed', use: 'nobody' },
    { id: 'unnamed', ...error('UnknownName', '/use') },
  ],
  [
    { id: 'd', define: '', policies: {} },
    { id: 'd', ...error('InvalidInput', '/define') },
  ],
];

const write = (line: unknown): string => (typeof line === 'string' ? line : JSON.stringify(line));

describe('the command line keeps its contract', () => {
  it.each(Object.entries({ ...POLICY_COMMANDS, ...OTHER_COMMANDS }))(
    '%s',
    async (name, own) => {
      const lines = [...BAD, ...own];
      const { code, text, errors } = await curtail(
        [...name.split(' '), '--batch'],
        `${lines.map(([line]) => write(line)).join('\n')}\n`,
      );
      expect(errors).toBe('');
      const answers = text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as unknown);
      expect(answers).toHaveLength(lines.length);
      for (const [i, [line, answer]] of lines.entries())
        expect({ line: write(line).slice(0, 200), answer: answers[i] }).toMatchObject({
          line: write(line).slice(0, 200),
          answer,
        });
      expect(JSON.stringify(answers)).not.toContain('"Internal"');
      // The id comes first, as it was written.
      for (const line of text.split('\n').slice(0, -1)) expect(line).toMatch(/^\{"(id|defined)":/);
      expect(code).toBe(0);
    },
    60_000,
  );

  it('ends with 0 for a yes, 1 for a no, 2 for wrong usage', async () => {
    const yes = JSON.stringify({ policyType: 'identity', reference: ALL, candidate: ALL });
    const no = JSON.stringify({ policyType: 'identity', reference: policy(), candidate: ALL });
    const codes = await Promise.all([
      curtail(['policy', 'check'], yes),
      curtail(['policy', 'check', '--json'], no),
      curtail(['policy', 'check'], 'x'),
      curtail(['policy', 'check', '--no-such'], ''),
      curtail(['paths', 'fix', '--json'], '{}'),
    ]);
    expect(codes.map(({ code }) => code)).toEqual([0, 1, 2, 2, 2]);
  }, 60_000);

  it('verifies a proof from files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'curtail-proof-'));
    try {
      const line = JSON.stringify({
        id: 3,
        policyType: 'identity',
        reference: ALL,
        candidate: policy(allow('s3:*')),
      });
      const answer = await curtail(['policy', 'check'], line);
      await writeFile(join(folder, 'inputs.json'), line);
      const file = `${folder}.answer`;
      await writeFile(file, answer.text);
      const verify = ['proof', 'verify', file, '--inputs', folder];
      expect(await curtail(verify, '')).toMatchObject({
        code: 0,
        text: expect.stringContaining('"valid": true'),
      });
      await writeFile(join(folder, 'reference.json'), JSON.stringify(policy()));
      expect(await curtail(verify, '')).toMatchObject({ code: 1, text: expect.stringContaining('digest') });
      expect(await curtail(['proof', 'verify', `${file}.gone`, '--inputs', folder], '')).toMatchObject({
        code: 2,
      });
      await rm(file);
    } finally {
      await rm(folder, { recursive: true });
    }
  }, 60_000);
});
