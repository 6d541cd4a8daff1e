import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  accountFolder,
  accountIds,
  applyInFolder,
  readAccountFile,
} from '../activities/cloud/snapshot-store.js';
import { accountOfTarget, type Change } from '../domain/change/change.js';

/** What the pipeline made of one merged commit. */
export interface PipelineRun {
  commit: string;
  state: 'succeeded' | 'failed';
  reason?: string;
}

const NOTES = '--ref=pipeline';

/**
 * The delivery pipeline of the infrastructure repository: rolls out each merged change of Curtail that it has not seen
 * yet, and leaves its result as a note on the commit. It takes the change from the `change.json` beside the Terraform
 * files, where a real pipeline runs `terraform apply`.
 */
export async function runPipeline(input: { folder: string; nowMs: number }): Promise<PipelineRun[]> {
  const repository = join(input.folder, 'infrastructure');
  const runs: PipelineRun[] = [];
  for (const { commit, paths } of mergedChanges(repository)) {
    if (hasNote(repository, commit)) continue;
    const run = await rollOut(input, { repository, commit, paths });
    git(repository, 'notes', NOTES, 'add', '-f', '-m', JSON.stringify(run), commit);
    runs.push(run);
  }
  return runs;
}

/** Merges a branch into main, as a reviewer does. */
export function mergeBranch(folder: string, branch: string): void {
  git(join(folder, 'infrastructure'), 'merge', '-q', '--no-ff', '-m', `Merge ${branch}`, branch);
}

/** Branches that Curtail opened and that are not merged yet. */
export function openBranches(folder: string): string[] {
  const out = git(
    join(folder, 'infrastructure'),
    'for-each-ref',
    '--format=%(refname:short)',
    '--no-merged',
    'main',
    'refs/heads/curtail',
  );
  return out.split('\n').filter((line) => line !== '');
}

async function rollOut(
  input: { folder: string; nowMs: number },
  on: { repository: string; commit: string; paths: readonly string[] },
): Promise<PipelineRun> {
  const { commit } = on;
  try {
    for (const path of on.paths) {
      const changes = JSON.parse(git(on.repository, 'show', `${commit}:${path}`)) as Change[];
      for (const [index, change] of changes.entries()) {
        const folder = await folderOf(join(input.folder, 'account'), change);
        await applyInFolder(folder, {
          change,
          key: `pipeline/${commit}/${path}/${index}`,
          by: 'pipeline',
          nowMs: input.nowMs,
        });
      }
    }
    return { commit, state: 'succeeded' };
  } catch (error) {
    return { commit, state: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

// A bucket's ARN names no account: the one that lists it is meant.
async function folderOf(root: string, change: Change) {
  const named = accountOfTarget(change.target);
  if (named !== undefined) return accountFolder(root, named);
  for (const id of await accountIds(root)) {
    const folder = accountFolder(root, id);
    const account = await readAccountFile(folder);
    if (account.resources?.some((resource) => resource.arn === change.target.arn) === true) return folder;
  }
  throw new Error(`no account lists ${change.target.arn ?? 'the target'}`);
}

function mergedChanges(repository: string): { commit: string; paths: string[] }[] {
  const format = [
    'log',
    '--first-parent',
    '-m',
    '--reverse',
    '--diff-filter=A',
    '--name-only',
    '--format=%x00%H',
    'main',
    '--',
    'curtail/*/change.json',
  ];
  return git(repository, ...format)
    .split('\0')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [commit = '', ...paths] = part.split('\n').filter((line) => line !== '');
      return { commit, paths };
    });
}

function hasNote(repository: string, commit: string): boolean {
  return git(repository, 'notes', NOTES, 'list')
    .split('\n')
    .some((line) => line.endsWith(commit));
}

function git(repository: string, ...args: string[]): string {
  const person = [
    '-c',
    'user.name=Larkfield pipeline',
    '-c',
    'user.email=pipeline@larkfield.example',
    '-c',
    'commit.gpgsign=false',
  ];
  return execFileSync('git', ['-C', repository, ...person, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, command, branch] = process.argv.slice(2);
  if (folder === undefined || (command === 'merge' && branch === undefined)) {
    throw new Error('usage: tsx samples/pipeline.ts <working folder> [merge <branch>]');
  }
  if (command === 'merge' && branch !== undefined) mergeBranch(folder, branch);
  for (const run of await runPipeline({ folder, nowMs: Date.now() })) {
    console.log(
      `${run.commit.slice(0, 12)} ${run.state}${run.reason === undefined ? '' : `: ${run.reason}`}`,
    );
  }
  console.log(`waiting for a merge: ${openBranches(folder).join(', ') || 'nothing'}`);
}
