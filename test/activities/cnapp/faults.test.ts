import { describe, expect, it } from '@jest/globals';
import { isRecord } from '../../../domain/json.js';
import { HOSTILE, scanAll } from './port-contract.js';
import { type ApiSubject, openLacework, openOrca, openPrisma, openWiz } from './subjects.js';

const VENDORS: readonly [vendor: string, open: () => Promise<ApiSubject>][] = [
  ['wiz', openWiz],
  ['prisma', openPrisma],
  ['orca', openOrca],
  ['lacework', openLacework],
];

/** Ids that a whole scan finds, and how many records it cannot understand. */
async function found(subject: ApiSubject): Promise<{ ids: ReadonlySet<string>; refused: number }> {
  const { records } = await scanAll(subject.again);
  return {
    ids: new Set(records.flatMap((record) => (record.ok ? [record.finding.sourceId] : []))),
    refused: records.filter((record) => !record.ok).length,
  };
}

/** Paths to every member below a value. */
function paths(value: unknown, at: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (Array.isArray(value)) return value.flatMap((each, i) => [[...at, i], ...paths(each, [...at, i])]);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, each]) => [[...at, name], ...paths(each, [...at, name])]);
}

/** The record with one member replaced, or taken out when there is nothing to replace it by. */
function changed(
  record: unknown,
  path: readonly (string | number)[],
  by?: { value: unknown },
): Record<string, unknown> {
  const copy = structuredClone(record) as Record<string, unknown>;
  let place: Record<string | number, unknown> = copy;
  for (const step of path.slice(0, -1)) place = place[step] as Record<string | number, unknown>;
  const last = path.at(-1) ?? '';
  if (by === undefined) delete place[last];
  else place[last] = by.value;
  return copy;
}

function everyString(value: unknown, to: string): unknown {
  if (typeof value === 'string') return to;
  if (Array.isArray(value)) return value.map((each) => everyString(each, to));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, everyString(each, to)]));
}

describe.each(VENDORS)('%s', (vendor, open) => {
  it.each<[drift: string, by: { value: unknown } | undefined]>([
    ['gone', undefined],
    ['null', { value: null }],
    ['a number', { value: 7 }],
    ['a list', { value: [{}] }],
    ['an object', { value: { new: true } }],
    ['an unknown word', { value: 'BRAND_NEW' }],
  ])('goes on when any member of a record is %s', async (_drift, by) => {
    const subject = await open();
    const original = structuredClone(subject.rows[2]);
    for (const path of paths(original)) {
      subject.rows[2] = changed(original, path, by);
      const { ids, refused } = await found(subject);
      const others = subject.ids.filter((_id, i) => i !== 2);
      expect({ path, there: others.filter((id) => ids.has(id)) }).toEqual({ path, there: others });
      expect(refused).toBeLessThanOrEqual(1);
    }
  });

  it('finds each once when rows come twice, on one page and on two', async () => {
    const subject = await open();
    const [first, second] = subject.rows;
    if (first === undefined || second === undefined) throw new Error('no rows');
    subject.rows.splice(1, 0, structuredClone(first));
    subject.rows.push(structuredClone(second));
    expect(await found(subject)).toEqual({ ids: new Set(subject.ids), refused: 0 });
  });

  it('finds all of them in any order', async () => {
    const subject = await open();
    subject.rows.reverse();
    expect((await found(subject)).ids).toEqual(new Set(subject.ids));
  });

  it('bounds hostile text in every member of a record', async () => {
    const subject = await open();
    subject.rows[2] = everyString(subject.rows[2], HOSTILE) as Record<string, unknown>;
    const { records } = await scanAll(subject.again);
    const seen = records.flatMap((record) => (record.ok ? [record.finding] : []));
    expect(seen.length).toBeGreaterThanOrEqual(4);
    for (const finding of seen) {
      expect(finding.title.length).toBeLessThanOrEqual(300);
      expect(JSON.stringify(finding).length).toBeLessThan(100_000);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there
      expect(`${finding.title}${finding.subject.name}`).not.toMatch(/[\u0000-\u001f]/);
    }
  });

  it('reads no answer of 50 MB, and says so', async () => {
    const subject = await open();
    subject.double.next({ text: `{"data": "${'x'.repeat(50 * 1024 * 1024)}"}` });
    await expect(subject.source.list({})).rejects.toMatchObject({
      type: 'vendor.shape',
      message: expect.stringMatching(/more than \d+ bytes/),
    });
    expect((await subject.source.list({})).records.length).toBeGreaterThan(0);
  });

  it.each([
    ['ahead', 3 * 3_600_000],
    ['behind', -3 * 3_600_000],
  ])('lists, and does not sign in for every page, when our clock is hours %s', async (_name, offMs) => {
    const subject = await open();
    const { double } = subject;
    subject.skew(offMs);
    let cursor: string | undefined;
    const ids = new Set<string>();
    do {
      const page = await subject.source.list(cursor === undefined ? {} : { cursor });
      for (const record of page.records) if (record.ok) ids.add(record.finding.sourceId);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(ids).toEqual(new Set(subject.ids));
    expect(double.signIns()).toBeLessThanOrEqual(1);
  });

  it('says what to check when its credentials are refused in the middle of a list', async () => {
    const subject = await open();
    const { nextCursor = '' } = await subject.source.list({});
    subject.double.expireTokens();
    subject.double.locked = true;
    await expect(subject.source.list({ cursor: nextCursor })).rejects.toMatchObject({
      type: 'vendor.auth',
      message: expect.stringMatching(new RegExp(`^${vendor}.*check`)),
    });
  });
});
