import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { openSource } from '../../activities/cnapp/registry.js';
import { takeInHinted } from '../../activities/lifecycle/hints.js';
import type { LifecyclePorts } from '../../activities/lifecycle/ports.js';
import { openFindingDoors } from '../../bin/compose/finding-doors.js';
import { parseConfig } from '../../runtime/config.js';
import { Secret } from '../../runtime/secret.js';
import { type Desk, openDesk } from '../client/gateway/support/desk.js';
import { send } from '../client/gateway/support/http.js';
import { depsOf } from '../support/platform-double.js';
import { openProduct, type Product, unique } from '../support/product.js';
import { startWiz, type WizDouble, wizIssue } from '../support/wiz-server.js';

const SETTINGS = { apiUrl: 'https://api.us1.app.wiz.io/graphql', clientId: 'id', clientSecret: 'env:W' };
const SECRET = 'w3bh00k-s3cr3t';
const LONG = 'a'.repeat(40);
const SECRETS = new Map([
  ['env:OTHER', 'other'],
  ['env:LONG', LONG],
]);

let product: Product;
beforeAll(async () => {
  product = await openProduct();
}, 60_000);
afterAll(() => product.close());

let desk: Desk | undefined;
afterEach(async () => {
  await desk?.app.close();
});

/** A tenant of Wiz, and the door of its notifications over the product's own ledger. */
async function open(over: { webhook?: string; ports?: Partial<LifecyclePorts> } = {}) {
  const double = startWiz(0);
  const source = await openSource({ vendor: 'wiz', name: 'w', settings: SETTINGS }, depsOf(double));
  const webhook = over.webhook ?? '{ secrets: [env:HOOK], header: x-curtail-secret }';
  const loaded = parseConfig(
    `sources:\n  - { vendor: wiz, name: wiz-prod, clientId: x, webhook: ${webhook} }`,
    '/c.yaml',
  );
  const ports: LifecyclePorts = {
    ...product.ports,
    sources: new Map([['wiz-prod', source]]),
    settings: { ...product.ports.settings, confirmedSources: new Set(['wiz-prod']) },
    ...over.ports,
  };
  const doors = await openFindingDoors({
    loaded,
    ports,
    publicUrl: 'http://gateway',
    readHinted: (named) => takeInHinted(ports, named),
    resolveSecret: async (reference) => new Secret(SECRETS.get(reference) ?? SECRET),
  });
  desk = openDesk({ ledger: ports.ledger, openWebhooks: () => doors, now: ports.now });
  return { double, ports, source, app: desk.app };
}

let next = 0;
/** An issue that this tenant has and no other test knows. */
function issue(double: WizDouble, more: Record<string, unknown> = {}): { id: string; role: string } {
  next += 1;
  const role = unique('hook');
  const entitySnapshot = {
    ...(wizIssue(next)['entitySnapshot'] as object),
    name: role,
    providerId: `arn:aws:iam::123456789012:role/${role}`,
  };
  const row = wizIssue(900 + next, { entitySnapshot, ...more });
  double.issues.push(row);
  return { id: String(row['id']), role };
}

function post(
  app: Desk['app'],
  payload: unknown,
  headers: Record<string, string> = { 'x-curtail-secret': SECRET },
) {
  return send(app, {
    method: 'POST',
    url: '/webhooks/findings/wiz-prod',
    headers: { 'content-type': 'application/json', ...headers },
    payload: JSON.stringify(payload),
  });
}

function startsOf(role: string) {
  return product.starter.started.filter(({ subject }) => subject.endsWith(`/${role}`));
}

async function until(probe: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !probe(); i += 1) await delay(25);
  expect(probe()).toBe(true);
}

