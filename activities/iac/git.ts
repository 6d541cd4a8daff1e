import { execFile } from 'node:child_process';
import { Failure, FailureType } from '../../domain/failure.js';

/** How long one git command may take, and how much it may print. */
const GIT_TIMEOUT_MS = 30_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** What one `git` is given, and which of its exit codes are answers. */
export interface GitOptions {
  input?: string;
  env?: Readonly<Record<string, string>>;
  /** Exit codes that are answers, not failures. */
  allow?: readonly number[];
}

/** What one `git` printed, and how it ended. */
export interface GitAnswer {
  code: number;
  out: string;
}

/** Git in one repository. No shell is involved and nothing prompts. */
export type Git = (args: readonly string[], options?: GitOptions) => Promise<GitAnswer>;

/** Git for the repository in a folder. @throws Failure `vendor.unavailable` without git, `vendor.rejected` when it says no. */
export function gitIn(folder: string): Git {
  return (args, options = {}) => run(folder, args, options);
}

function run(folder: string, args: readonly string[], options: GitOptions): Promise<GitAnswer> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      'git',
      ['-C', folder, ...args],
      {
        timeout: GIT_TIMEOUT_MS,
        maxBuffer: MAX_OUTPUT_BYTES,
        env: { ...process.env, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C', ...options.env },
      },
      (error, out, err) => {
        if (error === null) return resolve({ code: 0, out });
        const code = typeof error.code === 'number' ? error.code : undefined;
        if (code !== undefined && options.allow?.includes(code) === true) return resolve({ code, out });
        const doing = `local-git: git ${args[0]} in ${folder}`;
        if (code === undefined)
          return reject(
            new Failure(FailureType.VendorUnavailable, `${doing}: ${error.message}`, { cause: error }),
          );
        return reject(
          new Failure(FailureType.VendorRejected, `${doing}: ${err.trim().slice(0, 500)}`, { cause: error }),
        );
      },
    );
    // A command that ends before it reads everything closes the pipe; its exit code says what happened.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}
