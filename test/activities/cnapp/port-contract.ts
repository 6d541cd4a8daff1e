import { describe, expect, it } from '@jest/globals';
import type { CnappSource, FindingPage, SourceRecord } from '../../../activities/cnapp/port.js';
import { isRecord } from '../../../domain/json.js';
import type { PlatformDouble } from '../../support/platform-double.js';

/** One adapter, opened on five findings of roles `role-1` to `role-5`, in pages of two. */
export interface Subject {
  source: CnappSource;
  /** The same again, as another process would have it. */
  again(): Promise<CnappSource>;
  ids: readonly string[];
  /** Replaces the third record by one that cannot be understood. */
  spoil(): void | Promise<void>;
  /** Gives the third record a severity that nobody knows, a field that nobody reads, and hostile text. */
  surprise(): void | Promise<void>;
  lines(): readonly { level: string; message: string; fields: unknown }[];
  /** Comments that the platform has of a finding. */
  comments(sourceId: string): Promise<readonly string[]>;
}

/** Text that must come through bounded and without control characters. */
export const HOSTILE = `\u0000\u001b[31m<script>alert(1)</script>\u2028${'x'.repeat(10_000)}`;

/** All pages of a scan, each asked for by a new process. */
export async function scanAll(
  open: () => Promise<CnappSource>,
): Promise<{ records: SourceRecord[]; pages: FindingPage[] }> {
  const pages: FindingPage[] = [];
  let cursor: string | undefined;
  do {
    const source = await open();
    const page = await source.list(cursor === undefined ? {} : { cursor });
    pages.push(page);
    cursor = page.nextCursor;
  } while (cursor !== undefined && pages.length < 100);
  return { records: pages.flatMap((page) => page.records), pages };
}

/** What every source must honour. */
export function cnappSourceContract(vendor: string, open: () => Promise<Subject>): void {
  describe(`${vendor} honours the contract of a source`, () => {
    it('names its platform', async () => {
      const { source } = await open();
      expect(source.traits.vendor).toBe(vendor);
    });

    it('lists everything once, page by page, from any process, and ends', async () => {
      const subject = await open();
      const { records, pages } = await scanAll(subject.again);
      const found = records.flatMap((record) => (record.ok ? [record.finding] : []));
      expect(new Set(found.map((finding) => finding.sourceId))).toEqual(new Set(subject.ids));
      expect(pages.at(-1)?.nextCursor).toBeUndefined();
      expect(new Set(found.map((finding) => finding.canonicalKey)).size).toBe(5);
      for (const finding of found) {
        expect(finding).toMatchObject({
          source: vendor,
          kind: 'excessive-permissions',
          severity: 'high',
          status: 'open',
          cloud: 'aws',
          account: '123456789012',
        });
        expect(finding.subject.id).toMatch(/^arn:aws:iam::123456789012:role\/role-[1-5]$/);
      }
    });

    it('refuses a cursor that it did not write', async () => {
      const { source } = await open();
      await expect(source.list({ cursor: '{"part":"__proto__"}' })).rejects.toMatchObject({
        type: 'input.invalid',
      });
      await expect(source.list({ cursor: 'no json' })).rejects.toMatchObject({ type: 'input.invalid' });
    });

    it('gets a finding as it lists it, and nothing for an id that nobody knows', async () => {
      const subject = await open();
      const { records } = await scanAll(subject.again);
      const listed = records.find((record) => record.ok && record.finding.sourceId === subject.ids[1]);
      const got = await subject.source.get(subject.ids[1] ?? '');
      expect(got).toEqual(listed?.ok === true ? listed.finding : 'not listed');
      expect(await subject.source.get(subject.ids[1]?.replace(/\d$/, '9') ?? '')).toBeUndefined();
    });

    it('quarantines a record that it does not understand, and goes on', async () => {
      const subject = await open();
      await subject.spoil();
      const { records } = await scanAll(subject.again);
      const bad = records.filter((record) => !record.ok);
      expect(bad).toHaveLength(1);
      expect(bad[0]).toMatchObject({ ok: false, reason: expect.stringMatching(/\w/) });
      expect(new Set(records.flatMap((record) => (record.ok ? [record.finding.sourceId] : []))).size).toBe(4);
    });

    it('takes a record with an unknown severity and hostile text, counts it, and bounds the text', async () => {
      const subject = await open();
      await subject.surprise();
      const { records } = await scanAll(async () => subject.source);
      const found = records.flatMap((record) =>
        record.ok && record.finding.sourceId === subject.ids[2] ? [record.finding] : [],
      )[0];
      expect(found?.severity).toBe('medium');
      expect(found?.title.length).toBeLessThanOrEqual(300);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there
      expect(JSON.parse(JSON.stringify(found?.title))).not.toMatch(/[\u0000-\u001f\u2028]/);
      expect(Object.getPrototypeOf(found?.tags)).toBe(Object.prototype);
      const warned = subject
        .lines()
        .filter((line) => line.level === 'warn' && isRecord(line.fields) && 'values' in line.fields);
      expect(JSON.stringify(warned)).toMatch(/APOCALYPTIC/i);
    });

    it('writes a comment once for a key, or says why not', async () => {
      const subject = await open();
      const [sourceId = ''] = subject.ids;
      const first = await subject.source.comment({ sourceId, key: 'k1', text: 'Access was reduced.' });
      const other = await subject.again();
      const second = await other.comment({ sourceId, key: 'k1', text: 'Access was reduced.' });
      expect(second).toEqual(first);
      if ('refused' in first) {
        expect(subject.source.traits.comments).toBe('none');
        expect(first.refused).toMatch(/\w{3}/);
        return;
      }
      expect(await subject.comments(sourceId)).toHaveLength(1);
      await other.comment({ sourceId, key: 'k2', text: 'Access was reduced.' });
      expect(await subject.comments(sourceId)).toHaveLength(2);
    });

    it.each(['in-progress', 'resolved', 'rejected', 'ignored'] as const)(
      'sets the state %s, or says why not; twice is once',
      async (status) => {
        const subject = await open();
        const wanted = { sourceId: subject.ids[0] ?? '', key: `k-${status}`, status, reason: 'Because.' };
        const first = await subject.source.setStatus(wanted);
        expect('where' in first ? first.where : first.refused).toMatch(/\w{3}/);
        expect(await subject.source.setStatus(wanted)).toEqual(first);
      },
    );

    it('tags an asset, or says why not', async () => {
      const { source } = await open();
      const answer = await source.tagAsset({
        resourceId: 'arn:aws:iam::123456789012:role/role-1',
        key: 'k',
        tags: { curtail: 'done' },
      });
      expect('refused' in answer).toBe(source.traits.assetTags === 'none');
    });

    it('tells what it knows around a subject', async () => {
      const { source, ids } = await open();
      const finding = await source.get(ids[0] ?? '');
      if (finding === undefined) throw new Error('the finding is gone');
      const context = await source.context(finding);
      expect(context.reaches.every((each) => each.id !== '' && Array.isArray(each.labels))).toBe(true);
      expect(source.traits.graph ? context.reaches.length + context.notes.length : 1).toBeGreaterThan(0);
    });
  });
}

