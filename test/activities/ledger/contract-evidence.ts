import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bodyKeys, digestBody } from '../../../activities/ledger/bodies.js';
import { missingBodyKeys } from '../../../activities/ledger/body-store.js';
import { createLedger } from '../../../activities/ledger/ledger.js';
import type { ModelCallRow } from '../../../activities/ledger/port.js';
import { canonicalJson, type Json } from '../../../domain/json.js';
import { entry } from './builders.js';
import type { Bench } from './port-contract.js';

const MARK = 'a very particular sentence';

const CALL: ModelCallRow = {
  llmSessionId: 'llm-1',
  findingKey: 'k1',
  promptId: 'explain',
  promptVersion: 1,
  promptDigest: 'p',
  model: 'm',
  redactedPrompt: `prompt: ${MARK}`,
  answer: `answer: ${MARK}`,
  inputTokens: 10,
  outputTokens: 20,
  latencyMs: 30,
  requestedBy: 'ada',
  atMs: 40,
  outcome: 'used',
};

/** Bodies: what is kept under keys of its own, and that it is gone once its key is. */
export function evidenceContract({ ledger, sql }: Bench): void {
  describe('evidence', () => {
    it('is any JSON, under the digest of its canonical text', async () => {
      await fc.assert(
        fc.asyncProperty(fc.jsonValue({ noUnicodeString: false }), async (value) => {
          const { digest } = await ledger().putEvidence({ kind: 'test', body: value as Json });
          expect(canonicalJson(await ledger().evidence(digest))).toBe(canonicalJson(value));
        }),
        { numRuns: 30 },
      );
    });

    it('is large without harm', async () => {
      const body = { text: 'x'.repeat(5_000_000) };
      const { digest } = await ledger().putEvidence({ kind: 'test', body });
      expect(await ledger().evidence(digest)).toEqual(body);
    });

    it('has one name whatever the order of its members, and is kept once', async () => {
      const one = await ledger().putEvidence({ kind: 'test', body: { a: 1, b: 2 } });
      const two = await ledger().putEvidence({ kind: 'test', body: { b: 2, a: 1 } });
      expect(two).toEqual(one);
      expect(await sql().query('SELECT digest FROM evidence')).toHaveLength(1);
    });

    it('is kept several at once, also what was erased and what is there already', async () => {
      const named = (body: Json) => ({ kind: 'test', digest: digestBody(body).digest, body });
      const [there, erased, fresh] = [named('there'), named('erased'), named('new')];
      await ledger().putAllEvidence([there, erased]);
      await ledger().eraseEvidence(erased.digest, []);
      expect(await ledger().evidence(erased.digest)).toBeUndefined();
      await ledger().putAllEvidence([there, erased, fresh, fresh]);
      for (const { digest, body } of [there, erased, fresh])
        expect(await ledger().evidence(digest)).toBe(body);
      expect(await sql().query('SELECT digest FROM evidence')).toHaveLength(3);
    });

    it('is not kept under the digest of something else', async () => {
      const { digest } = digestBody('another');
      await expect(ledger().putAllEvidence([{ kind: 'test', digest, body: 'this' }])).rejects.toThrow(
        /is not its digest/,
      );
    });

    it('is not stored in clear', async () => {
      await ledger().putEvidence({ kind: 'test', body: MARK });
      await ledger().audit([entry('e1', { body: MARK })]);
      await ledger().logModelCall(CALL, []);
      const [found] = await sql().query<{ clear: boolean; blobs: number }>(
        `SELECT bool_or(position(convert_to($1, 'UTF8') IN body) > 0) AS clear, count(*) AS blobs FROM evidence`,
        [MARK],
      );
      expect(found).toEqual({ clear: false, blobs: 3 });
      const calls = await sql().query<{ call: string }>('SELECT call FROM model_calls');
      expect(JSON.stringify(calls)).not.toContain(MARK);
    });

    it('is gone once erased, while digest and chain stay', async () => {
      await ledger().audit([entry('e1', { body: { secret: MARK } })]);
      const [row] = await ledger().auditOf({});
      expect(row?.body).toEqual({ secret: MARK });
      expect((await ledger().auditOf({ withoutBodies: true }))[0]).toEqual({ ...row, body: undefined });
      const digest = row?.bodyDigest ?? '';
      await ledger().eraseEvidence(digest, [entry('e2', { type: 'evidence.erased', fields: { digest } })]);
      await ledger().eraseEvidence(digest, [entry('e2', { type: 'evidence.erased', fields: { digest } })]);
      expect(await ledger().evidence(digest)).toBeUndefined();
      const rows = await ledger().auditOf({});
      expect(rows.map(({ id, bodyDigest, body }) => [id, bodyDigest, body])).toEqual([
        ['e1', digest, undefined],
        ['e2', undefined, undefined],
      ]);
      expect(await sql().query('SELECT wrapped_key, body FROM evidence')).toEqual([
        { wrapped_key: null, body: null },
      ]);
      expect((await ledger().verifyAudit()).ok).toBe(true);
    });

    it('stays erased when the same record is merely seen again', async () => {
      const record = { key: 'a', fingerprint: 'f', original: { o: 1 } };
      const { digest } = await ledger().putEvidence({ kind: 'original', body: record.original });
      await ledger().eraseEvidence(digest, []);
      await ledger().quarantine({
        source: 's',
        scanId: '1',
        reason: 'r',
        original: record.original,
        atMs: 1,
      });
      expect(await ledger().evidence(digest)).toBeUndefined();
      expect((await ledger().quarantined(1))[0]?.original).toBeNull();
      await ledger().putEvidence({ kind: 'original', body: record.original });
      expect(await ledger().evidence(digest)).toEqual(record.original);
    });

    it('cannot be erased when it was never there', async () => {
      await expect(ledger().eraseEvidence('0'.repeat(64), [])).rejects.toMatchObject({
        type: 'input.not_found',
      });
    });

    it('does not open when it was altered or moved', async () => {
      const one = await ledger().putEvidence({ kind: 'test', body: { n: 1 } });
      const two = await ledger().putEvidence({ kind: 'test', body: { n: 2 } });
      await sql().query(
        'UPDATE evidence SET body = (SELECT body FROM evidence WHERE digest = $1) WHERE digest = $2',
        [one.digest, two.digest],
      );
      await expect(ledger().evidence(two.digest)).rejects.toThrow(/was altered/);
      await expect(ledger().evidence(one.digest)).resolves.toEqual({ n: 1 });
    });

    it('outlives a change of the master key, as long as the earlier one is configured', async () => {
      const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
      const under = (...keys: Uint8Array[]): ReturnType<typeof ledger> =>
        createLedger({ sql: sql(), keys: bodyKeys(keys), now: () => 1 });
      const { digest } = await under(oldKey).putEvidence({ kind: 'test', body: 'kept' });
      expect(await under(newKey, oldKey).evidence(digest)).toBe('kept');
      await expect(under(newKey).evidence(digest)).rejects.toThrow(/is not configured/);
      expect(await missingBodyKeys(sql(), bodyKeys([newKey]))).toHaveLength(1);
      expect(await missingBodyKeys(sql(), bodyKeys([newKey, oldKey]))).toEqual([]);
    });
  });

  it('logs a model call once, and its texts can be erased', async () => {
    await ledger().logModelCall(CALL, [entry('e1')]);
    await ledger().logModelCall({ ...CALL, answer: 'another' }, [entry('e1')]);
    expect(await ledger().modelCalls('k1')).toEqual([CALL]);
    const { digest } = await ledger().putEvidence({ kind: 'answer', body: CALL.answer });
    await ledger().eraseEvidence(digest, []);
    expect(await ledger().modelCalls('k1')).toEqual([{ ...CALL, answer: '[erased]' }]);
    expect(await ledger().modelCalls('k2')).toEqual([]);
  });

  it('keeps calls of platforms by finding, newest first, and not for ever', async () => {
    const call = { platform: 'wiz', method: 'POST', operation: 'reading', status: 200, durationMs: 5 };
    const day = 86_400_000;
    await ledger().logPlatformCalls([]);
    await ledger().logPlatformCalls([
      { ...call, sourceId: 'a', atMs: day, digest: 'd1' },
      { ...call, sourceId: 'a', atMs: day + 1, status: 0 },
      { ...call, sourceId: 'b', atMs: day },
      { ...call, atMs: day },
    ]);
    await ledger().logPlatformCalls([{ ...call, platform: 'orca', sourceId: 'a', atMs: day + 2 }]);
    const of = (platform: string, sourceId: string, limit?: number) =>
      ledger().platformCalls({ platform, sourceId, ...(limit !== undefined && { limit }) });
    expect(await of('wiz', 'a')).toEqual([
      { ...call, sourceId: 'a', atMs: day + 1, status: 0 },
      { ...call, sourceId: 'a', atMs: day, digest: 'd1' },
    ]);
    expect(await of('wiz', 'a', 1)).toHaveLength(1);
    expect(await of('wiz', "'; DROP TABLE")).toEqual([]);
    await ledger().logPlatformCalls([{ ...call, sourceId: 'b', atMs: 40 * day }]);
    expect(await of('wiz', 'a')).toEqual([]);
    expect(await of('wiz', 'b')).toHaveLength(1);
  });
}
