import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { accountFolder, applyInFolder, currentInFolder } from '../activities/cloud/snapshot-store.js';
import type { Change } from '../domain/change/change.js';
import { isRecord, type Json } from '../domain/json.js';
import { arn, PAYMENTS, PRODUCTION } from './model/names.js';

/** Where the world acts, and when. */
export interface Moment {
  folder: string;
  nowMs: number;
}

/** Somebody changes the policy of the web roles in the console, while Curtail waits for an approval. */
export async function driftSharedPolicy({ folder, nowMs }: Moment): Promise<Change> {
  const target = { arn: arn.policy(PRODUCTION, 'SharedWebTierPolicy') };
  const account = accountFolder(join(folder, 'account'), PRODUCTION);
  const before = await currentInFolder(account, { kind: 'managed-policy', target });
  const statements =
    isRecord(before) && Array.isArray(before['Statement']) ? (before['Statement'] as Json[]) : [];
  const more: Json = { Sid: 'Sessions', Effect: 'Allow', Action: 'elasticache:Connect', Resource: '*' };
  const change: Change = {
    kind: 'managed-policy',
    target,
    before,
    after: { Version: '2012-10-17', Statement: [...statements, more] },
  };
  await applyInFolder(account, { change, key: `console/${nowMs}`, by: 'console:lena.fischer', nowMs });
  return change;
}

/** The payments team carries out its ticket: the database loses its public address. */
export async function closePaymentsDatabase({ folder, nowMs }: Moment): Promise<Change> {
  const change: Change = {
    kind: 'database-public-access',
    target: { arn: arn.regional('rds', PAYMENTS, 'db:payments-ledger') },
    before: { public: true },
    after: { public: false },
  };
  const account = accountFolder(join(folder, 'account'), PAYMENTS);
  await applyInFolder(account, { change, key: `console/${nowMs}`, by: 'console:noor.haddad', nowMs });
  return change;
}

const EVENTS = {
  'drift-shared-policy': driftSharedPolicy,
  'close-payments-database': closePaymentsDatabase,
} as const;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, event] = process.argv.slice(2);
  if (folder === undefined || event === undefined || !(event in EVENTS)) {
    throw new Error(`usage: tsx samples/world.ts <working folder> ${Object.keys(EVENTS).join('|')}`);
  }
  const change = await EVENTS[event as keyof typeof EVENTS]({ folder, nowMs: Date.now() });
  console.log(JSON.stringify(change, null, 2));
}