describe('a notification of a platform', () => {
  it('is a hint: the finding is what the platform has, not what the notification says', async () => {
    const { app, double, ports } = await open();
    const { id, role } = issue(double, { severity: 'HIGH' });
    const lie = { id, severity: 'CRITICAL', entitySnapshot: { providerId: 'arn:aws:iam::1:role/lie' } };
    const answer = await post(app, { trigger: { source: 'ISSUE' }, issue: lie });
    expect([answer.status, JSON.parse(answer.text)]).toEqual([202, { findings: 1 }]);
    await until(() => startsOf(role).length === 1);
    const [row] = await ports.ledger.findings({ text: role });
    expect(row?.finding).toMatchObject({ severity: 'high', sourceId: id });
    expect(product.starter.started.some(({ subject }) => subject.includes('lie'))).toBe(false);
  });

  it('and the poll start the finding once, whichever comes first, however often', async () => {
    const { app, double, ports, source } = await open();
    const { id, role } = issue(double);
    const bodies = await Promise.all([1, 2, 3].map(() => post(app, { issueId: id })));
    expect(bodies.every(({ status }) => status === 202)).toBe(true);
    await until(() => startsOf(role).length === 1);
    expect(double.asked()).toHaveLength(1);
    const { records } = await source.list({});
    expect(records).toHaveLength(1);
    product.clock.offsetMs += 61_000;
    await post(app, { issueId: id });
    await until(() => double.asked().length > 2);
    const [row] = await ports.ledger.findings({ text: role });
    expect([row?.generation, startsOf(role).length]).toEqual([1, 1]);
  });

  it('that comes while the cluster is away is kept, and delivered once when it is back', async () => {
    let away = true;
    const { starter } = product.ports;
    const { app, double } = await open({
      ports: {
        starter: {
          ...starter,
          start: async (findings) => {
            if (away) throw new Error('no connection');
            return starter.start(findings);
          },
        },
      },
    });
    const { id, role } = issue(double);
    expect((await post(app, { issueId: id })).status).toBe(202);
    await until(() => desk?.logs.some((line) => line.includes('kept and tried again')) === true);
    expect(startsOf(role)).toHaveLength(0);
    away = false;
    product.clock.offsetMs += 10_000;
    await until(() => startsOf(role).length === 1);
  }, 30_000);

  it('about a finding that the platform cannot show just now is kept too', async () => {
    const { app, double } = await open();
    const { id, role } = issue(double);
    double.next({ status: 503 });
    await post(app, { issueId: id });
    await until(() => desk?.logs.some((line) => line.includes('kept and tried again')) === true);
    product.clock.offsetMs += 10_000;
    await until(() => startsOf(role).length === 1);
  }, 30_000);

  it.each<[what: string, payload: unknown]>([
    ['nothing', {}],
    ['a list', [1, null]],
    ['an id that the platform does not know', { issueId: 'nobody' }],
    ['something hostile', { issueId: '"}){__typename}' }],
  ])('that names %s starts nothing', async (_what, payload) => {
    const { app } = await open();
    const before = product.starter.started.length;
    expect((await post(app, payload)).status).toBe(202);
    await desk?.app.close();
    expect(product.starter.started).toHaveLength(before);
  });

  it('about a record that cannot be understood puts it in quarantine', async () => {
    const { app, double, ports } = await open();
    const { id } = issue(double, { entitySnapshot: 7, severity: [] });
    await post(app, { issueId: id });
    await desk?.app.close();
    const [kept] = await ports.ledger.quarantined(1);
    expect(kept).toMatchObject({ source: 'wiz', original: { sourceId: id } });
  });
});

describe('the sender of a notification', () => {
  const proof =
    '{ basic: { user: wiz, password: env:HOOK }, clientCertificate: { header: x-client-verified, value: env:OTHER } }';
  const basic = `Basic ${Buffer.from(`wiz:${SECRET}`).toString('base64')}`;
  it.each<[name: string, webhook: string | undefined, headers: Record<string, string>, status: number]>([
    ['nothing', undefined, {}, 401],
    ['the wrong secret', undefined, { 'x-curtail-secret': 'guess' }, 401],
    ['the secret in another header', undefined, { authorization: SECRET }, 401],
    [
      'a bearer where one is wanted',
      '{ secrets: [env:HOOK], scheme: Bearer }',
      { authorization: `Bearer ${SECRET}` },
      202,
    ],
    ['the second of two secrets', '{ secrets: [env:OTHER, env:HOOK] }', { authorization: SECRET }, 202],
    ['basic without the proxy\u2019s word', proof, { authorization: basic }, 401],
    ['the proxy\u2019s word without basic', proof, { 'x-client-verified': 'other' }, 401],
    ['both', proof, { authorization: basic, 'x-client-verified': 'other' }, 202],
  ])('that brings %s', async (_name, webhook, headers, status) => {
    const { app, double } = await open(webhook === undefined ? {} : { webhook });
    const answer = await post(app, { issueId: issue(double).id }, headers);
    expect(answer.status).toBe(status);
  });

  it('may be known by the address alone, where it can bring no header', async () => {
    const { app, double } = await open({ webhook: '{ addressSecret: env:LONG }' });
    const { id } = issue(double);
    expect((await post(app, { issueId: id }, {})).status).toBe(404);
    const at = (secret: string) =>
      send(app, {
        method: 'POST',
        url: `/webhooks/findings/wiz-prod/${secret}`,
        headers: { 'content-type': 'application/json' },
        payload: JSON.stringify({ issueId: id }),
      });
    expect((await at(LONG.replace('a', 'b'))).status).toBe(404);
    expect((await at(LONG)).status).toBe(202);
    await expect(open({ webhook: '{ addressSecret: env:HOOK }' })).rejects.toThrow(/32 letters/);
  });

  it('is never configured away', () => {
    expect(() => parseConfig('sources: [{ vendor: wiz, webhook: {} }]', '/c.yaml')).toThrow(
      /no platform signs/,
    );
  });

  it.each([
    ['name: a/b, vendor: wiz', /its webhook's address/],
    ['name: exports, vendor: file', /files send no notifications/],
  ])('has no door for %s', async (section, error) => {
    const loaded = parseConfig(`sources: [{ ${section}, webhook: { secrets: [env:HOOK] } }]`, '/c.yaml');
    const [file] = product.ports.sources.values();
    const sources = new Map(file === undefined ? [] : [['exports', file]]);
    const doors = openFindingDoors({
      loaded,
      ports: { ...product.ports, sources },
      publicUrl: 'http://gateway',
      readHinted: async () => undefined,
      resolveSecret: async () => new Secret(SECRET),
    });
    await expect(doors).rejects.toThrow(error);
  });
});
