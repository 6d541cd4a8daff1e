import { describe, expect, it } from '@jest/globals';
import { parseWebhook as laceworkHook } from '../../../activities/cnapp/lacework/source.js';
import { lqlText } from '../../../activities/cnapp/lacework/wire.js';
import { parseWebhook as orcaHook } from '../../../activities/cnapp/orca/source.js';
import type { CnappSource } from '../../../activities/cnapp/port.js';
import { rqlText } from '../../../activities/cnapp/prisma/permissions.js';
import { parseWebhook as prismaHook } from '../../../activities/cnapp/prisma/source.js';
import { openSource, sourceTraits } from '../../../activities/cnapp/registry.js';
import { parseWebhook as wizHook } from '../../../activities/cnapp/wiz/source.js';
import { laceworkAlert, startLacework } from '../../support/lacework-server.js';
import { orcaAlert, startOrca } from '../../support/orca-server.js';
import { depsOf, type PlatformDouble, type SeenCall } from '../../support/platform-double.js';
import { prismaAlert, refusal, startPrisma } from '../../support/prisma-server.js';
import { startWiz, wizIssue } from '../../support/wiz-server.js';
import { scanAll } from './port-contract.js';

const SETTINGS = {
  wiz: { apiUrl: 'https://api.us1.app.wiz.io/graphql', clientId: 'id', clientSecret: 'env:W', pageSize: 2 },
  prisma: { accessKeyId: 'id', secretKey: 'env:P', pageSize: 2 },
  orca: { token: 'env:O', pageSize: 2 },
  lacework: { account: 'acme', keyId: 'id', secretKey: 'env:L', lookBackDays: 7 },
};

function open(
  vendor: keyof typeof SETTINGS,
  double: PlatformDouble,
  more: object = {},
): Promise<CnappSource> {
  return openSource({ vendor, name: vendor, settings: { ...SETTINGS[vendor], ...more } }, depsOf(double));
}

function variables(call: SeenCall | undefined): Record<string, unknown> {
  if (call === undefined) throw new Error('the call was not made');
  return (call.body as { variables: Record<string, unknown> }).variables;
}

