import type { Command } from 'commander';
import { ENGINE_COMMANDS, type EngineCommand } from './engine/commands.js';
import { BATCH_HELP, ENGINE_HELP } from './engine/help.js';

/** Whether the command line asks for a command of the engine, by its first word. */
export function isEngineCommand([first]: readonly string[]): boolean {
  return Object.keys(ENGINE_COMMANDS).some((name) => name.split(' ')[0] === first);
}

/** Commands that need no configuration, no server and no network: one JSON document, or JSON Lines with `--batch`. */
export function registerEngineCommands(program: Command): void {
  const groups = new Map<string, Command>();
  // Options after the name of `paths fix` are its own, although `paths` has the same ones.
  program.enablePositionalOptions();
  for (const [name, engine] of Object.entries(ENGINE_COMMANDS)) {
    const words = name.split(' ');
    const last = words.pop() ?? name;
    const [group] = words;
    // `paths` is a command and the group of `paths fix`.
    const parent = group === undefined ? program : (groups.get(group) ?? newGroup(program, groups, group));
    const existing = group === undefined ? groups.get(last) : undefined;
    const command = existing ?? parent.command(last);
    if (group === undefined) groups.set(last, command);
    command.enablePositionalOptions();
    command
      .description(engine.describe)
      .option('--batch', 'read JSON Lines and answer each line')
      .option('--json', 'print one line of JSON');
    command.addHelpText('after', `${ENGINE_HELP[name] ?? ''}\n${BATCH_HELP}`);
    if (engine.files === undefined) command.action((options: Flags) => run(engine, options));
    else {
      command.argument(engine.files.argument).option(...engine.files.option);
      command.action((file: string | undefined, options: Flags) => run(engine, options, file));
    }
  }
}

interface Flags {
  batch?: boolean;
  json?: boolean;
  inputs?: string;
}

async function run(command: EngineCommand, flags: Flags, file?: string): Promise<void> {
  const { runCommand } = await import('./engine/batch.js');
  const { files } = command;
  process.exitCode = await runCommand({
    command,
    batch: flags.batch === true,
    json: flags.json === true,
    input: process.stdin,
    output: process.stdout,
    ...(files !== undefined && { document: () => files.read(file, flags.inputs) }),
  });
}

function newGroup(program: Command, groups: Map<string, Command>, name: string): Command {
  const group = program.command(name).description(`${name} commands`);
  groups.set(name, group);
  return group;
}
