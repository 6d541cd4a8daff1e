import { Command } from 'commander';
import { isEngineCommand, registerEngineCommands } from '../client/cli/engine-commands.js';

/** The command line: engine, operations, and `up`, which composes everything. Exit codes: 0, 1 a no, 2 usage, 3 broken. */
export async function main(args: readonly string[]): Promise<void> {
  endWithReader();
  const program = new Command('curtail')
    .description('Takes cloud-security findings to proved, approved and verified least-privilege fixes.')
    .showHelpAfterError('(see curtail --help)')
    .exitOverride((error) => {
      process.exit(error.exitCode === 0 ? 0 : 2);
    });
  // What the engine answers must not wait until everything else is loaded.
  if (!isEngineCommand(args)) await registerTheRest(program);
  registerEngineCommands(program);
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    if (process.env['CURTAIL_DEBUG'] !== undefined) console.error(error);
    process.exitCode = 3;
  }
}

async function registerTheRest(program: Command): Promise<void> {
  const { registerUp } = await import('./up/command.js');
  const { registerAnalyse } = await import('./analyse/command.js');
  const { registerOperations } = await import('../client/cli/operations.js');
  const { registerSetup } = await import('./commands/register.js');
  const { registerProcesses } = await import('./commands/processes.js');
  registerUp(program);
  registerAnalyse(program);
  registerOperations(program);
  registerSetup(program);
  registerProcesses(program);
}

/** `curtail … | head` ends as other programs do: quietly, and through the clean stop where something runs. */
function endWithReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      if (process.listenerCount('SIGTERM') > 0) process.kill(process.pid, 'SIGTERM');
      else process.exit(0);
    });
  }
}