describe('Wiz', () => {
  it.each<[name: string, status: number, code: string, type: string]>([
    ['rate limit inside a 200', 200, 'RATE_LIMIT_EXCEEDED', 'vendor.throttled'],
    ['missing scope', 200, 'UNAUTHORIZED', 'vendor.auth'],
    ['address not allowed', 200, 'FORBIDDEN_IP', 'vendor.auth'],
    ['fault of theirs', 200, 'INTERNAL', 'vendor.unavailable'],
  ])('%s is told before any data', async (_name, status, code, type) => {
    const double = startWiz(1);
    double.next({
      status,
      json: { data: { page: null }, errors: [{ message: 'm', path: ['page'], extensions: { code } }] },
    });
    const source = await open('wiz', double);
    await expect(source.get(String(double.issues[0]?.['id']))).rejects.toMatchObject({ type });
  });

  it.each([
    'Cannot query field "x" on type "Query"',
    'Enum "T" cannot represent value: "y"',
    'failed to parse object type [z]',
  ])('a schema that differs (%s) is not asked again', async (message) => {
    const double = startWiz(1);
    double.next({
      status: message.startsWith('failed') ? 200 : 400,
      json: { errors: [{ message, extensions: { code: 'INTERNAL' } }] },
    });
    await expect((await open('wiz', double)).list({})).rejects.toMatchObject({
      type: 'vendor.shape',
      message: expect.stringContaining('`read`'),
    });
  });

  it('takes what is there from a partial answer, and then does not pass for complete', async () => {
    const double = startWiz(2);
    const errors = [
      { message: 'entity is gone', path: ['page', 'nodes', 1], extensions: { code: 'INTERNAL' } },
    ];
    double.next({
      json: {
        data: { page: { nodes: [wizIssue(1), null], pageInfo: { hasNextPage: false, endCursor: null } } },
        errors,
      },
    });
    const source = await open('wiz', double, { read: ['issues'] });
    const page = await source.list({});
    expect(page.records).toMatchObject([
      { ok: true },
      { ok: false, reason: expect.stringContaining('entity is gone') },
    ]);
    await expect(source.list({ cursor: page.nextCursor ?? '' })).rejects.toMatchObject({
      message: expect.stringContaining('not complete'),
    });
  });

  it('asks each list with a filter of its own shape', async () => {
    const double = startWiz(0);
    await scanAll(async () => open('wiz', double, { projects: ['p1'] }));
    const [issues, excessive, data] = double.asked();
    expect(variables(issues)['filterBy']).toMatchObject({ status: ['OPEN', 'IN_PROGRESS'], project: ['p1'] });
    expect(variables(excessive)['filterBy']).toEqual({ status: { equals: ['OPEN'] }, project: ['p1'] });
    expect(variables(data)['filterBy']).toEqual({ status: { equals: ['OPEN'] }, projectId: ['p1'] });
    expect(variables(issues)['first']).toBe(2);
  });

  it('polls since a time with an overlap, closed issues too, on every page', async () => {
    const double = startWiz(3);
    const source = await open('wiz', double, { read: ['issues'], overlapMinutes: 10 });
    const page = await source.list({ sinceIso: '2026-09-30T12:00:00Z' });
    await source.list({ cursor: page.nextCursor ?? '' });
    for (const call of double.asked()) {
      expect(variables(call)['filterBy']).toMatchObject({
        statusChangedAt: { after: '2026-09-30T11:50:00.000Z' },
        status: expect.arrayContaining(['RESOLVED']),
      });
    }
  });

  it('leaves resolving to the next scan of Wiz', async () => {
    const double = startWiz(1);
    const sourceId = String(double.issues[0]?.['id']);
    const source = await open('wiz', double);
    expect(await source.setStatus({ sourceId, key: 'k', status: 'resolved', reason: 'r' })).toMatchObject({
      refused: expect.stringContaining('next scan'),
    });
    expect(await source.setStatus({ sourceId, key: 'k', status: 'in-progress', reason: 'r' })).toHaveProperty(
      'where',
    );
    expect(double.issues[0]).toMatchObject({ status: 'IN_PROGRESS' });
    await source.setStatus({
      sourceId,
      key: 'k',
      status: 'ignored',
      reason: 'until then',
      untilIso: '2026-12-01T00:00:00Z',
    });
    expect(double.issues[0]).toMatchObject({
      status: 'REJECTED',
      resolutionReason: 'EXCEPTION',
      note: expect.stringContaining('2026-12-01'),
    });
  });

  it('finds an excessive access finding by its id, which says nothing about the list', async () => {
    const double = startWiz(0);
    const graphEntity = {
      id: 'v',
      name: 'r',
      type: 'ACCESS_ROLE',
      properties: { providerUniqueId: 'arn:aws:iam::123456789012:role/r' },
    };
    double.excessive.push({
      id: 'e1',
      name: 'n',
      status: 'OPEN',
      severity: 'HIGH',
      principal: { graphEntity, cloudAccount: { externalId: '123456789012', cloudProvider: 'AWS' } },
    });
    const source = await open('wiz', double);
    expect(await source.get('e1')).toMatchObject({
      sourceId: 'e1',
      kind: 'excessive-permissions',
      account: '123456789012',
    });
    expect(await source.comment({ sourceId: 'e1', key: 'k', text: 't' })).toMatchObject({
      refused: expect.stringContaining('only issues'),
    });
  });

  it('reads the graph by position: a leg that is null is no neighbour', async () => {
    const double = startWiz(1);
    const source = await open('wiz', double);
    const finding = await source.get(String(double.issues[0]?.['id']));
    if (finding === undefined) throw new Error('gone');
    expect(await source.context(finding)).toEqual({
      reaches: [{ id: 'arn:aws:s3:::b', type: 'BUCKET', labels: ['PII'] }],
      reachedBy: [],
      notes: ['Has administrative privileges, says Wiz.'],
    });
  });
});

