import { openSource } from '../../activities/cnapp/registry.js';
import { startLacework } from '../../test/support/lacework-server.js';
import { startOrca } from '../../test/support/orca-server.js';
import { depsOf, type PlatformDouble } from '../../test/support/platform-double.js';
import { startPrisma } from '../../test/support/prisma-server.js';
import { startWiz } from '../../test/support/wiz-server.js';

interface Tenant {
  start: (count: number) => PlatformDouble;
  settings: unknown;
}

const TENANTS: Readonly<Record<string, Tenant>> = {
  wiz: {
    start: startWiz,
    settings: {
      apiUrl: 'https://api.us1.app.wiz.io/graphql',
      clientId: 'id',
      clientSecret: 'env:W',
      read: ['issues'],
    },
  },
  prisma: { start: startPrisma, settings: { accessKeyId: 'id', secretKey: 'env:P' } },
  orca: { start: startOrca, settings: { token: 'env:O' } },
  lacework: {
    start: (count) => startLacework(count, 500),
    settings: { account: 'acme', keyId: 'id', secretKey: 'env:L', lookBackDays: 7 },
  },
};

/** How fast each platform's list is read and normalised through its double, and how many calls that takes. */
export async function perPlatform(findings: number): Promise<Record<string, object>> {
  const figures: Record<string, object> = {};
  for (const [vendor, { start, settings }] of Object.entries(TENANTS)) {
    const double = start(findings);
    const source = await openSource({ vendor, name: vendor, settings }, depsOf(double));
    const began = performance.now();
    const read = new Set<string>();
    let cursor: string | undefined;
    do {
      const page = await source.list(cursor === undefined ? {} : { cursor });
      for (const record of page.records) if (record.ok) read.add(record.finding.sourceId);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    const seconds = (performance.now() - began) / 1_000;
    figures[vendor] = {
      findings: read.size,
      findingsPerSecond: Math.round(read.size / seconds),
      apiCallsPerThousand: Math.round((double.calls.length / findings) * 100_000) / 100,
    };
  }
  return figures;
}
