import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';
import { openSecrets, type SecretsFrom } from '../../../activities/secrets/registry.js';

const folder = mkdtempSync(join(tmpdir(), 'curtail-secrets-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Asked {
  url: string;
  headers: Record<string, string>;
}
function vault(status: number, body: unknown): { asked: Asked[]; fetch: typeof globalThis.fetch } {
  const asked: Asked[] = [];
  const fetch: typeof globalThis.fetch = async (url, init) => {
    asked.push({ url: String(url), headers: init?.headers as Record<string, string> });
    return new Response(JSON.stringify(body), { status });
  };
  return { asked, fetch };
}
const from = (over: Partial<SecretsFrom> = {}): SecretsFrom => ({
  config: {},
  folder,
  env: { NAME: 'value', EMPTY: '', ROOT: 'root-token' },
  fetch: vault(500, {}).fetch,
  ...over,
});
const withVault = { vault: { address: 'https://vault.test/', token: 'env:ROOT', mount: 'kv' } };

describe('references to secrets', () => {
  it('come from the environment and from files, and never print', async () => {
    writeFileSync(join(folder, 'key'), 'in-a-file\n', { mode: 0o600 });
    const resolve = await openSecrets(from());
    expect((await resolve('env:NAME')).reveal()).toBe('value');
    const secret = await resolve('file:key');
    expect(secret.reveal()).toBe('in-a-file');
    expect(`${secret} ${JSON.stringify({ secret })} ${inspect(secret)}`).not.toContain('in-a-file');
  });

  it.each([
    ['env:ABSENT', /ABSENT is not set/],
    ['env:EMPTY', /is empty/],
    ['env:toString', /not set/],
    ['file:absent', /reading a secret from .*absent/],
    ['vault:a#b', /not a reference that is configured/],
    ['hunter2', /not a reference/],
  ])('%s is refused with a mend', async (reference, message) => {
    const resolve = await openSecrets(from());
    await expect(resolve(reference)).rejects.toThrow(message);
  });

  it('never repeat what may be the secret itself', async () => {
    const resolve = await openSecrets(from());
    await expect(resolve('hunter2')).rejects.not.toThrow(/hunter2/);
  });

  it('refuse a file that everybody may read', async () => {
    const path = join(folder, 'open');
    writeFileSync(path, 'x');
    chmodSync(path, 0o644);
    const resolve = await openSecrets(from());
    await expect(resolve('file:open')).rejects.toThrow(/everybody may read it/);
  });
});

describe('Vault', () => {
  it('is asked once for a path, with its token, and answers one member', async () => {
    const { asked, fetch } = vault(200, {
      data: { data: { password: 'from-vault' }, metadata: { version: 3 } },
    });
    const resolve = await openSecrets(from({ config: withVault, fetch }));
    expect((await resolve('vault:apps/cur tail#password')).reveal()).toBe('from-vault');
    expect(asked).toEqual([
      {
        url: 'https://vault.test/v1/kv/data/apps/cur%20tail',
        headers: { 'x-vault-token': 'root-token', 'x-vault-request': 'true' },
      },
    ]);
  });

  it.each<[name: string, status: number, body: unknown, reference: string, type: string]>([
    ['a forbidden path', 403, {}, 'vault:a#b', 'vendor.auth'],
    ['a missing path', 404, {}, 'vault:a#b', 'input.not_found'],
    ['a missing member', 200, { data: { data: { c: 'x' } } }, 'vault:a#b', 'input.not_found'],
    ['a member of the prototype', 200, { data: { data: { c: 'x' } } }, 'vault:a#toString', 'input.not_found'],
    ['a member that is no text', 200, { data: { data: { b: 1 } } }, 'vault:a#b', 'input.not_found'],
    ['an engine of version 1', 200, { data: { b: 'x' } }, 'vault:a#b', 'vendor.shape'],
    ['too many questions', 429, {}, 'vault:a#b', 'vendor.throttled'],
    ['a sealed Vault', 503, {}, 'vault:a#b', 'vendor.unavailable'],
    ['a path that climbs', 200, {}, 'vault:a/../sys#b', 'input.invalid'],
  ])('fails on %s', async (_name, status, body, reference, type) => {
    const resolve = await openSecrets(from({ config: withVault, fetch: vault(status, body).fetch }));
    await expect(resolve(reference)).rejects.toMatchObject({ type });
  });
});