/** What every source behind an API must honour besides. `rate` is how the platform says to wait 7 seconds. */
export function platformApiContract(
  vendor: string,
  open: () => Promise<Subject & { double: PlatformDouble }>,
  rate: Record<string, string>,
): void {
  const hasSignIn = vendor !== 'orca';
  describe(`${vendor} behaves as a client of an API`, () => {
    it.each<[name: string, status: number, type: string]>([
      ['slow down', 429, 'vendor.throttled'],
      ['unavailable', 503, 'vendor.unavailable'],
      ['forbidden', 403, 'vendor.auth'],
    ])('reports %s and does not ask again itself', async (_name, status, type) => {
      const { source, double } = await open();
      double.next({ status, headers: status === 429 ? rate : {} });
      await expect(source.list({})).rejects.toMatchObject({
        type,
        ...(status === 429 && { retryAfterMs: 7000 }),
      });
      expect(double.asked()).toHaveLength(1);
    });

    it('goes on after a burst of refusals where it was', async () => {
      const subject = await open();
      const first = await subject.source.list({});
      const cursor = first.nextCursor ?? '';
      subject.double.next({ status: 429, headers: rate }, { status: 502 }, { status: 429, headers: rate });
      for (const _ of [1, 2, 3]) await expect(subject.source.list({ cursor })).rejects.toThrow();
      const second = await subject.source.list({ cursor });
      expect(second.records.length).toBeGreaterThan(0);
    });

    it('says so when a web page comes in place of data', async () => {
      const { source, double } = await open();
      double.next({ text: '<!DOCTYPE html><p>Sign in</p>' });
      await expect(source.list({})).rejects.toMatchObject({
        type: 'vendor.shape',
        message: expect.stringContaining('HTML'),
      });
    });

    it('says so when the shape of an answer changed', async () => {
      const { source, double } = await open();
      double.next({ json: { renamed: [], data: 7 } });
      await expect(source.list({})).rejects.toMatchObject({
        type: expect.stringMatching(/^vendor\.(shape|rejected)$/),
      });
    });

    it('stops at a page that repeats for ever', async () => {
      const subject = await open();
      subject.double.repeats = true;
      await expect(scanAll(async () => subject.source)).rejects.toMatchObject({ type: 'vendor.shape' });
      expect(subject.double.calls.length).toBeLessThan(30);
    });

    it('never shows a secret in failures or logs', async () => {
      const { source, double, lines } = await open();
      double.next({ status: 500, text: 'boom' });
      const failure = await source.list({}).catch((error: unknown) => error);
      expect(String(failure)).not.toContain('s3cr3t');
      expect(JSON.stringify(lines())).not.toMatch(/s3cr3t|token-\d/);
    });

    if (!hasSignIn) return;

    it('renews an expired token in the middle of a list, once', async () => {
      const subject = await open();
      const first = await subject.source.list({});
      subject.double.expireTokens();
      const second = await subject.source.list({ cursor: first.nextCursor ?? '' });
      expect(second.records.length).toBeGreaterThan(0);
      expect(subject.double.signIns()).toBe(2);
    });

    it('renews a token before it expires', async () => {
      const { source, double } = await open();
      await source.get('1');
      double.now += 25 * 3_600_000;
      await source.get('1');
      expect(double.signIns()).toBe(2);
    });

    it('signs in once for many callers', async () => {
      const { source, double } = await open();
      await Promise.all([1, 2, 3, 4, 5].map(() => source.list({})));
      expect(double.signIns()).toBe(1);
    });

    it('says what to check when it cannot sign in', async () => {
      const { source, double } = await open();
      double.locked = true;
      await expect(source.list({})).rejects.toMatchObject({
        type: 'vendor.auth',
        message: expect.stringMatching(/signing in.*check/),
      });
    });

    it('says what to check when the host does not exist', async () => {
      const { source, double } = await open();
      double.fetch = async () => {
        throw new TypeError('fetch failed', {
          cause: Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }),
        });
      };
      await expect(source.list({})).rejects.toMatchObject({
        type: 'vendor.unavailable',
        message: expect.stringContaining('check'),
      });
    });
  });
}
