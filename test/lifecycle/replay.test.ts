import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createQuarantine, readAgain } from '../../bin/compose/quarantine.js';
import { findingKey } from '../../domain/finding/fingerprint.js';
import type { Json } from '../../domain/json.js';
import { sha256 } from '../../workers/open-ports.js';
import { openProduct, type Product, unique } from '../support/product.js';

let product: Product;
beforeAll(async () => {
  product = await openProduct();
}, 60_000);
afterAll(() => product.close());

function payload(role: string): Record<string, Json> {
  return { finding: { identityArn: `arn:aws:iam::123456789012:role/${role}`, permissions: ['s3:*'] } };
}

async function refused(original: Json, atMs = product.ports.now()) {
  await product.ports.ledger.quarantine({
    source: 'generic',
    scanId: unique('scan'),
    reason: 'not understood by an older version',
    pointer: '/finding',
    original,
    atMs,
  });
  const [row] = await product.ports.ledger.quarantined(1);
  if (row === undefined) throw new Error('nothing is in quarantine');
  return row;
}

describe('a refused record', () => {
  it('that is understood today is taken in once and starts a life', async () => {
    const desk = createQuarantine(product.ports);
    const row = await refused(payload(unique('role')));
    const replayed = await desk.replay(row);
    expect(replayed).toMatchObject({ outcome: 'taken-in', findingKeys: [expect.any(String)] });
    const [key = ''] = replayed.findingKeys;
    expect(product.starter.started.filter((start) => start.key === key)).toHaveLength(1);
    expect((await desk.list()).some(({ id }) => id === row.id)).toBe(false);
    const after = await desk.record(row.id);
    if (after === undefined) throw new Error('the record is gone');
    expect(await desk.replay(after)).toMatchObject({ outcome: 'resolved-before' });
    expect(product.starter.started.filter((start) => start.key === key)).toHaveLength(1);
  });

  it('does not overwrite what was reported since', async () => {
    const desk = createQuarantine(product.ports);
    const original = payload(unique('role'));
    const [record] = await readAgain('generic', original);
    if (record?.ok !== true) throw new Error('not understood');
    await product.takeIn([{ ...record.finding, title: 'newer' }]);
    const replayed = await desk.replay(await refused(original, product.ports.now() - 60_000));
    expect(replayed.outcome).toBe('overtaken');
    const row = await product.ports.ledger.finding(findingKey(record.finding, sha256));
    expect(row?.finding.title).toBe('newer');
  });

  it.each<[string, Json]>([
    ['no record', { nothing: true }],
    ['cut text', '{"finding": {"ident'],
    ['nothing', null],
    ['a number', 7],
    ['a list', [1, 2]],
    ['a table without meaning', { a: 'b', c: 'd' }],
  ])('that is %s is refused again with a reason, and stays', async (_name, original) => {
    const desk = createQuarantine(product.ports);
    const row = await refused(original);
    expect(await desk.replay(row)).toMatchObject({ outcome: 'refused', reason: expect.any(String) });
    expect((await desk.record(row.id))?.resolution).toBeUndefined();
  });

  it('of a platform that is gone is refused', async () => {
    expect(await readAgain('acme', {})).toMatchObject([{ ok: false }]);
  });
});
