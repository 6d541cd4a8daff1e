import { existsSync, mkdirSync, mkdtempSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { CnappSource } from '../../../activities/cnapp/port.js';
import { openSource } from '../../../activities/cnapp/registry.js';
import { laceworkAlert } from '../../support/lacework-server.js';
import { depsOf } from '../../support/platform-double.js';
import { wizIssue } from '../../support/wiz-server.js';
import { scanAll } from './port-contract.js';

const deps = depsOf({ fetch: globalThis.fetch, now: Date.parse('2026-10-01T00:00:00Z') });

function folderOf(files: Readonly<Record<string, unknown>>): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'curtail-exports-')), 'wiz');
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

const open = (path: string, source = 'wiz'): Promise<CnappSource> =>
  openSource({ vendor: 'file', name: 'f', settings: { source, path } }, deps);
const issues = (from: number, count: number) => Array.from({ length: count }, (_, i) => wizIssue(from + i));

describe('a folder of exports', () => {
  it('is one scan of all its files, as old as the oldest, and nothing but exports', async () => {
    const folder = folderOf({
      'a.json': issues(1, 2),
      'b.jsonl': issues(3, 2)
        .map((each) => JSON.stringify(each))
        .join('\n'),
      'c.txt': 'x',
      '.hidden.json': issues(9, 1),
    });
    utimesSync(join(folder, 'b.jsonl'), new Date('2026-09-01T00:00:00Z'), new Date('2026-09-01T00:00:00Z'));
    const { records, pages } = await scanAll(() => open(folder));
    expect(records).toHaveLength(4);
    expect(new Set(pages.map((page) => page.scannedAtIso))).toEqual(new Set(['2026-09-01T00:00:00.000Z']));
  });

  it('is read in pages that another process takes up', async () => {
    const folder = folderOf({ 'a.json': { data: { issues: { nodes: issues(1, 1200) } } } });
    const { records, pages } = await scanAll(() => open(folder));
    expect(pages.map((page) => page.records.length)).toEqual([500, 500, 200]);
    expect(new Set(records.flatMap((each) => (each.ok ? [each.finding.sourceId] : []))).size).toBe(1200);
  });

  it('is read anew when a file changes under way, but not for ever', async () => {
    const folder = folderOf({ 'a.json': issues(1, 600) });
    const source = await open(folder);
    let page = await source.list({});
    for (let i = 1; i <= 3; i += 1) {
      writeFileSync(join(folder, 'a.json'), JSON.stringify(issues(1, 600 + i)));
      page = await source.list({ cursor: page.nextCursor ?? '' });
      expect(page.records[0]).toMatchObject({ ok: true, finding: { sourceId: wizIssue(1)['id'] } });
    }
    writeFileSync(join(folder, 'a.json'), JSON.stringify(issues(1, 700)));
    await expect(source.list({ cursor: page.nextCursor ?? '' })).rejects.toMatchObject({
      type: 'vendor.unavailable',
      message: expect.stringContaining('keep changing'),
    });
  });

  it('does not pass for complete when a file breaks off, though all the rest is taken in', async () => {
    const folder = folderOf({ 'a.json': JSON.stringify(issues(1, 3)).slice(0, -20), 'b.json': issues(4, 2) });
    const source = await open(folder);
    const first = await source.list({});
    const second = await source.list({ cursor: first.nextCursor ?? '' });
    expect([...first.records, ...second.records].filter((each) => each.ok)).toHaveLength(4);
    await expect(source.list({ cursor: second.nextCursor ?? '' })).rejects.toMatchObject({
      type: 'vendor.shape',
      message: expect.stringContaining('a.json: the export breaks off'),
    });
  });

  it.each(['empty', 'missing'])('that is %s does not read as "all is resolved"', async (what) => {
    const folder = folderOf({});
    const source = await open(what === 'empty' ? folder : join(folder, 'gone'));
    await expect(source.list({})).rejects.toMatchObject({ type: 'vendor.unavailable' });
  });

  it('joins evidence whichever file it is in, and tells an identity once', async () => {
    const arn = 'arn:aws:iam::123456789012:role/role-1';
    const other = 'arn:aws:iam::123456789012:role/other';
    const identity = (id: string) => ({
      PRINCIPAL_ID: id,
      PROVIDER_TYPE: 'AWS_ROLE',
      METRICS: { risks: ['ALLOWS_FULL_ADMIN'], risk_severity: 'HIGH' },
    });
    const folder = folderOf({
      'alerts.json': { data: [laceworkAlert(1)] },
      'entitlements.json': { data: [{ PRINCIPAL_ID: arn, ACTION: 'sns:Publish', LAST_USED_TIME: null }] },
      'identities.json': { data: [identity(arn), identity(other)] },
    });
    const { records } = await scanAll(() => open(folder, 'lacework'));
    expect(records).toMatchObject([
      { finding: { sourceId: '1', evidence: { unusedPermissions: ['sns:Publish'] } } },
      { finding: { sourceId: other, kind: 'excessive-permissions' } },
    ]);
  });

  it('is not written to: what is written back lies beside it, and nothing before the first', async () => {
    const folder = folderOf({ 'a.json': issues(1, 1) });
    const journal = join(folder, '..', '.wiz.written.jsonl');
    const source = await open(folder);
    await source.list({});
    expect(existsSync(journal)).toBe(false);
    await source.setStatus({
      sourceId: '1',
      key: 'k',
      status: 'ignored',
      reason: 'r',
      untilIso: '2026-12-01T00:00:00Z',
    });
    await source.setStatus({ sourceId: '1', key: 'k', status: 'ignored', reason: 'r' });
    await source.tagAsset({ resourceId: 'arn:aws:s3:::b', key: 't', tags: { owner: 'ana' } });
    const lines = readFileSync(journal, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toMatchObject([
      { key: 'k', what: 'status', untilIso: '2026-12-01T00:00:00Z' },
      { key: 't', what: 'tags', tags: { owner: 'ana' } },
    ]);
  });

  it('may be a single file', async () => {
    const folder = folderOf({
      'issues.csv':
        'Issue ID,Title,Severity,Status,Resource external ID\ni-1,Role with wildcard permissions,HIGH,OPEN,arn:aws:iam::123456789012:role/r\n',
    });
    const source = await open(join(folder, 'issues.csv'));
    expect((await source.list({})).records).toMatchObject([{ ok: true, finding: { sourceId: 'i-1' } }]);
    expect(await source.get('i-1')).toMatchObject({ kind: 'excessive-permissions' });
  });
});
