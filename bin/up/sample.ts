import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A process of the sample organisation: the platform's scanner, the workloads, the infrastructure pipeline. */
export interface SampleProcess {
  stop(): Promise<void>;
}

/**
 * Starts a program of `samples/` beside us. It is somebody else's software for all we know: it talks to us through
 * files only, and when it fails that is said and nothing else happens.
 */
export function startSample(
  name: string,
  args: readonly string[],
  onFault: (line: string) => void,
): SampleProcess {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', 'tsx', join(ROOT, 'samples', `${name}.ts`), ...args],
    { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  let tail = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString()).slice(-500);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', (code, signal) => {
      if (code !== 0 && signal === null)
        onFault(`samples/${name}.ts ended with ${code ?? 'an error'}: ${tail.trim()}`);
      resolve();
    });
  });
  return {
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}
