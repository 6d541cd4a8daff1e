import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { Failure, FailureType } from '../../domain/failure.js';
import { type AdapterDeps, adapter } from '../adapter.js';
import { type Git, gitIn } from './git.js';
import type {
  ChangeFile,
  ChangeHost,
  ChangeHostState,
  ChangeRequest,
  OpenedChange,
  PipelineState,
} from './port.js';

const LocalGitConfig = z.strictObject({
  /** Folder of the repository, bare or with a working tree; the tree is never touched. */
  path: z.string().min(1),
  base: z
    .string()
    .regex(/^[A-Za-z0-9._/-]+$/)
    .default('main'),
  author: z
    .strictObject({ name: z.string().min(1), email: z.email() })
    .default({ name: 'Curtail', email: 'curtail@example.com' }),
  /** A pipeline writes its result as a note (`refs/notes/pipeline`); until it does, a merged change counts as running. */
  pipeline: z.boolean().default(false),
});
type LocalGitConfig = z.output<typeof LocalGitConfig>;

/** Where a change's request is kept in the repository: title, text and key, for reviewers and for what finds it later. */
const REQUESTS = '.curtail/requests';
/** Remembers an opened change after its branch is gone. */
const OPENED = 'refs/curtail';
const PIPELINE_NOTES = 'refs/notes/pipeline';
const NONE = '0'.repeat(40);

const Note = z.looseObject({
  state: z.enum(['running', 'succeeded', 'failed']),
  reason: z.string().optional(),
});

/**
 * Changes as branches of a repository on this machine. Merging the branch into the base, in any way (merge, squash,
 * rebase), is a yes; deleting it unmerged is a no.
 */
export function createLocalGit(config: LocalGitConfig, deps: AdapterDeps): ChangeHost {
  const folder = isAbsolute(config.path) ? config.path : join(deps.folder, config.path);
  const git = gitIn(folder);
  const opened = (branch: string): OpenedChange => ({
    ref: branch,
    url: `${pathToFileURL(folder).href}#${branch}`,
  });
  return {
    vendor: 'local-git',
    async openChange(request) {
      refuseOdd(request);
      if (await isOpened(git, request.branch)) return opened(request.branch);
      const commit = await commitOf(git, request, config, deps.now());
      await createRefs(git, request.branch, commit);
      return opened(request.branch);
    },
    changeState: (ref) => stateOf(git, ref, config.base),
    pipelineState: (commit) => pipelineOf(git, commit, config.pipeline),
  };
}

/** The adapter for repositories on this machine. */
export const localGit = adapter(LocalGitConfig, createLocalGit);

function refuseOdd({ branch, files }: ChangeRequest): void {
  if (!isBranch(branch)) {
    throw new Failure(
      FailureType.InvalidInput,
      `local-git: ${JSON.stringify(branch)} is no branch name that is made here`,
    );
  }
  const odd = files.find((file) => !isInside(file.path));
  if (odd !== undefined) {
    throw new Failure(
      FailureType.InvalidInput,
      `local-git: ${JSON.stringify(odd.path)} is no path inside the repository`,
    );
  }
}

function isBranch(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/.test(name) && !/\.\.|\/\/|\/\.|\.lock(\/|$)|[/.]$/.test(name);
}

function isInside(path: string): boolean {
  const parts = path.split('/');
  return (
    /^[\w.@ +-]+(\/[\w.@ +-]+)*$/.test(path) &&
    !parts.some((part) => ['.', '..'].includes(part) || part.toLowerCase() === '.git')
  );
}

function requestPath(branch: string): string {
  return `${REQUESTS}/${branch.replaceAll('/', '--')}.md`;
}

async function isOpened(git: Git, branch: string): Promise<boolean> {
  const answer = await git(['rev-parse', '--verify', '--quiet', `${OPENED}/${branch}`], { allow: [1] });
  return answer.code === 0;
}

