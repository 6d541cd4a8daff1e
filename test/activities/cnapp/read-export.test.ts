import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Position, RawRecord } from '../../../activities/cnapp/export/position.js';
import { readRaw } from '../../../activities/cnapp/export/read-raw.js';
import type { SourceRecord } from '../../../activities/cnapp/port.js';
import { readExport } from '../../../activities/cnapp/read-export.js';
import type { FindingSource } from '../../../domain/finding/finding.js';
import { orcaAlert } from '../../support/orca-server.js';
import { wizIssue } from '../../support/wiz-server.js';

const LISTS = [['data', '*', 'nodes'], ['data'], ['items']];

async function* inChunks(text: string | Buffer, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text as string);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function rawOf(text: string | Buffer, size = 7, at?: Position): Promise<RawRecord[]> {
  const found: RawRecord[] = [];
  const chunks = inChunks(at === undefined ? text : Buffer.from(text as string).subarray(at.offset), size);
  for await (const record of readRaw({
    source: 'wiz',
    lists: LISTS,
    chunks,
    ...(at !== undefined && { at }),
  }))
    found.push(record);
  return found;
}

async function read(source: FindingSource, text: string | Buffer): Promise<SourceRecord[]> {
  const all: SourceRecord[] = [];
  for await (const batch of readExport({
    source,
    body: Readable.from([Buffer.from(text as string)]),
    batch: 2,
  })) {
    expect(batch.length).toBeLessThanOrEqual(2);
    all.push(...batch);
  }
  return all;
}

const ROWS = [
  { id: 1, text: 'a "quoted" ]}{[ text', list: [{ x: [] }] },
  { id: 2, data: { nodes: 'é\u{1f600}' } },
  { id: 3 },
];

describe('forms of exports', () => {
  it.each<[name: string, text: string]>([
    [
      'an answer with a list inside',
      JSON.stringify({ data: { issues: { totalCount: 3, nodes: ROWS, pageInfo: { endCursor: null } } } }),
    ],
    ['an answer spread over lines', JSON.stringify({ totalRows: 3, items: ROWS, last: [1] }, null, 2)],
    ['an answer with its list at the top', JSON.stringify({ data: ROWS, paging: { urls: {} } })],
    ['a plain list', JSON.stringify(ROWS)],
    [
      'a list of answers',
      JSON.stringify([{ data: ROWS.slice(0, 1) }, { data: [] }, { data: ROWS.slice(1) }]),
    ],
    ['answers one after another', ROWS.map((row) => JSON.stringify({ data: [row] }, null, 1)).join('\n')],
    ['JSON Lines', ROWS.map((row) => JSON.stringify(row)).join('\n')],
    [
      'JSON Lines of answers, with Windows line ends',
      ROWS.map((row) => JSON.stringify({ items: [row] })).join('\r\n'),
    ],
    ['a mark of UTF-8 before it', `\uFEFF${JSON.stringify({ data: ROWS })}`],
  ])('reads %s, however it is cut', async (_name, text) => {
    for (const size of [1, 7, 64, 100_000]) {
      const values = (await rawOf(text, size)).map((record) => (record.ok ? record.value : record.reason));
      expect(values).toEqual(ROWS);
    }
  });

  it('takes up again after any record, as another process would', async () => {
    const texts = [
      JSON.stringify({ data: { a: { nodes: ROWS }, b: { nodes: ROWS } } }),
      JSON.stringify([{ data: ROWS }, { items: ROWS }]),
      JSON.stringify(ROWS, null, 1),
      ROWS.map((row) => JSON.stringify(row)).join('\n'),
      'id,text\n1,"a,b\nc"\n2,x\n3,y\n',
    ];
    for (const text of texts) {
      const all = await rawOf(text, 64);
      for (const [i, record] of all.entries()) {
        const at = JSON.parse(JSON.stringify(record.next)) as Position;
        const rest = await rawOf(text, 64, at);
        expect(rest.map(contentOf)).toEqual(all.slice(i + 1).map(contentOf));
      }
    }
  });

  it('finds in any list what JSON.parse finds', async () => {
    const record = fc
      .dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }))
      .filter((each) => !('data' in each) && !('items' in each));
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { maxLength: 5 }),
        fc.integer({ min: 1, max: 50 }),
        async (rows, size) => {
          const text = JSON.stringify({ items: rows, more: rows });
          const plain = JSON.parse(text) as { items: unknown[] };
          expect((await rawOf(text, size)).map((each) => (each.ok ? each.value : each.reason))).toEqual(
            plain.items,
          );
        },
      ),
      { numRuns: 200 },
    );
  });
});

function contentOf(record: RawRecord): unknown {
  if (!record.ok) return record.reason;
  const { value } = record;
  return typeof value === 'object' && value !== null && 'cells' in value
    ? [...(value.cells as Map<string, string>)]
    : value;
}