describe('Prisma Cloud', () => {
  it('reads what an error says from its header', async () => {
    const double = startPrisma(1);
    double.next(refusal(400, 'invalid_parameter_value'));
    await expect((await open('prisma', double)).list({})).rejects.toMatchObject({
      type: 'vendor.rejected',
      message: expect.stringContaining('invalid_parameter_value'),
    });
  });

  it('signs in again after nine minutes, since a token is good for ten', async () => {
    const double = startPrisma(1);
    const source = await open('prisma', double);
    await source.get('I-1');
    double.now += 8 * 60_000;
    await source.get('I-1');
    expect(double.signIns()).toBe(1);
    double.now += 60_000;
    await source.get('I-1');
    expect(double.signIns()).toBe(2);
  });

  it('searches permissions once for a page, and lists without them where the module is not there', async () => {
    const double = startPrisma(4);
    const source = await open('prisma', double, { pageSize: 4 });
    await source.list({});
    const searches = double.asked().filter((call) => call.path.includes('/permission'));
    expect(searches).toHaveLength(1);
    expect(searches[0]?.body).toMatchObject({
      query: "config from iam where source.cloud.resource.name IN ( 'role-1', 'role-2', 'role-3', 'role-4' )",
    });
    const without = startPrisma(1);
    without.next({ json: { items: [prismaAlert(1)], nextPageToken: null } }, { status: 403 });
    const [record] = (await (await open('prisma', without)).list({})).records;
    expect(record).toMatchObject({ ok: true, finding: { evidence: {} } });
  });

  it('dismisses with a note, snoozes for whole days, and names the alert twice so that nothing else can be meant', async () => {
    const double = startPrisma(2);
    const source = await open('prisma', double);
    await source.setStatus({ sourceId: 'I-1', key: 'k', status: 'rejected', reason: 'false alarm' });
    await source.setStatus({
      sourceId: 'I-2',
      key: 'k',
      status: 'ignored',
      reason: 'later',
      untilIso: '2026-10-03T06:00:00Z',
    });
    expect(double.dismissals).toMatchObject([
      {
        alerts: ['I-1'],
        dismissalNote: 'false alarm',
        filter: { filters: [{ name: 'alert.id', value: 'I-1' }] },
      },
      { alerts: ['I-2'], dismissalTimeRange: { type: 'relative', value: { amount: 3, unit: 'day' } } },
    ]);
    expect(
      await source.setStatus({ sourceId: 'I-9', key: 'k', status: 'rejected', reason: 'r' }),
    ).toHaveProperty('refused');
  });

  it('asks the DSPM module at its own host with its own key, with details for each, and counts the pages', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => ({ id: i }));
    const seen: { url: string; key: string | null }[] = [];
    const double = startPrisma(0);
    const api = double.fetch;
    let total = 51;
    double.fetch = async (input, init) => {
      const url = new URL(String(input));
      if (url.host !== 'api.use1.dig.security') return api(input, init);
      seen.push({ url: `${url.pathname}${url.search}`, key: new Headers(init?.headers).get('dig-api-key') });
      const id = /\/id\/(\d+)$/.exec(url.pathname)?.[1];
      const asset = { assetId: `arn:aws:s3:::b${id}`, service: 'S3', dataTypes: ['PHI'] };
      if (id !== undefined)
        return Response.json({
          id,
          ruleName: 'Asset open to world',
          severity: 'HIGH',
          status: 'OPEN',
          asset,
        });
      const page = url.searchParams.get('page') === '0' ? rows : [{ id: 50 }];
      return Response.json(page, { headers: { 'x-total-count': String(total) } });
    };
    const more = { dspm: { apiKey: 'env:D' } };
    const { records } = await scanAll(async () => open('prisma', double, more));
    expect(records).toHaveLength(51);
    expect(records[0]).toMatchObject({ finding: { kind: 'public-data', labels: ['PHI'] } });
    expect(new Set(seen.map((each) => each.key))).toEqual(new Set(['s3cr3t-value']));
    const source = await open('prisma', double, more);
    const alerts = await source.list({});
    const first = await source.list({ cursor: alerts.nextCursor ?? '' });
    total = 50;
    const second = await source.list({ cursor: first.nextCursor ?? '' });
    await expect(source.list({ cursor: second.nextCursor ?? '' })).rejects.toMatchObject({
      message: expect.stringContaining('not complete'),
    });
  });

  it('cannot be made to ask something else by a name', () => {
    expect(rqlText("x' OR action.name = 'iam:*")).toBe("'x OR action.name = iam:*'");
  });
});

