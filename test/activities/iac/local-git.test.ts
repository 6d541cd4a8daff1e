import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { AdapterDeps } from '../../../activities/adapter.js';
import { changeHostAdapters } from '../../../activities/iac/registry.js';
import { FailureType } from '../../../domain/failure.js';
import { changeHostContract, REQUEST } from './port-contract.js';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function git(folder: string, ...args: string[]): string {
  const person = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', ['-C', folder, ...person, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function repository(): string {
  const folder = mkdtempSync(join(tmpdir(), 'local-git-test-'));
  folders.push(folder);
  git(folder, 'init', '-q', '-b', 'main');
  writeFileSync(join(folder, 'main.tf'), '# infrastructure\n');
  git(folder, 'add', '.');
  git(folder, 'commit', '-q', '-m', 'start');
  return folder;
}

function deps(folder: string): AdapterDeps {
  return {
    log: () => {},
    now: () => Date.parse('2026-06-10T12:00:00Z'),
    fetch: () => Promise.reject(new Error('no network here')),
    resolveSecret: () => Promise.reject(new Error('no secrets here')),
    folder,
  };
}

async function openHost(folder: string, settings: Record<string, unknown> = {}) {
  return changeHostAdapters['local-git'].open({ path: folder, ...settings }, deps(folder));
}

changeHostContract('local-git', async () => {
  const folder = repository();
  return {
    host: await openHost(folder),
    merge: async (ref) => {
      git(folder, 'merge', '-q', '--no-ff', '-m', 'merge', ref);
    },
    decline: async (ref) => {
      git(folder, 'branch', '-D', ref);
    },
    count: async () => git(folder, 'branch', '--list', 'curtail/*').trim().split('\n').filter(Boolean).length,
  };
});

describe('local-git', () => {
  it('leaves the working tree and the index as they are', async () => {
    const folder = repository();
    writeFileSync(join(folder, 'mine.tf'), '# not committed yet\n');
    git(folder, 'add', 'mine.tf');
    const before = git(folder, 'status', '--porcelain');
    const { ref } = await (await openHost(folder)).openChange(REQUEST);
    expect(git(folder, 'status', '--porcelain')).toBe(before);
    expect(git(folder, 'diff', '--name-only', 'main', ref).trim().split('\n')).toEqual([
      '.curtail/requests/curtail--abc123-g1.md',
      'curtail/abc123/1-inline.tf',
    ]);
    expect(git(folder, 'log', '-1', '--format=%an <%ae>%n%B', ref)).toContain(
      'Curtail-Key: finding/orca/1/apply/g1',
    );
  });

  it.each(['squash', 'rebase', 'fast-forward'])('sees a change that was merged by %s', async (how) => {
    const folder = repository();
    const host = await openHost(folder);
    const { ref } = await host.openChange(REQUEST);
    if (how !== 'fast-forward') git(folder, 'commit', '-q', '--allow-empty', '-m', 'meanwhile');
    if (how === 'squash') {
      git(folder, 'merge', '-q', '--squash', ref);
      git(folder, 'commit', '-q', '-m', 'squashed');
    } else if (how === 'rebase') {
      git(folder, 'cherry-pick', ref);
    } else {
      git(folder, 'merge', '-q', '--ff-only', ref);
    }
    git(folder, 'branch', '-D', ref);
    const mergedCommit = git(folder, 'rev-parse', 'HEAD').trim();
    git(folder, 'commit', '-q', '--allow-empty', '-m', 'later');
    expect(await host.changeState(ref)).toEqual({ state: 'merged', mergedCommit });
  });

  it('reads the pipeline from notes, and waits for one that is expected', async () => {
    const folder = repository();
    const commit = git(folder, 'rev-parse', 'HEAD').trim();
    expect(await (await openHost(folder)).pipelineState(commit)).toEqual({ state: 'none' });
    const host = await openHost(folder, { pipeline: true });
    expect(await host.pipelineState(commit)).toEqual({ state: 'running' });
    for (const [note, state] of [
      ['{"state":"running"}', { state: 'running' }],
      ['{"state":"succeeded"}', { state: 'succeeded' }],
      ['{"state":"failed","reason":"plan differs"}', { state: 'failed', reason: 'plan differs' }],
      ['no json', { state: 'failed', reason: 'the note of the pipeline cannot be read' }],
    ] as const) {
      git(folder, 'notes', '--ref=pipeline', 'add', '-f', '-m', note, commit);
      expect(await host.pipelineState(commit)).toEqual(state);
    }
  });

  it("does not take over somebody else's branch", async () => {
    const folder = repository();
    git(folder, 'branch', REQUEST.branch);
    await expect((await openHost(folder)).openChange(REQUEST)).rejects.toMatchObject({
      type: FailureType.VendorRejected,
    });
  });

  it.each(['-x', 'a..b', 'a b', '/a', 'a/', 'a.lock', 'a\nb', 'a~1', '', 'a/.b'])(
    'refuses the branch name %j',
    async (branch) => {
      const folder = repository();
      await expect((await openHost(folder)).openChange({ ...REQUEST, branch })).rejects.toMatchObject({
        type: FailureType.InvalidInput,
      });
    },
  );

  it.each(['../x', '/etc/x', 'a/../../x', '.git/config', 'a/.GIT/x', 'a\nb', '', 'a//b'])(
    'refuses the path %j',
    async (path) => {
      const folder = repository();
      await expect(
        (await openHost(folder)).openChange({ ...REQUEST, files: [{ path, text: 'x' }] }),
      ).rejects.toMatchObject({ type: FailureType.InvalidInput });
    },
  );

  it('keeps hostile text as text', async () => {
    const folder = repository();
    const hostile = {
      ...REQUEST,
      title: 'x\n\nCurtail-Key: forged',
      body: '$(touch pwned) `id` --> <script>',
    };
    const { ref } = await (await openHost(folder)).openChange(hostile);
    expect(git(folder, 'log', '-1', '--format=%s', ref).trim()).toBe('x Curtail-Key: forged');
    expect(() => readFileSync(join(folder, 'pwned'))).toThrow();
  });

  it('says that there is no repository', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'local-git-none-'));
    folders.push(folder);
    await expect((await openHost(folder)).openChange(REQUEST)).rejects.toMatchObject({
      type: FailureType.VendorRejected,
    });
  });
});
