import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Ledger } from '../activities/ledger/port.js';
import { openLedger } from '../activities/ledger/registry.js';
import type { Finding } from '../domain/finding/finding.js';
import { Secret } from '../runtime/secret.js';

/**
 * How fast findings are taken into the ledger: first sight, the same again, one in ten changed, and the end of the scan.
 * `--findings 100000 --batch 2000 [--url postgresql://…]`; prints one JSON document.
 */
const { values } = parseArgs({
  options: {
    findings: { type: 'string', default: '100000' },
    batch: { type: 'string', default: '2000' },
    url: { type: 'string' },
  },
});
const findings = Number(values.findings);
const batch = Number(values.batch);

type Recorded = Parameters<Ledger['recordFindings']>[0]['records'][number];

function record(i: number, print: string): Recorded {
  const name = `service-${i % 997}-role-${i}`;
  const permissions = Array.from({ length: 12 }, (_, n) => `service${n}:Action${(i + n) % 31}`);
  const finding: Finding = {
    source: 'generic',
    sourceId: `f-${i}`,
    canonicalKey: `generic|excessive-permissions|${name}`,
    kind: 'excessive-permissions',
    title: `${name} has permissions that it never used`,
    severity: i % 50 === 0 ? 'critical' : 'medium',
    status: 'open',
    cloud: 'aws',
    account: String(100_000_000_000 + (i % 300)),
    subject: { type: 'identity', id: `arn:aws:iam::${100_000_000_000 + (i % 300)}:role/${name}`, name },
    resources: [],
    evidence: { permissions, text: `seen by rule ${print}` },
    labels: [],
    tags: { team: `team-${i % 40}`, env: 'prod' },
    ownerHints: [],
    compliance: [],
  };
  return {
    key: i.toString(16).padStart(32, '0'),
    fingerprint: print,
    finding,
    original: { id: i, print, permissions, raw: name.repeat(40) },
  };
}

let peakRss = 0;
async function takeIn(ledger: Ledger, scanId: string, printOf: (i: number) => string): Promise<object> {
  const counts = new Map<string, number>();
  const began = performance.now();
  for (let from = 0; from < findings; from += batch) {
    const count = Math.min(batch, findings - from);
    const records = Array.from({ length: count }, (_, n) => record(from + n, printOf(from + n)));
    for (const { disposition } of await ledger.recordFindings({
      scanId,
      source: 'generic',
      atMs: Date.now(),
      records,
    })) {
      counts.set(disposition, (counts.get(disposition) ?? 0) + 1);
    }
    peakRss = Math.max(peakRss, process.memoryUsage().rss);
  }
  const seconds = (performance.now() - began) / 1000;
  return {
    seconds: round(seconds),
    perSecond: Math.round(findings / seconds),
    ...Object.fromEntries(counts),
  };
}

function round(seconds: number): number {
  return Math.round(seconds * 100) / 100;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return round((performance.now() - began) / 1000);
}

const folder = await mkdtemp(join(tmpdir(), 'curtail-intake-'));
const bodyKey = 'k'.repeat(43);
const config =
  values.url === undefined
    ? { vendor: 'embedded', folder: 'ledger' }
    : { vendor: 'postgres', url: values.url, bodyKey: `${bodyKey}=` };
try {
  const ledger = await openLedger(config, {
    log: () => undefined,
    now: Date.now,
    fetch,
    folder,
    resolveSecret: async (reference) => new Secret(reference),
  });
  const results = {
    engine: config.vendor,
    findings,
    batch,
    first: await takeIn(ledger, 'scan-1', () => 'a'),
    again: await takeIn(ledger, 'scan-2', () => 'a'),
    changed: await takeIn(ledger, 'scan-3', (i) => (i % 10 === 0 ? 'b' : 'a')),
    completeScanSeconds: await timed(() =>
      ledger.completeScan({ scanId: 'scan-3', source: 'generic', atMs: Date.now() }),
    ),
    listSeconds: await timed(() => ledger.findings({ live: true, limit: 100 })),
    searchSeconds: await timed(() => ledger.findings({ text: 'role-77777', limit: 100 })),
    countsSeconds: await timed(() => ledger.counts()),
    peakRssMb: 0,
  };
  await ledger.close();
  process.stdout.write(`${JSON.stringify({ ...results, peakRssMb: Math.round(peakRss / 1e6) }, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
