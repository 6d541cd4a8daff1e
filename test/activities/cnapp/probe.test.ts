import { describe, expect, it } from '@jest/globals';
import { openSource } from '../../../activities/cnapp/registry.js';
import { startLacework } from '../../support/lacework-server.js';
import { startOrca } from '../../support/orca-server.js';
import { depsOf, type PlatformDouble } from '../../support/platform-double.js';
import { startPrisma } from '../../support/prisma-server.js';
import { startWiz } from '../../support/wiz-server.js';

const WIZ = { apiUrl: 'https://api.us1.app.wiz.io/graphql', clientId: 'id', clientSecret: 'env:W' };
const SOURCES: readonly [vendor: string, settings: unknown, start: () => PlatformDouble, lists: number][] = [
  ['wiz', WIZ, () => startWiz(2), 3],
  ['prisma', { accessKeyId: 'id', secretKey: 'env:P' }, () => startPrisma(2), 1],
  ['orca', { token: 'env:O' }, () => startOrca(2), 1],
  [
    'lacework',
    { account: 'acme', keyId: 'id', secretKey: 'env:L', lookBackDays: 7 },
    () => startLacework(2),
    2,
  ],
];

async function probe(vendor: string, settings: unknown, double: PlatformDouble) {
  const source = await openSource({ vendor, name: vendor, settings }, depsOf(double));
  return (await source.probe?.()) ?? [];
}

describe('what the credentials of a platform allow', () => {
  it.each(SOURCES)('is asked of %s list by list, by reading', async (vendor, settings, start, lists) => {
    const double = start();
    const found = await probe(vendor, settings, double);
    expect(found).toHaveLength(lists);
    for (const each of found)
      expect(each).toMatchObject({ what: expect.stringMatching(/^read /), ok: true, note: '' });
    expect(found.some(({ needs }) => needs === 'the right to read them')).toBe(false);
  });

  it.each(SOURCES)('says of %s what the platform said when it refuses', async (vendor, settings, start) => {
    const double = start();
    double.locked = true;
    const refused = Array.from({ length: 20 }, () => ({ status: 403, json: { message: 'Forbidden' } }));
    double.next(...refused);
    const found = await probe(vendor, settings, double);
    expect(found.length).toBeGreaterThan(0);
    for (const each of found) {
      expect(each.ok).toBe(false);
      expect(each.note).not.toBe('');
    }
  });
});
