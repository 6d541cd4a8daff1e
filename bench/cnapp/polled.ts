import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import type { Ledger } from '../../activities/ledger/port.js';
import { openLedger } from '../../activities/ledger/registry.js';
import { loadConfig } from '../../runtime/config.js';
import { Secret } from '../../runtime/secret.js';
import { startBenchServer } from '../lifecycle/bench-server.js';
import { startTenant, type Tenant } from './tenant.js';

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));
const PREFIX = 'bench';
const PAGE = 10_000;
const DIRECTORY = `teams: [{ name: security, lead: one }]
people: [{ id: one, name: One, email: one@synthetic.example, roles: [security, approver], team: security }]
`;

/**
 * Polls findings of a platform through its double into the product's own ledger, while the process of its workers is
 * killed with SIGKILL, and counts what is there in the end.
 */
export async function polledWithKills(findings: number, kills: number): Promise<object> {
  const bench = await startBenchServer();
  const tenant = await startTenant(findings);
  const cwd = join(bench.folder, 'product');
  try {
    const file = await configure(cwd, tenant);
    const { timing } = loadConfig({ file, cwd });
    let child = await startWorker(file, bench.cluster.address);
    const began = performance.now();
    const poll = async () =>
      bench.client.workflow.execute('ingestPoll', {
        workflowId: 'ingest/wiz',
        taskQueue: `${PREFIX}-core`,
        args: [{ source: 'wiz', timing }],
      });
    const first = poll();
    for (let kill = 1; kill <= kills; kill += 1) {
      await servedAtLeast(tenant, (findings * kill) / (kills + 1));
      child.kill('SIGKILL');
      await once(child, 'exit');
      child = await startWorker(file, bench.cluster.address);
    }
    await first;
    const seconds = (performance.now() - began) / 1_000;
    const calls = { ...tenant.calls };
    const served = tenant.served();
    await poll();
    const again = tenant.calls.pages - calls.pages;
    await settled(bench.client, Math.ceil(findings / 1_000));
    child.kill('SIGTERM');
    await once(child, 'exit');
    return {
      findings,
      kills,
      seconds: Math.round(seconds),
      findingsPerSecond: Math.round(findings / seconds),
      apiCallsPerThousand: perThousand(calls.signIns + calls.pages, findings),
      pagesReadTwice: Math.round((served - findings) / 250),
      refusals: calls.refusals,
      signIns: calls.signIns,
      callsOfNextPoll: again,
      ...(await inLedger(cwd, findings)),
      ...(await lives(bench.client, Math.ceil(findings / 1_000))),
      peakWorkerMb: await peakMb(cwd),
    };
  } finally {
    await tenant.close();
    await bench.stop();
  }
}

function perThousand(calls: number, findings: number): number {
  return Math.round((calls / findings) * 100_000) / 100;
}

async function configure(cwd: string, tenant: Tenant): Promise<string> {
  await mkdir(join(cwd, 'state'), { recursive: true });
  const file = join(cwd, 'curtail.yaml');
  const { apiUrl, tokenUrl } = tenant;
  await writeFile(join(cwd, 'secret'), 'secret\n', { mode: 0o600 });
  await writeFile(join(cwd, 'directory.yaml'), DIRECTORY);
  await writeFile(
    file,
    JSON.stringify({
      folder: 'state',
      temporal: { taskQueuePrefix: PREFIX },
      sources: [
        {
          vendor: 'wiz',
          apiUrl,
          tokenUrl,
          clientId: 'bench',
          clientSecret: 'file:secret',
          read: ['issues'],
          confirmed: true,
        },
      ],
      directory: { path: 'directory.yaml' },
      triage: { floor: { severity: 'critical' } },
      timing: 'demo',
    }),
  );
  return file;
}

async function startWorker(file: string, address: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', WORKER, file, address], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  if (child.stdout === null) throw new Error('the worker has no output');
  for await (const line of createInterface({ input: child.stdout })) if (line === 'working') return child;
  throw new Error(`the worker ended with ${child.exitCode ?? child.signalCode}`);
}

async function servedAtLeast(tenant: Tenant, findings: number): Promise<void> {
  while (tenant.served() < findings) await delay(20);
}

/** Waits until the lives that began have ended: they only explain, since no account is configured. */
async function settled(client: Client, expected: number): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    const { count } = await client.workflow.count(
      "WorkflowType = 'findingLifecycle' AND ExecutionStatus = 'Completed'",
    );
    if (count >= expected) return;
    await delay(200);
  }
  throw new Error('the lives do not end');
}

async function lives(client: Client, expected: number): Promise<object> {
  const runs: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query: "WorkflowType = 'findingLifecycle'" }))
    runs.push(workflowId);
  const distinct = new Set(runs).size;
  return { livesExpected: expected, lives: distinct, livesStartedTwice: runs.length - distinct };
}

async function inLedger(cwd: string, findings: number): Promise<object> {
  const ledger: Ledger = await openLedger(
    { vendor: 'embedded', folder: 'ledger' },
    {
      log: () => undefined,
      now: Date.now,
      fetch,
      folder: join(cwd, 'state'),
      resolveSecret: async (reference) => new Secret(reference),
    },
  );
  const seen = new Map<string, number>();
  let rows = 0;
  let laterGenerations = 0;
  for (let offset = 0; ; offset += PAGE) {
    const page = await ledger.findings({ limit: PAGE, offset });
    for (const { finding, generation } of page) {
      rows += 1;
      seen.set(finding.sourceId, (seen.get(finding.sourceId) ?? 0) + 1);
      if (generation > 1) laterGenerations += 1;
    }
    if (page.length < PAGE) break;
  }
  await ledger.close();
  return { lost: findings - seen.size, duplicated: rows - seen.size, laterGenerations };
}

async function peakMb(cwd: string): Promise<number> {
  const names = (await readdir(cwd)).filter((name) => name.startsWith('peak-'));
  const peaks = await Promise.all(names.map(async (name) => Number(await readFile(join(cwd, name), 'utf8'))));
  return Math.round(Math.max(...peaks) / 1024);
}
