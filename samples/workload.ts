import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CALLS, type Call } from './model/calls.js';
import { allows, type RawAccount } from './model/scan-rules.js';
import { deterministicGzip, trailPath } from './model/trail-files.js';
import { recordOf } from './model/trail-record.js';

/** What one round of work came to. */
export interface Round {
  made: number;
  denied: readonly { principal: string; action: string }[];
}

/**
 * Larkfield's workloads go on working: each makes its usual calls, and the trail shows what became of them. A call that
 * the account's policies no longer allow is recorded as AccessDenied. `seasonal` lets the quarterly jobs run as well.
 */
export async function work(input: {
  folder: string;
  nowMs: number;
  seasonal?: boolean;
  account?: string;
}): Promise<Round> {
  const denied: { principal: string; action: string }[] = [];
  let made = 0;
  const calls = CALLS.filter((call) => input.account === undefined || call.account === input.account);
  for (const account of new Set(calls.map((call) => call.account))) {
    const raw = JSON.parse(
      await readFile(join(input.folder, 'account', account, 'account.json'), 'utf8'),
    ) as RawAccount;
    const due = calls.filter((call) => call.account === account && isDue(call, input.seasonal === true));
    const records = due.map((call) => {
      const isDenied =
        call.action !== 'sts:GetCallerIdentity' && !allows(raw, call.principal, call.action, call.resource);
      if (isDenied) denied.push({ principal: call.principal, action: call.action });
      const timeIso = new Date(input.nowMs).toISOString().replace(/\.\d+Z$/, 'Z');
      return recordOf(call, { timeIso, eventId: randomUUID(), requestId: randomUUID(), denied: isDenied });
    });
    made += records.length;
    await writeLog(input.folder, account, input.nowMs, records);
  }
  return { made, denied };
}

function isDue(call: Call, seasonal: boolean): boolean {
  return call.seasonal === undefined ? call.perDay !== undefined : seasonal;
}

async function writeLog(
  folder: string,
  account: string,
  nowMs: number,
  records: readonly unknown[],
): Promise<void> {
  const path = join(folder, 'account', trailPath(account, nowMs, randomBytes(8).toString('hex')));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.part`, deterministicGzip(JSON.stringify({ Records: records })));
  await rename(`${path}.part`, path);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, ...flags] = process.argv.slice(2);
  if (folder === undefined)
    throw new Error('usage: tsx samples/workload.ts <working folder> [--seasonal] [--every <seconds>]');
  const seasonal = flags.includes('--seasonal');
  const every = flags.includes('--every') ? Number(flags[flags.indexOf('--every') + 1]) : undefined;
  if (every !== undefined && !(every > 0)) throw new Error('--every needs a number of seconds');
  for (;;) {
    const round = await work({ folder, nowMs: Date.now(), seasonal });
    console.log(
      `${round.made} calls, ${round.denied.length} denied${round.denied.map((each) => `\n  ${each.action} by ${each.principal}`).join('')}`,
    );
    if (every === undefined) break;
    await wait(every * 1000);
  }
}