describe('Orca', () => {
  it('misses no alert when others close under way', async () => {
    const double = startOrca(8);
    const source = await open('orca', double);
    const first = await source.list({});
    double.alerts.splice(0, 2);
    const ids = new Set(idsOf(first.records));
    let { nextCursor } = first;
    while (nextCursor !== undefined) {
      const page = await source.list({ cursor: nextCursor });
      for (const id of idsOf(page.records)) ids.add(id);
      nextCursor = page.nextCursor;
    }
    expect(ids).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8].map((n) => `orca-${n}`)));
  });

  it('goes on by index through many alerts of one time', async () => {
    const double = startOrca(0);
    for (let n = 1; n <= 7; n += 1)
      double.alerts.push(orcaAlert(n, { CreatedAt: '2026-08-01T00:00:00+00:00' }));
    const { records } = await scanAll(async () => open('orca', double));
    expect(new Set(idsOf(records)).size).toBe(7);
  });

  it('takes "already so" for done, 500 for unknown, and another 500 for not knowing', async () => {
    const double = startOrca(1);
    const source = await open('orca', double);
    const wanted = { sourceId: 'orca-1', key: 'k', status: 'rejected' as const, reason: 'r' };
    expect(await source.setStatus(wanted)).toEqual(await source.setStatus(wanted));
    expect(double.states.get('orca-1')).toBe('dismiss');
    expect(await source.setStatus({ ...wanted, sourceId: 'orca-99' })).toHaveProperty('refused');
    double.next({ status: 500, json: { error: 'boom' } });
    await expect(source.setStatus(wanted)).rejects.toMatchObject({ type: 'write.outcome_unknown' });
  });

  it('closes with the verb and snoozes in days', async () => {
    const double = startOrca(2);
    const source = await open('orca', double);
    await source.setStatus({ sourceId: 'orca-1', key: 'k', status: 'resolved', reason: 'r' });
    await source.setStatus({
      sourceId: 'orca-2',
      key: 'k',
      status: 'ignored',
      reason: 'r',
      untilIso: '2026-10-03T00:00:00Z',
    });
    expect(double.asked().map((call) => [call.path, call.body])).toEqual([
      ['/api/alerts/orca-1/status/close', undefined],
      ['/api/alerts/orca-2/snooze', { days: 2 }],
    ]);
  });

  it('tags the asset by its own id, only what is missing, and not what it does not know', async () => {
    const double = startOrca(1);
    const source = await open('orca', double);
    const resourceId = 'arn:aws:iam::123456789012:role/role-1';
    await source.tagAsset({ resourceId, key: 'k', tags: { a: '1' } });
    await source.tagAsset({ resourceId, key: 'k', tags: { a: '1', b: '2' } });
    const posts = double
      .asked()
      .filter((call) => call.method === 'POST' && call.path === '/api/manual_tags/asset-uuid');
    expect(posts.map((call) => call.body)).toEqual([
      { tag_key: 'a', tag_value: '1' },
      { tag_key: 'b', tag_value: '2' },
    ]);
    expect(await source.tagAsset({ resourceId: 'arn:aws:s3:::gone', key: 'k', tags: {} })).toHaveProperty(
      'refused',
    );
  });

  it('asks for a re-check', async () => {
    const source = await open('orca', startOrca(1));
    expect(await source.rescan?.('orca-1')).toEqual({ where: 're-check of orca-1' });
  });

  it('does not count alerts among linked objects', async () => {
    const source = await open('orca', startOrca(1));
    const finding = await source.get('orca-1');
    if (finding === undefined) throw new Error('gone');
    expect(await source.context(finding)).toMatchObject({
      owner: 'ana@example.com',
      notes: [expect.stringContaining('Crown jewel'), 'LoginAttempts: 2.'],
    });
  });
});

describe('Lacework', () => {
  it('reads a long look-back in windows of at most seven days', async () => {
    const double = startLacework(1);
    double.alerts.push(laceworkAlert(2, { startTime: '2026-09-10T00:00:00.000Z' }));
    const { records } = await scanAll(async () =>
      open('lacework', double, { lookBackDays: 30, read: ['alerts'] }),
    );
    expect(idsOf(records).sort()).toEqual(['1', '2']);
    expect(double.asked().filter((call) => call.path === '/api/v2/Alerts')).toHaveLength(5);
  });

  it('joins what was not used, and lists identities that no alert names', async () => {
    const double = startLacework(1);
    const source = await open('lacework', double);
    const { records } = await source.list({});
    expect(records).toMatchObject([{ finding: { evidence: { unusedPermissions: ['sns:DeleteTopic'] } } }]);
  });

  it('does not follow a next page to another host', async () => {
    const double = startLacework(1);
    double.next({ json: { data: [], paging: { urls: { nextPage: 'https://evil.example/api' } } } });
    const source = await open('lacework', double);
    const { nextCursor } = await source.list({});
    await expect(source.list({ cursor: nextCursor ?? '' })).rejects.toMatchObject({
      type: 'vendor.shape',
      message: expect.stringContaining('leaves'),
    });
  });

  it('closes for good only, by number of a reason', async () => {
    const double = startLacework(2);
    const source = await open('lacework', double);
    const wanted = { sourceId: '1', key: 'k', reason: 'A false alarm.' };
    expect(
      await source.setStatus({ ...wanted, status: 'ignored', untilIso: '2026-12-01T00:00:00Z' }),
    ).toHaveProperty('refused');
    expect(await source.setStatus({ ...wanted, status: 'in-progress' })).toHaveProperty('refused');
    expect(await source.setStatus({ ...wanted, status: 'rejected' })).toEqual({ where: 'alert 1: closed' });
    await source.setStatus({ ...wanted, status: 'resolved' });
    expect(double.closed).toEqual([{ reason: 1, comment: 'A false alarm.' }]);
    expect(await source.comment({ sourceId: 'arn:aws:iam::1:role/r', key: 'k', text: 't' })).toHaveProperty(
      'refused',
    );
  });

  it('cannot be made to ask something else by a name, cut or not', () => {
    expect(lqlText("x' OR 'a'='a")).toBe("'x'' OR ''a''=''a'");
    const inner = lqlText(`${'x'.repeat(2047)}'; drop`).slice(1, -1);
    expect(inner.replaceAll("''", '')).not.toContain("'");
  });
});

