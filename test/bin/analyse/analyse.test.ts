import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { analyse } from '../../../bin/analyse/analyse.js';
import { verifyDraftProof } from '../../../domain/draft/verify.js';
import type { Proof } from '../../../domain/proof/proof.js';
import { folderOf } from '../../support/analysis.js';

const ACCOUNT = 'samples/organisation/account';
const FINDINGS = 'samples/organisation/exports/wiz';
const prover = {
  now: () => 0,
  digest: (text: string) => createHash('sha256').update(text, 'utf8').digest('hex'),
};

let folder: Awaited<ReturnType<typeof folderOf>>;
let out: string;
let code: number;
const said: string[] = [];

beforeAll(async () => {
  jest.spyOn(console, 'log').mockImplementation((line: string) => void said.push(line));
  jest.spyOn(console, 'error').mockImplementation((line: string) => void said.push(line));
  folder = await folderOf({ 'foreign/letter.txt': 'dear', 'nothing/a.json': '[' });
  out = join(folder.path, 'out');
  code = await analyse({
    account: ACCOUNT,
    findings: FINDINGS,
    source: 'wiz',
    out,
    json: true,
    quiet: true,
  });
}, 120_000);
afterAll(async () => {
  jest.restoreAllMocks();
  await folder.remove();
});

async function json(...path: string[]): Promise<unknown> {
  return JSON.parse(await readFile(join(out, ...path), 'utf8'));
}

describe('curtail analyse on the made-up organisation', () => {
  it('writes the page, the values and a summary', async () => {
    expect(code).toBe(0);
    const values = (await json('report.json')) as Record<string, unknown[]>;
    const summary = JSON.parse(said.at(-1) ?? '') as Record<string, unknown>;
    expect(summary).toMatchObject({
      accounts: 3,
      identities: values['identities']?.length,
      fixes: values['fixes']?.length,
      faults: values['faults']?.length,
    });
    expect(values).toMatchObject({ format: 'curtail-report/1' });
    expect(values['findings']?.length).toBeGreaterThan(0);
    expect(await readFile(join(out, 'report.html'), 'utf8')).toContain('<!doctype html>');
  });

  it('lays each fix ready in every form, with a proof that holds from the inputs beside it', async () => {
    const { fixes } = (await json('report.json')) as { fixes: { folder: string }[] };
    expect(fixes.length).toBeGreaterThan(10);
    for (const fix of fixes) {
      const names = await readdir(join(out, fix.folder));
      expect(names.sort()).toEqual([
        'change.json',
        'cli',
        'cloudformation',
        'inputs',
        'policy',
        'proof.json',
        'terraform',
      ]);
      for (const form of ['cli', 'cloudformation', 'policy', 'terraform'])
        expect(await readdir(join(out, fix.folder, form))).not.toEqual([]);
    }
    const [{ folder: first } = { folder: '' }] = fixes;
    const files = await readdir(join(out, first, 'inputs'));
    const inputs = Object.fromEntries(
      await Promise.all(
        files.map(async (name) => [name.replace('.json', ''), await json(first, 'inputs', name)] as const),
      ),
    );
    const proof = (await json(first, 'proof.json')) as Proof;
    expect(verifyDraftProof({ proof, inputs }, prover)).toMatchObject({ valid: true });
  });

  it.each([
    ['a path that is not there', { account: '/nowhere' }, 'no such file'],
    ['findings without their source', { findings: FINDINGS }, '--source'],
    ['a source that is none', { findings: FINDINGS, source: 'acme' }, '--source acme'],
    ['an account that is none', { account: 'nothing' }, 'no account in it'],
    ['a folder with something else in it', { out: 'foreign' }, 'holds no earlier report'],
    ['a folder below a file', { out: 'foreign/letter.txt/x' }, 'cannot be written to'],
    ['a trail without log files', { trail: 'foreign' }, 'no log file'],
  ])('refuses %s with exit code 2, and says what to do', async (_, wrong, words) => {
    said.length = 0;
    const local = (path: string) => (/^(nothing|foreign)/.test(path) ? join(folder.path, path) : path);
    const options = Object.fromEntries(Object.entries(wrong).map(([key, path]) => [key, local(path)]));
    const given = { account: ACCOUNT, out: join(folder.path, 'unused'), quiet: true, ...options };
    expect(await analyse(given)).toBe(2);
    expect(said.join('\n')).toContain(words);
  });
});
