import { Command } from 'commander';
import { registerEngineCommands } from '../client/cli/engine-commands.js';
import { registerOperations } from '../client/cli/operations.js';
import { registerProcesses } from './commands/processes.js';
import { registerSetup } from './commands/register.js';
import { registerUp } from './up/command.js';

/** The command line: engine, operations, and `up`, which composes everything. Exit codes: 0, 1 a no, 2 usage, 3 broken. */
export async function main(args: readonly string[]): Promise<void> {
  const program = new Command('curtail')
    .description('Takes cloud-security findings to proved, approved and verified least-privilege fixes.')
    .showHelpAfterError('(see curtail --help)')
    .exitOverride((error) => {
      process.exit(error.exitCode === 0 ? 0 : 2);
    });
  registerUp(program);
  registerOperations(program);
  registerSetup(program);
  registerProcesses(program);
  registerEngineCommands(program);
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    if (process.env['CURTAIL_DEBUG'] !== undefined) console.error(error);
    process.exitCode = 3;
  }
}
