import { describe, expect, it } from '@jest/globals';
import { openCallLog } from '../../../activities/cnapp/call-log.js';
import type { CnappSource } from '../../../activities/cnapp/port.js';
import { openSource } from '../../../activities/cnapp/registry.js';
import type { PlatformCall } from '../../../domain/finding/platform-call.js';
import { startLacework } from '../../support/lacework-server.js';
import { startOrca } from '../../support/orca-server.js';
import { depsOf, type PlatformDouble } from '../../support/platform-double.js';
import { startPrisma } from '../../support/prisma-server.js';
import { startWiz } from '../../support/wiz-server.js';

const WIZ = { apiUrl: 'https://api.us1.app.wiz.io/graphql', clientId: 'id', clientSecret: 'env:W' };

async function logged(
  vendor: string,
  settings: unknown,
  double: PlatformDouble,
  keep?: (calls: readonly PlatformCall[]) => Promise<void>,
): Promise<{ source: CnappSource; kept: PlatformCall[]; unkept: unknown[] }> {
  const kept: PlatformCall[] = [];
  const unkept: unknown[] = [];
  const log = openCallLog({
    now: () => double.now,
    keep: keep ?? (async (calls) => void kept.push(...calls)),
    unkept: (error) => unkept.push(error),
  });
  const deps = { ...depsOf(double), onCall: log.onCall };
  return { source: log.over(await openSource({ vendor, name: vendor, settings }, deps)), kept, unkept };
}

describe('the log of calls', () => {
  it.each<[vendor: string, settings: unknown, double: PlatformDouble, id: string]>([
    ['wiz', WIZ, startWiz(2), '00000000-0000-4000-8000-000000000001'],
    ['prisma', { accessKeyId: 'id', secretKey: 'env:P' }, startPrisma(2), 'I-1'],
    ['orca', { token: 'env:O' }, startOrca(2), 'orca-1'],
    [
      'lacework',
      { account: 'acme', keyId: 'id', secretKey: 'env:L', lookBackDays: 7 },
      startLacework(2),
      '1',
    ],
  ])(
    'has every call of %s, whose it was and how it went, and nothing of what was said',
    async (vendor, settings, double, id) => {
      const { source, kept } = await logged(vendor, settings, double);
      await source.get(id);
      await source.comment({ sourceId: id, key: 'k', text: 'a secret thought' });
      expect(kept).toHaveLength(double.calls.length);
      for (const call of kept)
        expect(call).toEqual({
          platform: vendor,
          sourceId: id,
          operation: expect.stringMatching(/^[a-z][a-zA-Z ]+$/),
          method: expect.stringMatching(/^[A-Z]+$/),
          status: expect.any(Number),
          durationMs: expect.any(Number),
          digest: expect.stringMatching(/^[0-9a-f]{64}$/),
          atMs: double.now,
        });
      expect(JSON.stringify(kept)).not.toMatch(/s3cr3t|token-\d|secret thought/);
    },
  );

  it('tells lists from what belongs to a finding, also side by side', async () => {
    const double = startWiz(3);
    const { source, kept } = await logged('wiz', WIZ, double);
    const [a = '', b = ''] = double.issues.map((issue) => String(issue['id']));
    await Promise.all([source.list({}), source.get(a), source.get(b)]);
    const reads = kept.filter(({ operation }) => operation === 'reading an issue');
    expect(reads.map(({ sourceId }) => sourceId).sort()).toEqual([a, b]);
    expect(
      kept.filter(({ operation }) => operation.startsWith('listing')).map((call) => call.sourceId),
    ).toEqual([undefined]);
  });

  it('has calls that failed, and those that got no answer', async () => {
    const double = startWiz(1);
    const { source, kept } = await logged('wiz', WIZ, double);
    double.next({ status: 503, text: 'down' });
    await expect(source.list({})).rejects.toThrow();
    double.fetch = async () => {
      throw new TypeError('fetch failed');
    };
    await expect(source.list({})).rejects.toThrow();
    const listed = kept.filter(({ operation }) => operation.startsWith('listing'));
    expect(listed.map(({ status, digest }) => [status, digest === undefined])).toEqual([
      [503, false],
      [0, true],
    ]);
  });

  it('that cannot be kept spoils nothing, and is reported', async () => {
    const double = startWiz(1);
    const fault = new Error('no ledger');
    const { source, unkept } = await logged('wiz', WIZ, double, () => Promise.reject(fault));
    expect((await source.list({})).records).toHaveLength(1);
    expect(unkept).toEqual([fault]);
  });
});
