import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditRow, Ledger } from '../../activities/ledger/port.js';
import { openLedger } from '../../activities/ledger/registry.js';
import { auditLines } from '../../client/gateway/pages/audit.js';
import { verifyExport } from '../../client/offline-audit.js';
import type { ChainHead } from '../../domain/audit/chain.js';
import { readHeads, type SignedHeads, signHeads } from '../../runtime/audit-heads.js';
import { openPublicKeys, openSigner, retirePublicKey } from '../../runtime/grant-keys.js';
import { Secret } from '../../runtime/secret.js';

let folder = '';
let ledger: Ledger;
const lines: string[] = [];
let heads: readonly ChainHead[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'curtail-offline-'));
  ledger = await openLedger(
    { vendor: 'embedded', folder: 'ledger' },
    { log: () => undefined, now: Date.now, fetch, folder, resolveSecret: async () => new Secret('') },
  );
  for (let i = 1; i <= 4; i += 1)
    await ledger.audit(
      ['finding/a', 'finding/b'].map((stream) => ({
        id: `${stream}/${i}`,
        stream,
        type: 'test.row',
        actor: 'ana',
        atMs: i,
        fields: { i },
        body: { text: `body ${i}` },
      })),
    );
  for await (const line of auditLines(ledger)) lines.push(line.trimEnd());
  heads = await ledger.auditHeads();
}, 60_000);
afterAll(async () => {
  await ledger.close();
  await rm(folder, { recursive: true, force: true });
});

async function* from(texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}
async function faultsOf(
  texts: readonly string[],
  given: readonly ChainHead[] = [],
): Promise<readonly string[]> {
  return (await verifyExport(from(texts), given)).faults.map(({ fault }) => fault);
}
function edited(index: number, change: (row: AuditRow) => unknown): readonly string[] {
  return lines.map((line, at) =>
    at === index ? JSON.stringify(change(JSON.parse(line) as AuditRow)) : line,
  );
}

describe('an export of the audit rows', () => {
  it('verifies by itself, and against the heads of its time', async () => {
    expect(await verifyExport(from(lines), heads)).toEqual({ ok: true, rows: 8, faults: [] });
  });

  it('shows what was edited, moved, left out, or is no row', async () => {
    expect(await faultsOf(edited(2, (row) => ({ ...row, actor: 'mallory' })))).toEqual([
      'was edited: its content does not have its hash',
    ]);
    expect(await faultsOf(edited(2, (row) => ({ ...row, body: { text: 'another' } })))).toEqual([
      'its body is not the one that was recorded',
    ]);
    expect(await faultsOf(edited(2, ({ body: _erased, ...row }) => row))).toEqual([]);
    expect(await faultsOf(lines.filter((_line, at) => at !== 3))).not.toEqual([]);
    expect(await faultsOf([...lines.slice(0, 2), ...lines.slice(2).reverse()])).not.toEqual([]);
    expect(await faultsOf([...lines, '{"half":'])).toEqual(['line 9 of the export is no audit row']);
  });

  it('that was cut off at its end is shown by the heads, and by nothing else', async () => {
    const cut = lines.slice(0, 6);
    expect(await faultsOf(cut)).toEqual([]);
    expect(await faultsOf(cut, heads)).toEqual(['rows 4 to 4 were cut off', 'rows 4 to 4 were cut off']);
  });
});

describe('signed heads', () => {
  it('are believed with the gateway’s public key alone, and with nothing changed', async () => {
    const keys = join(folder, 'keys');
    const signer = await openSigner(keys);
    const file = await signHeads(heads, signer, 1_800_000_000_000);
    const reads = (given: unknown) => readHeads(given, openPublicKeys(keys));
    expect(await reads(JSON.parse(JSON.stringify(file)))).toEqual({ ok: true, atMs: file.atMs, heads });

    const shorter: SignedHeads = { ...file, heads: file.heads.slice(1) };
    const later: SignedHeads = { ...file, atMs: file.atMs + 1 };
    const other = await openSigner(join(folder, 'other-keys'));
    const foreign = await signHeads(heads, other, file.atMs);
    const grant = { ...file, signature: await signer.sign('curtail-grant+jwt', { atMs: file.atMs }) };
    for (const forged of [shorter, later, foreign, grant, { heads }, null])
      expect(await reads(forged)).toMatchObject({ ok: false });
    await retirePublicKey(keys, signer.kid);
    expect(await reads(file)).toMatchObject({ ok: false, reason: expect.stringContaining('retired') });
  });
});