// Built in an index of its own, so that a person's working tree and index stay as they are.
async function commitOf(
  git: Git,
  request: ChangeRequest,
  config: LocalGitConfig,
  nowMs: number,
): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), 'local-git-'));
  try {
    const env = { GIT_INDEX_FILE: join(scratch, 'index') };
    const base = (await git(['rev-parse', '--verify', `refs/heads/${config.base}^{commit}`])).out.trim();
    await git(['read-tree', base], { env });
    const files: readonly ChangeFile[] = [
      ...request.files,
      { path: requestPath(request.branch), text: requestText(request) },
    ];
    for (const file of files) {
      const blob = (await git(['hash-object', '-w', '--stdin'], { input: file.text })).out.trim();
      await git(['update-index', '--add', '--cacheinfo', `100644,${blob},${file.path}`], { env });
    }
    const tree = (await git(['write-tree'], { env })).out.trim();
    const message = `${oneLine(request.title)}\n\n${request.body}\n\nCurtail-Key: ${oneLine(request.key)}\n`;
    const person = { ...identity('AUTHOR', config, nowMs), ...identity('COMMITTER', config, nowMs) };
    return (
      await git(['commit-tree', tree, '-p', base, '-F', '-'], { input: message, env: person })
    ).out.trim();
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function identity(
  role: 'AUTHOR' | 'COMMITTER',
  { author }: LocalGitConfig,
  nowMs: number,
): Record<string, string> {
  return {
    [`GIT_${role}_NAME`]: author.name,
    [`GIT_${role}_EMAIL`]: author.email,
    [`GIT_${role}_DATE`]: `${Math.floor(nowMs / 1000)} +0000`,
  };
}

function requestText(request: ChangeRequest): string {
  const files = request.files.map((file) => `- \`${file.path}\``).join('\n');
  return `# ${oneLine(request.title)}\n\n${request.body}\n\n## Files\n\n${files}\n\n<!-- key: ${oneLine(request.key).replaceAll('--', '- -')} -->\n`;
}

// Both or none. Whoever loses a race finds the winner's change, which is the same one.
async function createRefs(git: Git, branch: string, commit: string): Promise<void> {
  const input = `start\ncreate ${OPENED}/${branch} ${commit}\nupdate refs/heads/${branch} ${commit} ${NONE}\nprepare\ncommit\n`;
  try {
    await git(['update-ref', '--stdin'], { input });
  } catch (error) {
    if (await isOpened(git, branch)) return;
    if (!(error instanceof Failure)) throw error;
    throw new Failure(
      FailureType.VendorRejected,
      `local-git: opening ${branch}: the branch exists and was not made by Curtail; rename or delete it`,
      { cause: error },
    );
  }
}

async function stateOf(git: Git, ref: string, base: string): Promise<ChangeHostState> {
  if (!isBranch(ref) || !(await isOpened(git, ref))) {
    throw new Failure(FailureType.NotFound, `local-git: there is no change ${JSON.stringify(ref)} here`);
  }
  const added = [
    'log',
    '--first-parent',
    '-m',
    '--diff-filter=A',
    '--format=%H',
    `refs/heads/${base}`,
    '--',
    requestPath(ref),
  ];
  const mergedCommit = (await git(added)).out.trim().split('\n').at(-1) ?? '';
  if (mergedCommit !== '') return { state: 'merged', mergedCommit };
  const branch = await git(['rev-parse', '--verify', '--quiet', `refs/heads/${ref}`], { allow: [1] });
  return branch.code === 0
    ? { state: 'open' }
    : { state: 'closed', reason: 'the branch was deleted unmerged' };
}

async function pipelineOf(git: Git, commit: string, expected: boolean): Promise<PipelineState> {
  if (!/^[0-9a-f]{40,64}$/.test(commit)) {
    throw new Failure(FailureType.InvalidInput, `local-git: ${JSON.stringify(commit)} is no commit id`);
  }
  const note = await git(['notes', `--ref=${PIPELINE_NOTES}`, 'show', commit], { allow: [1] });
  if (note.code !== 0) return { state: expected ? 'running' : 'none' };
  const read = Note.safeParse(parsed(note.out));
  if (!read.success) return { state: 'failed', reason: 'the note of the pipeline cannot be read' };
  const { state, reason } = read.data;
  return state === 'failed' ? { state, reason: reason ?? 'no reason given' } : { state };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}
