import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createTables, queryValue, type Tables } from '../../../activities/itsm/servicenow/client.js';
import { ServiceNowConfig } from '../../../activities/itsm/servicenow/config.js';
import { openTransport, type Send } from '../../../activities/itsm/servicenow/transport.js';
import { CLIENT, type ServiceNowServer, startServiceNow } from '../../support/servicenow-server.js';
import { depsOf } from './port-contract.js';

const servers: ServiceNowServer[] = [];
let server: ServiceNowServer;
let tables: Tables;
beforeEach(async () => {
  [server, tables] = await instance();
});
afterEach(async () => {
  for (const each of servers.splice(0)) await each.close();
});

async function instance(over: object = {}): Promise<[ServiceNowServer, Tables]> {
  const started = await startServiceNow();
  servers.push(started);
  const auth = { kind: 'oauth', clientId: CLIENT.id, clientSecret: 'env:SN' };
  const config = ServiceNowConfig.parse({ url: started.url, auth, timeoutMs: 250, ...over });
  const send = await openTransport(config, depsOf({ 'env:SN': CLIENT.secret, 'env:PW': 'pass-1' }));
  return [started, createTables(send)];
}
const FIND = { table: 'incident', query: 'number=CHG0000001', fields: ['sys_id', 'number'] };
const isTable = ({ url }: { url: URL }): boolean => url.pathname.includes('/table/');

