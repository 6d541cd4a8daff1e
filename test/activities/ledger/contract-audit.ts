import { describe, expect, it } from '@jest/globals';
import { entry } from './builders.js';
import type { Bench } from './port-contract.js';

/** The chain: written once, in order, and no tampering goes unseen. */
export function auditContract({ ledger, sql }: Bench): void {
  const write = (count: number, stream = 'finding/k1'): Promise<void> =>
    ledger().audit(
      Array.from({ length: count }, (_, i) => entry(`${stream}-${i}`, { stream, fields: { i } })),
    );
  const tamper = (statement: string): Promise<void> =>
    sql().script(`
      ALTER TABLE audit_rows DISABLE TRIGGER USER;
      ${statement};
      ALTER TABLE audit_rows ENABLE TRIGGER USER;`);

  describe('the audit chain', () => {
    it('writes an id once, also twice in one call', async () => {
      await ledger().audit([entry('e1'), entry('e1', { actor: 'eve' }), entry('e2')]);
      await ledger().audit([entry('e2', { actor: 'eve' }), entry('e3')]);
      const rows = await ledger().auditOf({});
      expect(rows.map(({ id, seq, position, actor }) => [id, seq, position, actor])).toEqual([
        ['e1', 1, 1, 'curtail'],
        ['e2', 2, 2, 'curtail'],
        ['e3', 3, 3, 'curtail'],
      ]);
    });

    it('reads back by stream, finding and number', async () => {
      await ledger().audit([
        entry('e1', { stream: 'a', findingKey: 'k1', workflowId: 'w' }),
        entry('e2', { stream: 'b', fields: { yes: true, n: 1.5, text: '\u0000\ud800' } }),
        entry('e3', { stream: 'a', findingKey: 'k2' }),
      ]);
      const ids = async (filter: Parameters<ReturnType<typeof ledger>['auditOf']>[0]): Promise<string> =>
        (await ledger().auditOf(filter)).map(({ id }) => id).join();
      expect(await ids({ stream: 'a' })).toBe('e1,e3');
      expect(await ids({ findingKey: 'k2' })).toBe('e3');
      expect(await ids({ afterSeq: 1, limit: 1 })).toBe('e2');
      expect((await ledger().auditOf({ stream: 'b' }))[0]?.fields).toEqual({
        yes: true,
        n: 1.5,
        text: '\u0000\ud800',
      });
      expect((await ledger().verifyAudit()).ok).toBe(true);
    });

    it('verifies although names hold what a database cannot', async () => {
      await ledger().audit([
        entry('e\u0000', { stream: 's\ud800', actor: '\udfff\u0000', type: 'a\u0000b' }),
      ]);
      await ledger().audit([entry('e\u0000', { stream: 's\ud800' })]);
      expect(await ledger().verifyAudit()).toEqual({ ok: true, rows: 1, faults: [] });
    });

    it('has no gap and no fork when many write at once', async () => {
      await Promise.all(
        Array.from({ length: 30 }, (_, i) =>
          ledger().audit([entry(`x${i}`, { stream: 'x' }), entry(`y${i}`, { stream: `y${i % 3}` })]),
        ),
      );
      const rows = await ledger().auditOf({});
      expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
      expect(await ledger().verifyAudit()).toEqual({ ok: true, rows: 60, faults: [] });
    });

    it('is append-only', async () => {
      await write(2);
      await expect(sql().query(`UPDATE audit_rows SET actor = 'eve'`)).rejects.toThrow(/append-only/);
      await expect(sql().query('DELETE FROM audit_rows')).rejects.toThrow(/append-only/);
      await expect(sql().query('TRUNCATE audit_rows')).rejects.toThrow(/append-only/);
      expect((await ledger().verifyAudit()).ok).toBe(true);
    });

    it('writes nothing when its transaction fails', async () => {
      await expect(ledger().audit([entry('e1'), entry('e2', { atMs: Number.NaN })])).rejects.toThrow();
      expect(await ledger().auditHeads()).toEqual([]);
      expect(await ledger().verifyAudit()).toEqual({ ok: true, rows: 0, faults: [] });
    });

    it.each<[name: string, statement: string, fault: RegExp]>([
      ['an edited actor', `UPDATE audit_rows SET actor = 'eve' WHERE id = 'a-2'`, /^a 3: was edited/],
      ['an edited field', `UPDATE audit_rows SET fields = '{"i":9}' WHERE id = 'a-2'`, /^a 3: was edited/],
      ['an edited time', `UPDATE audit_rows SET at_ms = 7 WHERE id = 'a-2'`, /^a 3: was edited/],
      ['a deleted row', `DELETE FROM audit_rows WHERE id = 'a-2'`, /^a 4: rows 3 to 3 are missing/],
      ['a deleted first row', `DELETE FROM audit_rows WHERE id = 'a-0'`, /^a 2: rows 1 to 1 are missing/],
      [
        'a cut-off end',
        `DELETE FROM audit_rows WHERE stream = 'a' AND position > 3`,
        /^a 5: rows 4 to 5 were cut off/m,
      ],
      [
        'a cut-off end whose head was moved',
        `DELETE FROM audit_rows WHERE stream = 'a' AND position > 3;
         UPDATE audit_heads SET position = 3, hash = (SELECT hash FROM audit_rows WHERE id = 'a-2') WHERE stream = 'a'`,
        /^\* 0: 7 rows were written, 5 are there/,
      ],
      [
        'a stream that vanished with its head',
        `DELETE FROM audit_rows WHERE stream = 'a'; DELETE FROM audit_heads WHERE stream = 'a'`,
        /^\* 0: 7 rows were written, 2 are there/,
      ],
      [
        'two rows that changed places',
        `UPDATE audit_rows SET position = 99 WHERE id = 'a-1'; UPDATE audit_rows SET position = 2 WHERE id = 'a-2';
         UPDATE audit_rows SET position = 3 WHERE id = 'a-1'`,
        /^a 2: does not follow the row before it/,
      ],
      [
        'a row that was slipped in at the end of a chain',
        `INSERT INTO audit_rows SELECT 8, stream, 3, 'forged', type, actor, at_ms, finding_key, workflow_id, fields,
           body_digest, hash, hash FROM audit_rows WHERE id = 'b-1'`,
        /^\* 0: row 8 was not written by the ledger/m,
      ],
      ['rows moved to another stream', `UPDATE audit_rows SET stream = 'c' WHERE stream = 'b'`, /was edited/],
    ])('shows %s', async (_name, statement, fault) => {
      await write(5, 'a');
      await write(2, 'b');
      expect((await ledger().verifyAudit()).ok).toBe(true);
      await tamper(statement);
      const { ok, faults } = await ledger().verifyAudit();
      expect(ok).toBe(false);
      expect(
        faults.map(({ stream, position, fault }) => `${stream} ${position}: ${fault}`).join('\n'),
      ).toMatch(fault);
    });

    it('shows by earlier heads what was cut off by someone who can write everywhere', async () => {
      await write(5, 'a');
      const exported = await ledger().auditHeads();
      expect(exported).toEqual([{ stream: 'a', position: 5, hash: exported[0]?.hash }]);
      await tamper(`
        DELETE FROM audit_rows WHERE position > 3;
        UPDATE audit_heads SET position = 3, hash = (SELECT hash FROM audit_rows WHERE position = 3);
        UPDATE audit_counter SET seq = 3`);
      expect((await ledger().verifyAudit()).ok).toBe(true);
      const { ok, faults } = await ledger().verifyAudit(exported);
      expect(ok).toBe(false);
      expect(faults).toEqual([{ stream: 'a', position: 5, fault: 'rows 4 to 5 were cut off' }]);
    });
  });
}
