import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { daysToShift, shiftFile } from './shift.js';

/** Where the organisation lies in the checkout. */
export const ORGANISATION = join(dirname(fileURLToPath(import.meta.url)), 'organisation');
const CODE = 'infrastructure';

/** What the loader made. */
export interface Loaded {
  folder: string;
  files: number;
  /** Days by which every date was moved. */
  days: number;
}

/**
 * Copies the organisation into a working folder, every date moved so that its present is now, and makes a Git
 * repository of its infrastructure code. The checkout itself is never worked on.
 * @throws Error when the folder holds something already.
 */
export async function loadOrganisation(input: { to: string; nowMs: number; from?: string }): Promise<Loaded> {
  const from = input.from ?? ORGANISATION;
  if (existsSync(input.to) && (await readdir(input.to)).length > 0) {
    throw new Error(`loading the sample organisation: ${input.to} is not empty; name an empty folder`);
  }
  const days = daysToShift(input.nowMs);
  const paths = await filesBelow(from);
  for (const path of paths) {
    const name = relative(from, path);
    const content = await readFile(path);
    const file = name.startsWith(CODE) ? { path: name, content } : shiftFile({ path: name, content }, days);
    const target = join(input.to, file.path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, file.content);
  }
  initialise(join(input.to, CODE), input.nowMs);
  return { folder: input.to, files: paths.length, days };
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function initialise(folder: string, nowMs: number): void {
  const date = `${Math.floor(nowMs / 1000)} +0000`;
  const env = {
    ...process.env,
    GIT_AUTHOR_NAME: 'Lena Fischer',
    GIT_AUTHOR_EMAIL: 'lena.fischer@larkfield.example',
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: 'Lena Fischer',
    GIT_COMMITTER_EMAIL: 'lena.fischer@larkfield.example',
    GIT_COMMITTER_DATE: date,
  };
  const git = (...args: string[]): void => {
    execFileSync('git', ['-C', folder, '-c', 'commit.gpgsign=false', ...args], { env, stdio: 'pipe' });
  };
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('commit', '-q', '-m', 'Reporting service');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const to = process.argv[2];
  if (to === undefined) throw new Error('usage: tsx samples/load.ts <empty folder>');
  const loaded = await loadOrganisation({ to, nowMs: Date.now() });
  console.log(`${loaded.files} files in ${loaded.folder}, dates moved by ${loaded.days} days`);
}