describe('the package servicenow-rest-api, tamed', () => {
  it('rejects an error that the package passes as a result', async () => {
    server.fail(isTable, { answer: { status: 400, body: { error: { message: 'Invalid table' } } } });
    await expect(tables.find(FIND)).rejects.toMatchObject({ type: 'vendor.rejected' });
  });

  it.each([
    ['an empty body', { status: 202 }],
    ['a body without a result', { status: 200, body: { other: 1 } }],
    ['a result of another shape', { status: 200, body: { result: 'all good' } }],
  ])('rejects %s, which the package calls undefined or success', async (_name, answer) => {
    server.fail(isTable, { answer }, 3);
    await expect(tables.find(FIND)).rejects.toMatchObject({ type: 'vendor.shape' });
    await expect(tables.create({ table: 'incident', row: {} })).rejects.toMatchObject({
      type: 'vendor.shape',
    });
  });

  it('settles once, and leaves no rejection behind', async () => {
    const unhandled: unknown[] = [];
    const keep = (reason: unknown): number => unhandled.push(reason);
    process.on('unhandledRejection', keep);
    server.fail(isTable, 'does it, breaks off', 5);
    const calls = Array.from({ length: 5 }, () => tables.find(FIND).catch((error: Error) => error.message));
    expect(new Set(await Promise.all(calls)).size).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', keep);
    expect(unhandled).toEqual([]);
  });

  it('updates by sys_id with one PATCH, and never at an address made of an error', async () => {
    const sysId = server.add('incident', {});
    await tables.update({ table: 'incident', sysId, row: { state: '2' } });
    const sent = server.seen.filter(isTable).map(({ method, url }) => `${method} ${url.pathname}`);
    expect(sent).toEqual([`PATCH /api/now/table/incident/${sysId}`]);
    for (const bad of ['TypeError: Cannot read', `${sysId}/../x`, '']) {
      await expect(tables.update({ table: 'incident', sysId: bad, row: {} })).rejects.toMatchObject({
        type: 'input.not_found',
      });
    }
    expect(server.seen.filter(isTable)).toHaveLength(1);
  });

  it('refuses another record than the one that was meant', async () => {
    const sysId = server.add('incident', {});
    const answer = { status: 200, body: { result: { sys_id: 'a'.repeat(32) } } };
    server.fail(isTable, { answer });
    await expect(tables.update({ table: 'incident', sysId, row: {} })).rejects.toMatchObject({
      type: 'vendor.shape',
    });
  });

  it('encodes queries, and refuses names and values that cannot be encoded', async () => {
    const query = 'short_description=a & b #c?d=e%20+ü';
    await tables.find({ ...FIND, query });
    const [seen] = server.seen.filter(isTable);
    expect(seen?.url.searchParams.get('sysparm_query')).toBe(query);
    expect(() => queryValue('a^ORnumber=1')).toThrow(/cannot stand in a query/);
    expect(() => queryValue('javascript:gs.getUserID()')).toThrow(/cannot stand in a query/);
    for (const table of ['incident/../sys_user', 'incident?x=1', 'Incident', ''])
      await expect(tables.find({ ...FIND, table })).rejects.toThrow(/no table/);
    await expect(tables.find({ ...FIND, fields: ['a&b'] })).rejects.toThrow(/no column/);
    expect(server.seen.filter(isTable)).toHaveLength(1);
  });

  it('prints nothing', async () => {
    const log = jest.spyOn(globalThis.console, 'log').mockImplementation(() => undefined);
    await tables.find(FIND);
    server.fail(isTable, { answer: { status: 500 } });
    await tables.find(FIND).catch(() => undefined);
    expect(log).not.toHaveBeenCalled();
    log.mockRestore();
  });

  it.each<[name: string, over: object, secret: RegExp]>([
    ['a token', {}, /token-1|client-secret-1/],
    ['a password', { auth: { kind: 'basic', user: 'curtail', password: 'env:PW' } }, /pass-1|Basic/],
  ])('keeps %s out of errors', async (_name, over, secret) => {
    const [started, own] = await instance(over);
    started.fail(isTable, { answer: { status: 403, body: { error: { message: 'No', detail: 'ACL' } } } });
    const error = await own.find(FIND).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ type: 'vendor.auth' });
    expect(inspect(error, { depth: 20 }) + JSON.stringify(error)).not.toMatch(secret);
  });

  it('keeps instances apart, also at once', async () => {
    const [other, others] = await instance({ auth: { kind: 'basic', user: 'curtail', password: 'env:PW' } });
    server.add('incident', { number: 'ONE' });
    other.add('incident', { number: 'TWO' });
    const find = { table: 'incident', query: 'active=true', fields: ['number'] };
    const found = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? tables : others).find(find)),
    );
    expect(found.map(({ rows }) => rows[0]?.['number'])).toEqual(
      Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 'ONE' : 'TWO')),
    );
    expect(new Set(server.seen.filter(isTable).map(({ headers }) => headers.authorization))).toEqual(
      new Set(['Bearer token-1']),
    );
    expect(other.seen.every(({ headers }) => headers.authorization?.startsWith('Basic ') === true)).toBe(
      true,
    );
  });

  it('renews a token that ends in the middle of a run, and never repeats what was done', async () => {
    await tables.find(FIND);
    server.expireTokens();
    await tables.create({ table: 'incident', row: { short_description: 'x' } });
    expect(server.table('incident')).toHaveLength(1);
  });

  it('follows no redirect and waits no longer than allowed', async () => {
    server.fail(isTable, { answer: { status: 302, headers: { location: `${server.url}/stolen` } } });
    await expect(tables.find(FIND)).rejects.toThrow(/a redirect is not followed/);
    server.fail(isTable, 'never answers');
    await expect(tables.find(FIND)).rejects.toMatchObject({ type: 'vendor.unavailable' });
    expect(server.seen.some(({ url }) => url.pathname === '/stolen')).toBe(false);
  });

  it('counts rows that access rules hide', async () => {
    server.add('incident', {});
    server.hidden.add('incident');
    expect(await tables.find({ ...FIND, query: 'active=true' })).toEqual({ rows: [], total: 1 });
  });

  it('asks for stored values and few rows, and writes stored values', async () => {
    await tables.find({ ...FIND, limit: 7 });
    await tables.create({ table: 'incident', row: {} });
    const [read, written] = server.seen
      .filter(isTable)
      .map(({ url }) => Object.fromEntries(url.searchParams));
    expect(read).toMatchObject({ sysparm_display_value: 'false', sysparm_limit: '7' });
    expect(written).toMatchObject({ sysparm_input_display_value: 'false', sysparm_display_value: 'false' });
  });

  it('takes a reference with its link as its sys_id', async () => {
    const send: Send = async () => ({
      result: [{ a: { link: 'https://x', value: 'b'.repeat(32) }, c: 5, __proto__x: 'y' }],
    });
    const { rows } = await createTables(send).find({ ...FIND, fields: ['a'] });
    expect(rows).toEqual([{ a: 'b'.repeat(32), c: '', __proto__x: 'y' }]);
  });
});