describe('notifications are hints', () => {
  it.each<[name: string, found: unknown, expected: unknown]>([
    [
      'Wiz, an issue',
      wizHook({
        trigger: { source: 'ISSUE', type: 'Open' },
        issue: { id: 'e3188a71' },
        resource: { id: '' },
      }),
      [{ sourceId: 'e3188a71', kind: 'issue' }],
    ],
    ['Wiz, a template of the customer', wizHook({ issueId: 'x' }), [{ sourceId: 'x', kind: 'issue' }]],
    ['Wiz, something else', wizHook({ trigger: { source: 'DETECTIONS' } }), []],
    [
      'Prisma Cloud, a list',
      prismaHook([{ alertId: 'D-844101', policyType: 'storage' }, { test: true }]),
      [{ sourceId: 'D-844101', kind: 'storage' }],
    ],
    [
      'Orca, the older shape',
      orcaHook({ state: { alert_id: 'orca-1' }, category: 'Authentication' }),
      [{ sourceId: 'orca-1', kind: 'Authentication' }],
    ],
    ['Orca, chosen fields', orcaHook({ alert_id: 'orca-2' }), [{ sourceId: 'orca-2', kind: 'alert' }]],
    [
      'Lacework',
      laceworkHook({ event_id: '967301', event_type: 'Policy' }),
      [{ sourceId: '967301', kind: 'Policy' }],
    ],
    ['Lacework, an id that is none', laceworkHook({ event_id: '../../x' }), []],
  ])('%s', (_name, found, wanted) => {
    expect(found).toEqual(wanted);
  });

  it.each([null, 7, 'x', [], {}, [null]])('nothing is named by %j', (payload) => {
    for (const hook of [wizHook, prismaHook, orcaHook, laceworkHook]) expect(hook(payload)).toEqual([]);
  });
});

describe('the registry', () => {
  it('knows what each vendor offers', () => {
    expect(Object.keys(sourceTraits).sort()).toEqual([
      'file',
      'generic',
      'lacework',
      'orca',
      'prisma',
      'wiz',
    ]);
  });

  it.each<[why: string, section: { vendor: string; settings: unknown }, words: RegExp]>([
    [
      'a vendor that nobody knows',
      { vendor: 'constructor', settings: {} },
      /source s: there is no vendor constructor; known are .*wiz/,
    ],
    [
      'a secret that is written down',
      { vendor: 'orca', settings: { token: 'abc' } },
      /source s \(orca\).*env:NAME/s,
    ],
    [
      'an address without TLS',
      { vendor: 'orca', settings: { token: 'env:O', apiUrl: 'http://orca.example' } },
      /https/,
    ],
    ['a setting that is none', { vendor: 'orca', settings: { token: 'env:O', tokn: 1 } }, /tokn/],
    ['no account', { vendor: 'lacework', settings: { keyId: 'k', secretKey: 'env:L' } }, /account/],
  ])('refuses %s', async (_why, section, words) => {
    await expect(openSource({ name: 's', ...section }, depsOf(startWiz(0)))).rejects.toThrow(words);
  });
});

function idsOf(records: readonly { ok: boolean }[]): string[] {
  return records.flatMap((record) =>
    'finding' in record ? [(record as { finding: { sourceId: string } }).finding.sourceId] : [],
  );
}
