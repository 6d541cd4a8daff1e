import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { AdapterDeps } from '../../../activities/adapter.js';
import { parseDirectory } from '../../../activities/directory/file-reader.js';
import { managerChain } from '../../../activities/directory/manager-chain.js';
import { directoryAdapters } from '../../../activities/directory/registry.js';
import { Secret } from '../../../runtime/secret.js';

const folder = mkdtempSync(join(tmpdir(), 'curtail-directory-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const deps: AdapterDeps = {
  log: () => undefined,
  now: () => 0,
  fetch: globalThis.fetch,
  resolveSecret: async () => new Secret(''),
  folder,
};

const ACME = `
people:
  - {id: ada, name: Ada, email: Ada@acme.test, roles: [owner], team: orders, manager: bob, timezone: Europe/Berlin, accounts: {slack: U1, jira: shared}}
  - id: bob
    name: Bob
    email: bob@acme.test
    roles: [owner, approver]
    teams: [orders, leads]
    manager: cy
    outOfOffice: [{from: 2026-12-24, to: 2026-12-26, delegate: dee}, {from: 2027-01-01T08:00:00+01:00, to: 2027-01-01T09:00:00+01:00}]
  - {id: cy, name: Cy, email: cy@acme.test, roles: [security], outOfOffice: {from: 2027-01-01, to: 2027-01-01, delegate: bob}}
  - {id: dee, name: Dee, email: dee@acme.test, team: orders, accounts: {jira: shared}}
teams:
  - {name: orders, lead: bob}
`;

function open(text: string, name = 'directory.yaml') {
  writeFileSync(join(folder, name), text);
  return directoryAdapters.file.open({ path: name }, deps);
}

describe('a directory in a file', () => {
  it('knows people by id, by address and by account', async () => {
    const directory = await open(ACME);
    expect(await directory.person('ada')).toEqual({
      id: 'ada',
      name: 'Ada',
      email: 'Ada@acme.test',
      roles: ['owner'],
      team: 'orders',
      managerId: 'bob',
      timeZone: 'Europe/Berlin',
    });
    for (const name of ['ADA@acme.test', 'u1', 'slack:U1', ' ada@acme.test '])
      expect((await directory.byEmail(name))?.id).toBe('ada');
    for (const name of ['', 'shared', 'jira:shared', 'teams:U1', 'ada', '__proto__'])
      expect(await directory.byEmail(name)).toBeUndefined();
    expect(await directory.person('constructor')).toBeUndefined();
    expect((await directory.people()).map(({ id }) => id)).toEqual(['ada', 'bob', 'cy', 'dee']);
  });

  it('knows when a team works, and refuses hours that cannot be', async () => {
    const hours = (text: string) =>
      ACME.replace('{name: orders, lead: bob}', `{name: orders, lead: bob, hours: ${text}}`);
    const directory = await open(
      hours('{timezone: Asia/Kolkata, days: [sun, mon], from: "10:00", holidays: [2026-12-25]}'),
    );
    expect(await directory.workingHours?.('orders')).toEqual({
      timeZone: 'Asia/Kolkata',
      days: [7, 1],
      fromMinute: 600,
      toMinute: 1_020,
      holidays: ['2026-12-25'],
    });
    expect(await directory.workingHours?.('leads')).toBeUndefined();
    for (const [text, fault] of [
      ['{timezone: Atlantis}', /time zone such as/],
      ['{timezone: UTC, from: "17:00", to: "09:00"}', /ends after it begins/],
      ['{timezone: UTC, from: "9"}', /a time such as 09:00/],
    ] as const)
      expect(() => parseDirectory(hours(text), 'd.yaml')).toThrow(fault);
  });

  it('puts the lead of a team first', async () => {
    const directory = await open(ACME);
    expect((await directory.team('orders')).map(({ id }) => id)).toEqual(['bob', 'ada', 'dee']);
    expect((await directory.team('leads')).map(({ id }) => id)).toEqual(['bob']);
    expect(await directory.team('nobody')).toEqual([]);
  });

  it.each<[name: string, id: string, at: string, standIn: string | undefined]>([
    ['who is there', 'bob', '2026-12-23T23:59:59Z', 'bob'],
    ['who is away, with a delegate', 'bob', '2026-12-24T00:00:00Z', 'dee'],
    ['on the last day of a date', 'bob', '2026-12-26T23:59:59Z', 'dee'],
    ['on the day after', 'bob', '2026-12-27T00:00:00Z', 'bob'],
    ['when all of the chain are away, and point at each other', 'bob', '2027-01-01T07:30:00Z', 'bob'],
    ['nobody that we know', 'eve', '2026-12-24T00:00:00Z', undefined],
  ])('asks for %s', async (_name, id, at, standIn) => {
    const directory = await open(ACME);
    expect((await directory.standIn(id, Date.parse(at)))?.id).toBe(standIn);
  });

  it('goes up the managers', async () => {
    const directory = await open(ACME);
    expect((await managerChain(directory, 'ada')).map(({ id }) => id)).toEqual(['bob', 'cy']);
    expect(await managerChain(directory, 'cy')).toEqual([]);
    expect(
      await managerChain(
        { person: async (id) => ({ id, name: id, email: '', roles: [], managerId: id === 'x' ? 'y' : 'x' }) },
        'x',
      ),
    ).toHaveLength(1);
  });

  it('takes a change at once, and knows nobody while the file is broken', async () => {
    const directory = await open(ACME, 'changing.yaml');
    const path = join(folder, 'changing.yaml');
    writeFileSync(path, ACME.replace('roles: [security]', 'roles: []'));
    utimesSync(path, 1, 1);
    expect((await directory.person('cy'))?.roles).toEqual([]);
    writeFileSync(path, 'people: nobody');
    utimesSync(path, 2, 2);
    await expect(directory.person('cy')).rejects.toMatchObject({ type: 'vendor.unavailable' });
    writeFileSync(path, ACME);
    utimesSync(path, 3, 3);
    expect((await directory.person('cy'))?.roles).toEqual(['security']);
  });
});

describe('a directory with faults', () => {
  it.each<[name: string, text: string, message: RegExp]>([
    [
      'an id twice',
      'people:\n  - {id: a, name: A, email: a@x.test}\n  - {id: A, name: B, email: b@x.test}',
      /d\.yaml:3:10 people\.1\.id: the same id twice/,
    ],
    [
      'an address twice',
      'people:\n  - {id: a, name: A, email: a@x.test}\n  - {id: b, name: B, email: A@x.test}',
      /:3:29 people\.1\.email/,
    ],
    [
      'a manager who is not there',
      'people:\n  - {id: a, name: A, email: a@x.test, manager: z}',
      /:2:48 people\.0\.manager: nobody has the id z/,
    ],
    [
      'a lead who is not there',
      'people: [{id: a, name: A, email: a@x.test}]\nteams: [{name: t, lead: z}]',
      /teams\.0\.lead/,
    ],
    [
      'a delegate who is not there',
      'people: [{id: a, name: A, email: a@x.test, outOfOffice: {from: 2026-01-01, to: 2026-01-02, delegate: z}}]',
      /outOfOffice: nobody/,
    ],
    [
      'a circle',
      'people:\n  - {id: a, name: A, email: a@x.test, manager: b}\n  - {id: b, name: B, email: b@x.test, manager: a}',
      /:2:48 .*a reports to themselves/,
    ],
    ['a slip in a key', 'people: [{id: a, name: A, emial: a@x.test}]', /did you mean email\?/],
    ['an address that is none', 'people: [{id: a, name: A, email: a}]', /email/],
    [
      'a time zone that is none',
      'people: [{id: a, name: A, email: a@x.test, timezone: Mars}]',
      /Europe\/Berlin/,
    ],
    ['nobody at all', 'people: []', /people/],
  ])('names %s and its place', (_name, text, message) => {
    expect(() => parseDirectory(text, 'd.yaml')).toThrow(message);
  });
});
