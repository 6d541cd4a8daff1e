import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXPORTS, jsonText } from './model/exports.js';
import type { Source } from './model/finding.js';
import { FINDINGS } from './model/findings.js';
import { isStillTrue, type RawAccount, tagsOf } from './model/scan-rules.js';

/**
 * The platforms' scanners in one: looks at the accounts as they are now and writes each platform's export anew. It
 * shares no code with what Curtail changes accounts with. Files appear whole: written beside and renamed.
 */
export async function scan(input: {
  folder: string;
  nowMs: number;
  sources?: readonly Source[];
}): Promise<string[]> {
  const accounts = await readAccounts(join(input.folder, 'account'));
  const all = [...accounts.values()];
  const state = {
    isOpen: (finding: (typeof FINDINGS)[number]) =>
      isStillTrue(accounts.get(finding.account) ?? {}, finding.check),
    seenIso: new Date(input.nowMs).toISOString(),
    tags: (arn: string) =>
      Object.assign({}, ...all.map((account) => tagsOf(account, arn))) as Record<string, string>,
  };
  const written: string[] = [];
  for (const source of input.sources ?? (Object.keys(EXPORTS) as Source[])) {
    const folder = join(input.folder, 'exports', source);
    await mkdir(folder, { recursive: true });
    for (const { name, content } of EXPORTS[source](state)) {
      const path = join(folder, name);
      await writeFile(`${path}.part`, jsonText(content));
      await rename(`${path}.part`, path);
      written.push(path);
    }
  }
  return written;
}

/** Keys of the findings that are still true in a working folder. */
export async function openFindings(folder: string): Promise<string[]> {
  const accounts = await readAccounts(join(folder, 'account'));
  return FINDINGS.filter((finding) => isStillTrue(accounts.get(finding.account) ?? {}, finding.check)).map(
    ({ key }) => key,
  );
}

async function readAccounts(folder: string): Promise<Map<string, RawAccount>> {
  const ids = (await readdir(folder)).filter((name) => /^\d{12}$/.test(name));
  const accounts = await Promise.all(
    ids.map(
      async (id) =>
        [id, JSON.parse(await readFile(join(folder, id, 'account.json'), 'utf8')) as RawAccount] as const,
    ),
  );
  return new Map(accounts);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2];
  if (folder === undefined) throw new Error('usage: tsx samples/scan.ts <working folder>');
  const written = await scan({ folder, nowMs: Date.now() });
  console.log(`${written.length} exports written; still open: ${(await openFindings(folder)).join(', ')}`);
}
