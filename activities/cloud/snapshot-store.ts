import { open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { applyChange, currentState, refusalOf, sameState } from '../../domain/change/apply.js';
import type { Change } from '../../domain/change/change.js';
import { ChangeError } from '../../domain/change/error.js';
import { Failure, FailureType } from '../../domain/failure.js';
import type { AccountInput } from '../../domain/graph/account.js';
import { canonicalJson, type Json } from '../../domain/json.js';
import { createFileCache } from './file-cache.js';
import { codeOf, withLock } from './file-lock.js';

/** File names in the folder of one account. */
const ACCOUNT_FILE = 'account.json';
const JOURNAL_FILE = 'journal.jsonl';
const LOCK_FILE = 'account.lock';

/** One effect on the account. `begun` is on disk before it, `done` after it; a key is done at most once. */
export interface JournalEntry {
  event: 'begun' | 'done';
  atIso: string;
  key: string;
  /** Who wrote: the adapter, or a pipeline. */
  by: string;
  change: Change;
}

/** One account's files. */
export interface AccountFolder {
  path: string;
  accountId: string;
}

const Listing = z.looseObject({
  UserDetailList: z.array(z.looseObject({ Arn: z.string() })).optional(),
  GroupDetailList: z.array(z.looseObject({ Arn: z.string() })).optional(),
  RoleDetailList: z.array(z.looseObject({ Arn: z.string() })).optional(),
  Policies: z.array(z.looseObject({ Arn: z.string() })).optional(),
  resources: z.array(z.looseObject({ arn: z.string() })).optional(),
});

/** Ids of the accounts in a folder: its sub-folders named by twelve digits. */
export async function accountIds(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && /^\d{12}$/.test(entry.name))
    .map((entry) => entry.name)
    .sort();
}

/** The folder of one account. @throws Failure `input.invalid` on anything but twelve digits. */
export function accountFolder(root: string, accountId: string): AccountFolder {
  if (!/^\d{12}$/.test(accountId)) {
    throw new Failure(
      FailureType.InvalidInput,
      `snapshot: ${JSON.stringify(accountId)} is no account id; use its twelve digits`,
    );
  }
  return { path: join(root, accountId), accountId };
}

/** Accounts that stay parsed, bytes of their files: a step of a life reads its account several times. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;

const accountFiles = createFileCache({
  maxBytes: MAX_KEPT_BYTES,
  read: async (path): Promise<AccountInput> => {
    const text = await readFile(path, 'utf8');
    try {
      return Listing.parse(JSON.parse(text)) as unknown as AccountInput;
    } catch (error) {
      throw new Failure(
        FailureType.VendorShape,
        `snapshot: reading ${path}: not the output of get-account-authorization-details with resources`,
        { cause: error },
      );
    }
  },
});

/** Reads the account, which is shared with other readers. @throws Failure `input.not_found`, `vendor.shape` */
export async function readAccountFile(folder: AccountFolder): Promise<AccountInput> {
  const path = join(folder.path, ACCOUNT_FILE);
  try {
    return await accountFiles.read(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    throw new Failure(
      FailureType.NotFound,
      `snapshot: there is no account ${folder.accountId}: ${path} is missing`,
    );
  }
}

/** The journal of an account, oldest first. A last line that a crash cut off is left out. */
export async function readJournal(folder: AccountFolder): Promise<JournalEntry[]> {
  try {
    const lines = (await readFile(join(folder.path, JOURNAL_FILE), 'utf8')).split('\n');
    lines.pop();
    return lines.map((line) => JSON.parse(line) as JournalEntry);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** What is there now for a target. @throws Failure `input.not_found`, `input.invalid` */
export async function currentInFolder(
  folder: AccountFolder,
  change: Pick<Change, 'kind' | 'target'>,
): Promise<Json> {
  const account = await readAccountFile(folder);
  return translated(() => currentState(account, change));
}

/**
 * Sets a change's `after` when what is there is its `before`; once per key, whatever crashes in between.
 * @throws Failure `apply.conflict`, `cloud.rejected`, `input.not_found`, `input.invalid`
 */
export async function applyInFolder(
  folder: AccountFolder,
  input: { change: Change; key: string; by: string; nowMs: number; signal?: AbortSignal },
): Promise<{ state: Json }> {
  const { change, key, by } = input;
  const entry = { atIso: new Date(input.nowMs).toISOString(), key, by, change };
  await readAccountFile(folder);
  return withLock(join(folder.path, LOCK_FILE), async () => {
    input.signal?.throwIfAborted();
    const account = await readAccountFile(folder);
    const earlier = (await readJournal(folder)).filter((each) => each.key === key);
    refuseOtherChange(earlier, change, key);
    const found = translated(() => currentState(account, change));
    if (earlier.some((each) => each.event === 'done')) return { state: found };
    const begun = earlier.length > 0;
    if (sameState(found, change.after)) {
      if (begun) await appendJournal(folder, { event: 'done', ...entry });
      return { state: found };
    }
    if (!sameState(found, change.before)) throw conflict(folder, change);
    const refusal = translated(() => refusalOf(account, change));
    if (refusal !== undefined) throw new Failure(FailureType.CloudRejected, `snapshot: ${refusal}`);
    const next = translated(() => applyChange(account, change));
    if (!begun) await appendJournal(folder, { event: 'begun', ...entry });
    await replaceFile(join(folder.path, ACCOUNT_FILE), `${JSON.stringify(next, null, 1)}\n`);
    await appendJournal(folder, { event: 'done', ...entry });
    return { state: currentState(next, change) };
  });
}

function refuseOtherChange(earlier: readonly JournalEntry[], change: Change, key: string): void {
  const text = canonicalJson(change);
  if (earlier.every((each) => canonicalJson(each.change) === text)) return;
  throw new Failure(
    FailureType.InvalidInput,
    `snapshot: the key ${key} was used for another change; use one key per change`,
  );
}

function conflict(folder: AccountFolder, { kind, target }: Change): Failure {
  const what = target.principal ?? target.arn ?? folder.accountId;
  return new Failure(
    FailureType.ApplyConflict,
    `snapshot: applying ${kind} to ${what}: what is there is neither the expected state nor the wanted one; draft again`,
  );
}

function translated<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof ChangeError)) throw error;
    throw new Failure(FAILURES[error.type], `snapshot: ${error.message}`, { cause: error });
  }
}

const FAILURES = {
  UnknownEntity: FailureType.NotFound,
  Malformed: FailureType.InvalidInput,
  Refused: FailureType.CloudRejected,
} as const satisfies Record<ChangeError['type'], FailureType>;

async function appendJournal(folder: AccountFolder, entry: JournalEntry): Promise<void> {
  const path = join(folder.path, JOURNAL_FILE);
  const file = await open(path, 'a+', 0o600);
  try {
    // A crash may have cut off the last line: it ends here, so that this one starts on its own.
    const { size } = await file.stat();
    const last = size === 0 ? '\n' : (await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString();
    if (last !== '\n') await file.truncate(await endOfLastLine(path));
    await file.writeFile(`${JSON.stringify(entry)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function endOfLastLine(path: string): Promise<number> {
  return (await readFile(path)).lastIndexOf(0x0a) + 1;
}

/** Replaces a file so that a reader or a crash sees the old text or the new one, never a part. */
async function replaceFile(path: string, text: string | Uint8Array): Promise<void> {
  const draft = `${path}.${process.pid}.tmp`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
