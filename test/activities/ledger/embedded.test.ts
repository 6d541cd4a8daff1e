import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openLedger } from '../../../activities/ledger/registry.js';
import { Secret } from '../../../runtime/secret.js';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'curtail-embedded-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function open(config: unknown): ReturnType<typeof openLedger> {
  return openLedger(config, {
    log: () => undefined,
    now: Date.now,
    fetch,
    folder,
    resolveSecret: async (reference) => new Secret(reference.replace(/^test:/, '')),
  });
}

function startWriter(in_: string): { child: ChildProcess; lines: AsyncIterator<string> } {
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/activities/ledger/crash-child.ts', in_], {
    cwd: REPOSITORY,
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.stdout === null) throw new Error('the writer was started without its output');
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

async function nextLine(lines: AsyncIterator<string>): Promise<string> {
  const { value, done } = await lines.next();
  if (done === true) throw new Error('the writer ended early');
  return value;
}

describe('an embedded ledger', () => {
  it('refuses a second process, and loses nothing that was acknowledged when the first is killed', async () => {
    const ledgerFolder = join(folder, 'killed');
    const { child, lines } = startWriter(ledgerFolder);
    expect(await nextLine(lines)).toBe('ready');
    await expect(open({ vendor: 'embedded', folder: ledgerFolder })).rejects.toMatchObject({
      type: 'ledger.unavailable',
      message: expect.stringMatching(new RegExp(`in use by process ${child.pid} .*DATABASE_URL`)),
    });
    let acknowledged = -1;
    while (acknowledged < 17) acknowledged = Number(await nextLine(lines));
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    for (let line = await lines.next(); line.done !== true; line = await lines.next())
      acknowledged = Number(line.value);

    const ledger = await open({ vendor: 'embedded', folder: ledgerFolder });
    const rows = await ledger.auditOf({ limit: 10_000 });
    const ids = new Set(rows.map(({ id }) => id));
    expect(Array.from({ length: acknowledged + 1 }, (_, i) => `e${i}`).filter((id) => !ids.has(id))).toEqual(
      [],
    );
    expect(rows.filter(({ body }) => body === undefined)).toEqual([]);
    expect(await ledger.verifyAudit()).toEqual({ ok: true, rows: rows.length, faults: [] });
    await ledger.close();
  });

  it('makes a body key that only its owner can read, and cannot do without it', async () => {
    const config = { vendor: 'embedded', folder: 'keyed' };
    const first = await open(config);
    const { digest } = await first.putEvidence({ kind: 'test', body: 'kept' });
    await expect(open(config)).rejects.toThrow(/in use by process/);
    await first.close();
    await expect(first.ping()).rejects.toMatchObject({ type: 'ledger.unavailable' });
    const keyFile = join(folder, 'keyed', 'body.key');
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
    const key = (await readFile(keyFile, 'utf8')).trim();

    await chmod(keyFile, 0o600);
    await rm(keyFile);
    await expect(open(config)).rejects.toThrow(/stored evidence needs the body keys [0-9a-f]{16}: add them/);
    const rotated = await open({ ...config, previousBodyKeys: [`test:${key}`] });
    expect(await rotated.evidence(digest)).toBe('kept');
    await rotated.close();
  });

  it.each<[name: string, config: unknown, fault: RegExp]>([
    ['an unknown vendor', { vendor: 'mysql', folder: 'x' }, /vendor/],
    [
      'a key that is too short',
      { vendor: 'embedded', folder: 'y', bodyKey: 'test:c2hvcnQ=' },
      /not 32 bytes/,
    ],
    ['a server without a key', { vendor: 'postgres' }, /env:CURTAIL_BODY_KEY is not 32 bytes/],
    ['an unknown member', { vendor: 'embedded', folder: 'y', fodler: 1 }, /fodler/],
  ])('refuses %s', async (_name, config, fault) => {
    await expect(open(config)).rejects.toThrow(fault);
  });
});
