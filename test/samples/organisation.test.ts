import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { openCmdbFile } from '../../activities/cmdb/file.js';
import { parseDirectory } from '../../activities/directory/file-reader.js';
import { readFreezes, readNeverTouch } from '../../activities/guardrail/lists.js';
import { readStandingBounds } from '../../domain/approval/standing.js';
import { parseAccount } from '../../domain/graph/account.js';
import { neverTouchReason } from '../../domain/guardrail/never-touch.js';
import { isRecord } from '../../domain/json.js';
import { OUTCOMES } from '../../domain/lifecycle/stage.js';
import { openFlags } from '../../runtime/flags.js';
import { organisationFiles } from '../../samples/generate.js';
import { ORGANISATION } from '../../samples/load.js';
import { FINDINGS } from '../../samples/model/findings.js';
import { arn, DEVELOPMENT, PRODUCTION } from '../../samples/model/names.js';

const at = (name: string): string => join(ORGANISATION, name);
const expected = JSON.parse(readFileSync(join(ORGANISATION, '..', 'expected.json'), 'utf8')) as {
  findings: readonly {
    key: string;
    source: string;
    findingSourceId: string;
    script: readonly { person: string; action: string }[];
    ending: string;
  }[];
};

describe('the sample organisation', () => {
  it('is what its seed makes, byte for byte', () => {
    const differing = organisationFiles().filter(
      ({ path, content }) => !Buffer.from(content).equals(readFileSync(at(path))),
    );
    expect(differing.map(({ path }) => path)).toEqual([]);
  });

  it('has accounts that the product reads, and whose policies are all known', () => {
    for (const { path, content } of organisationFiles().filter((file) =>
      file.path.endsWith('/account.json'),
    )) {
      const account = parseAccount(JSON.parse(String(content)));
      expect(account.principals.size).toBeGreaterThan(0);
      expect([path, [...account.principals.values()].flatMap((each) => each.unknownPolicies)]).toEqual([
        path,
        [],
      ]);
    }
  });

  it('has a directory, records, lists and flags that the product reads', async () => {
    const { entries } = parseDirectory(readFileSync(at('directory.yaml'), 'utf8'), 'directory.yaml');
    expect(entries.get('dana.okafor')?.person.roles).toContain('security');
    const record = await openCmdbFile(at('cmdb.yaml')).record({
      arn: arn.role(PRODUCTION, 'web-search'),
      name: 'web-search',
      tags: { team: 'storefront', env: 'production' },
    });
    expect(record?.owner?.person).toBe('jonas.weber');
    expect(readFreezes(at('freezes.yaml')).map((freeze) => freeze.name)).toContain('Year-end sale');
    const list = readNeverTouch(at('never-touch.yaml'));
    expect(neverTouchReason({ arn: 'x', name: 'regulator-read', tags: {} }, list)).toMatch(/statutory/);
    expect(neverTouchReason({ arn: 'x', name: 'BreakGlassAdministrator', tags: {} }, list)).toMatch(
      /break-glass/,
    );
  });

  it('automates one kind in development, assists in its accounts, and only observes elsewhere', async () => {
    const flags = await openFlags(at('flags.json'));
    try {
      const phase = async (account: string, kind: string) =>
        (await flags.phase({ targetingKey: 'k', account, kind })).phase;
      expect(await phase(DEVELOPMENT, 'unused-credential')).toBe('automate');
      expect(await phase(DEVELOPMENT, 'excessive-permissions')).toBe('assist');
      expect(await phase(PRODUCTION, 'unused-credential')).toBe('assist');
      expect(await phase('999999999999', 'unused-credential')).toBe('observe');
      expect(await flags.killSwitch({ targetingKey: 'k' })).toBe(false);
      expect(await flags.standingApprovals({ targetingKey: 'k', environment: 'development' })).toBe(true);
      expect(await flags.standingApprovals({ targetingKey: 'k', environment: 'production' })).toBe(false);
    } finally {
      await flags.close();
    }
  });

  it('has standing approvals with bounds that can be signed', () => {
    const file: unknown = parse(readFileSync(at('standing-approvals.yaml'), 'utf8'));
    const list = isRecord(file) && Array.isArray(file['standingApprovals']) ? file['standingApprovals'] : [];
    expect(list.length).toBeGreaterThan(0);
    for (const each of list) {
      expect(readStandingBounds({ ...each, expiresAtMs: Date.parse(String(each.expires)) })).toBeDefined();
    }
  });
});

describe('what is expected of a scripted run', () => {
  it('names every finding once, by the id that its platform gives', () => {
    const listed = expected.findings.map(({ key, source, findingSourceId }) => ({
      key,
      source,
      id: findingSourceId,
    }));
    const made = FINDINGS.map(({ key, source, id }) => ({ key, source, id }));
    expect([...listed].sort(byKey)).toEqual([...made].sort(byKey));
  });

  it('uses people of the directory and endings of the product', () => {
    const { entries } = parseDirectory(readFileSync(at('directory.yaml'), 'utf8'), 'directory.yaml');
    const people = expected.findings.flatMap(({ script }) => script.map(({ person }) => person));
    expect(people.filter((person) => person !== 'world' && !entries.has(person))).toEqual([]);
    expect(expected.findings.filter(({ ending }) => !OUTCOMES.some((outcome) => outcome === ending))).toEqual(
      [],
    );
  });

  it('covers the endings that matter', () => {
    const endings = new Set(expected.findings.map(({ ending }) => ending));
    expect([...endings].sort()).toEqual([
      'auto-remediated',
      'below-floor',
      'expired',
      'never-touch',
      'no-change',
      'rejected',
      'rolled-back',
      'verified',
    ]);
  });
});

function byKey(a: { key: string }, b: { key: string }): number {
  return a.key < b.key ? -1 : 1;
}