describe('what is broken', () => {
  it('costs nothing but itself', async () => {
    const text = `{"data":[${JSON.stringify(ROWS[0])}, {"id": oops}, null, 7, "text ]", ${JSON.stringify(ROWS[2])}]}`;
    const found = await rawOf(text);
    expect(found.map((each) => each.ok)).toEqual([true, false, true, true, true, true]);
    expect(found[1]).toMatchObject({ reason: expect.stringContaining('no JSON'), original: '{"id": oops}' });
  });

  it('is told by its line in JSON Lines', async () => {
    const found = await rawOf(`${JSON.stringify(ROWS[0])}\n{"id": oops}\n\n${JSON.stringify(ROWS[2])}`);
    expect(found.map((each) => [each.ok, each.line])).toEqual([
      [true, 1],
      [false, 2],
      [true, 4],
    ]);
  });

  it('is told when the export breaks off, so that what is missing does not pass for resolved', async () => {
    const found = await rawOf(JSON.stringify({ data: ROWS }).slice(0, -30));
    expect(found.at(-1)).toMatchObject({
      ok: false,
      isCut: true,
      reason: expect.stringContaining('breaks off'),
    });
  });

  it.each<[name: string, bytes: Buffer, reason: RegExp]>([
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0]), /compressed/],
    ['ZIP', Buffer.from('PK\u0003\u0004'), /ZIP/],
    ['UTF-16', Buffer.from('\uFEFF{"a":1}', 'utf16le'), /UTF-16/],
    ['a web page', Buffer.from('<!DOCTYPE html><html>'), /web page/],
  ])('is told by name when it is %s', async (_name, bytes, reason) => {
    expect((await rawOf(bytes))[0]).toMatchObject({
      ok: false,
      isCut: true,
      reason: expect.stringMatching(reason),
    });
  });

  it('is passed over when it is too long, in flat memory', async () => {
    const long = `{"id":"${'x'.repeat(5 * 1024 * 1024)}"}`;
    const found = await rawOf(`{"data":[${long},{"id":2}]}`, 65_536);
    expect(found.map((each) => each.ok)).toEqual([false, true]);
    const lines = await rawOf(`{"id":1}\n${long}\n{"id":2}`, 65_536);
    expect(lines.map((each) => each.ok)).toEqual([true, false, true]);
  });

  it('is nothing when there is nothing', async () => {
    expect(await rawOf('')).toEqual([]);
    expect(await rawOf('[]')).toEqual([]);
    expect(await rawOf('{"data":[]}')).toEqual([]);
  });
});

describe('tables', () => {
  it('reads the issues report of Wiz', async () => {
    const header =
      'Created At,Title,Severity,Status,Resource Type,Resource external ID,Subscription ID,Control ID,Resource Name,Resource Platform,Issue ID,Resource Tags,Wiz URL';
    const tags = '"{""owner"":""ana@example.com""}"';
    const row = `2026-09-01T00:00:00Z,"Role, with wildcard permissions",HIGH,OPEN,Access Role,arn:aws:iam::123456789012:role/r,123456789012,wc-id-1,r,AWS,issue-1,${tags},https://app.wiz.io/issues`;
    const [good, bad] = await read('wiz', `${header}\n${row}\n,,,,,,,,,,,,\n`);
    expect(good).toMatchObject({
      ok: true,
      finding: {
        sourceId: 'issue-1',
        kind: 'excessive-permissions',
        subject: { type: 'identity' },
        ownerHints: ['ana@example.com'],
        consoleUrl: 'https://app.wiz.io/issues',
      },
    });
    expect(bad).toMatchObject({ ok: false, line: 3, pointer: '/id' });
  });

  it('reads tables of the others', async () => {
    const arn = 'arn:aws:iam::123456789012:role/r';
    const prisma = await read(
      'prisma',
      `Alert ID,Alert Status,Policy Name,Policy Type,Policy Severity,Resource ID,Resource Name,Cloud Type,Account ID\nI-1,open,Role with excessive permissions,IAM,high,${arn},r,AWS,123456789012\n`,
    );
    expect(prisma[0]).toMatchObject({
      ok: true,
      finding: { sourceId: 'I-1', kind: 'excessive-permissions', subject: { id: arn } },
    });
    const orca = await read(
      'orca',
      `Alert ID;Alert Type;Rule Type;Risk Level;Status;Asset Type;Asset ARN\norca-1;Role with unused services;aws_role_with_unused_services;High;open;AwsIamRole;${arn}\n`,
    );
    expect(orca[0]).toMatchObject({
      ok: true,
      finding: { sourceId: 'orca-1', severity: 'high', subject: { id: arn } },
    });
    const lacework = await read(
      'lacework',
      `Alert ID\tAlert Name\tSeverity\tStatus\tResource\n7\tRole with unused permissions\tLow\tOpen\t${arn}\n`,
    );
    expect(lacework[0]).toMatchObject({
      ok: true,
      finding: { sourceId: '7', severity: 'low', subject: { id: arn } },
    });
    const generic = await read('generic', `identityArn,permissions\n${arn},s3:* sqs:*\n`);
    expect(generic[0]).toMatchObject({ ok: true, finding: { evidence: { permissions: ['s3:*', 'sqs:*'] } } });
  });

  it('puts a row with too many cells aside', async () => {
    expect((await read('wiz', 'Issue ID,Status\na,b,c\n'))[0]).toMatchObject({
      ok: false,
      line: 2,
      reason: expect.stringContaining('3 cells'),
    });
  });
});

describe('an export that is handed in', () => {
  it('comes in batches, with the original beside', async () => {
    const rows = [1, 2, 3].map((n) => wizIssue(n));
    const records = await read('wiz', JSON.stringify({ data: { issues: { nodes: rows } } }));
    expect(records.map((each) => each.original)).toEqual(rows);
    expect(records.every((each) => each.ok)).toBe(true);
  });

  it('says so when it has evidence only', async () => {
    const row = { PRINCIPAL_ID: 'arn:aws:iam::1:role/r', ACTION: 's3:GetObject', LAST_USED_TIME: null };
    expect(await read('lacework', JSON.stringify({ data: [row] }))).toMatchObject([
      { ok: false, reason: expect.stringContaining('only evidence') },
    ]);
  });

  it('takes one record that stands alone', async () => {
    expect(await read('orca', JSON.stringify(orcaAlert(1)))).toMatchObject([
      { ok: true, finding: { sourceId: 'orca-1' } },
    ]);
  });
});
