import { readdir, readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import type { ChangeTarget } from '../../domain/change/change.js';
import { Failure, FailureType } from '../../domain/failure.js';
import { type AdapterDeps, adapter } from '../adapter.js';
import { codeOf } from './file-lock.js';
import type { Cloud, ManagedBy, UsageLog } from './port.js';
import { addressesInState, ownerOf } from './provenance.js';
import {
  type AccountFolder,
  accountFolder,
  accountIds,
  applyInFolder,
  currentInFolder,
  readAccountFile,
} from './snapshot-store.js';
import { isAbout, isBy, readTrail } from './trail.js';

const SnapshotConfig = z.strictObject({
  /** Folder with one sub-folder per account id. */
  path: z.string().min(1),
});

/** `logging.json`: what the account logs at all. Absent means: nobody said, so nothing counts as logged. */
const Logging = z.strictObject({
  management: z.boolean(),
  data: z.union([z.literal('all'), z.array(z.string())]),
});

/**
 * Accounts as files in a folder: `<account>/account.json` (the authorization details with resources), `logging.json`,
 * `*.tfstate`, and CloudTrail's own `AWSLogs/…`. Real enough to work on: changes are written back, once per key.
 */
export function createSnapshot(config: z.output<typeof SnapshotConfig>, deps: AdapterDeps): Cloud {
  const root = isAbsolute(config.path) ? config.path : join(deps.folder, config.path);
  return {
    traits: { vendor: 'snapshot', writes: true, usage: true },
    accounts: () => accountIds(root),
    readAccount: async (accountId) => readAccountFile(accountFolder(root, accountId)),
    readUsage: async (input) => {
      const folder = accountFolder(root, input.accountId);
      const logging = await loggingOf(folder);
      const trail = await readTrail(folder.path, {
        accountId: input.accountId,
        fromMs: instant(input.fromIso),
        toMs: instant(input.toIso),
        ...(input.signal !== undefined && { signal: input.signal }),
      });
      const gaps =
        logging === undefined ? [...trail.gaps, 'nobody declared what this account logs'] : trail.gaps;
      const events = selected(trail.records, input);
      return { events, logging: logging ?? { management: false, data: [] }, gaps };
    },
    managedBy: async (accountId, target) => managedBy(accountFolder(root, accountId), target),
    current: async (accountId, change) => currentInFolder(accountFolder(root, accountId), change),
    apply: async ({ accountId, change, key, signal }) => {
      const folder = accountFolder(root, accountId);
      const owner = await managedBy(folder, change.target);
      if (owner !== undefined) {
        throw new Failure(
          FailureType.ApplyRefused,
          `snapshot: ${change.kind} is not changed here: ${owner.tool} owns it (${owner.evidence}) and would undo it; change the code`,
        );
      }
      const options = { change, key, by: 'curtail', nowMs: deps.now() };
      return applyInFolder(folder, signal === undefined ? options : { ...options, signal });
    },
  };
}

/** The snapshot adapter. */
export const snapshot = adapter(SnapshotConfig, createSnapshot);

function selected(
  records: readonly Record<string, unknown>[],
  { principals, resources }: { principals?: readonly string[]; resources?: readonly string[] },
): UsageLog['events'] {
  if (principals === undefined && resources === undefined) return records;
  const by = new Set(principals);
  const about = new Set(resources);
  return records.filter((record) => isBy(record, by) || isAbout(record, about));
}

async function managedBy(folder: AccountFolder, target: ChangeTarget): Promise<ManagedBy | undefined> {
  const account = await readAccountFile(folder);
  const addresses = new Map<string, string>();
  for (const file of (await readdir(folder.path)).filter((name) => name.endsWith('.tfstate'))) {
    for (const [arn, address] of await readState(join(folder.path, file))) addresses.set(arn, address);
  }
  return ownerOf(account, target, addresses);
}

async function readState(path: string): Promise<ReadonlyMap<string, string>> {
  try {
    return addressesInState(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    // A state that cannot be read might own the target: fail rather than change what Terraform manages.
    throw new Failure(
      FailureType.VendorShape,
      `snapshot: reading ${path}: not a Terraform state of version 4`,
      { cause: error },
    );
  }
}

async function loggingOf(folder: AccountFolder): Promise<UsageLog['logging'] | undefined> {
  const path = join(folder.path, 'logging.json');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return Logging.parse(JSON.parse(text));
  } catch (error) {
    throw new Failure(FailureType.VendorShape, `snapshot: reading ${path}: expected {"management", "data"}`, {
      cause: error,
    });
  }
}

function instant(iso: string): number {
  const at = Date.parse(iso);
  if (Number.isNaN(at))
    throw new Failure(
      FailureType.InvalidInput,
      `snapshot: ${JSON.stringify(iso)} is no instant; use ISO 8601`,
    );
  return at;
}
