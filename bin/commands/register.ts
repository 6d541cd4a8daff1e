import type { Command } from 'commander';
import { type Operation, registerOperation } from '../../client/cli/operations.js';

/** Commands about the set-up: they look at adapters, so they belong to the composition. */
const SETUP: readonly Operation[] = [
  {
    name: 'flags',
    describe: 'show what the feature flags say, and whether they can be read',
    run: async (_args, options) => (await import('./setup.js')).flags(options),
  },
  {
    name: 'never-touch',
    describe: 'list the identities that are never touched, built in and your own',
    run: async (_args, options) => (await import('./setup.js')).neverTouch(options),
  },
  {
    name: 'sources',
    describe: 'show what each platform can do: list, webhooks, graph, rescan, and where what we write lands',
    run: async (_args, options) => (await import('./sources.js')).sources(options),
  },
  {
    name: 'doctor',
    describe: 'find what is missing or broken on this machine, and say how to mend it',
    run: async (_args, options) => (await import('./doctor.js')).doctor(options),
  },
];

/** Adds the commands that need a configuration, but no running process. */
export function registerSetup(program: Command): void {
  for (const operation of SETUP) registerOperation(program, operation);
  const audit = program.commands.find((command) => command.name() === 'audit');
  if (audit !== undefined)
    registerOperation(audit, {
      name: 'replay <finding>',
      describe: 'run a finding\u2019s archived histories through the workflows again',
      run: async ([finding = ''], options) => (await import('./audit-replay.js')).replay(finding, options),
    });
  const deploy = program.command('deploy').description('which build of the workers gets work');
  registerOperation(deploy, {
    name: 'status',
    describe: 'show the builds that have polled, and which one gets work; exit 1 while none does',
    run: async (_args, options) => (await import('./deploy.js')).deployStatus(options),
  });
  registerOperation(deploy, {
    name: 'promote [build]',
    describe: 'send work to a build, that of this checkout by default; its workers must run already',
    options: [['--wait <seconds>', 'wait for the first of its workers']],
    run: async (args, options) => (await import('./deploy.js')).deployPromote(args, options),
  });
  const config = program.command('config').description('the configuration');
  registerOperation(config, {
    name: 'check',
    describe:
      'check curtail.yaml and every adapter\u2019s settings; all faults together, with line and column',
    options: [
      ['--reach', 'also ask ticket system and chats what the credentials allow; nothing is written there'],
    ],
    run: async (_args, options) => (await import('./setup.js')).configCheck(options),
  });
  registerOperation(config, {
    name: 'schema',
    describe: 'print the JSON schema of curtail.yaml, for your editor',
    run: async () => (await import('./setup.js')).configSchemaText(),
  });
}
