import type { Command } from 'commander';

/** Options that every command about a running Curtail has. */
export interface OperationOptions {
  config?: string;
  json?: boolean;
}

/** A command of people who operate Curtail. */
export interface Operation {
  name: string;
  describe: string;
  options?: readonly (readonly [flags: string, describe: string])[];
  /** Meant when the group is called without a command. */
  isDefault?: boolean;
  /** Resolves to the exit code. */
  run: (args: readonly string[], options: OperationOptions & Record<string, unknown>) => Promise<0 | 1 | 2>;
}

/** Commands of people who operate Curtail. Each is loaded when it is called. */
const OPERATIONS: readonly Operation[] = [
  {
    name: 'list',
    describe: 'list findings, worst first',
    options: [
      ['--stage <stage>', 'only this stage'],
      ['--source <source>', 'only this source'],
      ['--text <text>', 'only those that contain this text'],
    ],
    run: async (_args, options) => (await import('./commands/findings.js')).list(options),
  },
  {
    name: 'show <finding>',
    describe: 'show one finding: where it is, what was done, by whom',
    options: [['--calls', 'what its platform was asked about it, and how that went']],
    run: async ([finding = ''], options) => (await import('./commands/findings.js')).show(finding, options),
  },
  {
    name: 'watch [finding]',
    describe: 'follow what happens, one line an event, until Ctrl-C',
    run: async ([finding], options) => (await import('./commands/findings.js')).watch(finding, options),
  },
  {
    name: 'decide <finding>',
    describe: 'decide the open request of a finding; a one-time code proves who you are',
    options: [
      ['--as <person>', 'your id or e-mail address'],
      ['--approve', 'approve and deploy'],
      ['--reject <reason>', 'reject, with the reason'],
      ['--keep <actions...>', 'send back: keep these actions (with --because)'],
      ['--because <reason>', 'why they must stay'],
      ['--request <id>', 'which request, when several are open'],
      ['--code <code>', 'the one-time code, when it is known already'],
    ],
    run: async ([finding = ''], options) => (await import('./commands/decide.js')).decide(finding, options),
  },
  {
    name: 'ingest <file>',
    describe: 'take in an export as a platform writes it; bad records are reported and the rest goes on',
    options: [['--source <source>', 'wiz, prisma, orca, lacework or generic']],
    run: async ([file = ''], options) => (await import('./commands/ingest.js')).ingest(file, options),
  },
  {
    name: 'forecast [source]',
    describe: 'what a source would send today; nothing begins before it is confirmed',
    options: [
      ['--confirm <source>', 'let its findings begin their lives'],
      ['--as <person>', 'your id or e-mail address, for the audit chain'],
    ],
    run: async ([source], options) => (await import('./commands/forecast.js')).forecast(source, options),
  },
  {
    name: 'retry <finding>',
    describe: 'try a parked finding again now',
    run: async ([finding = ''], options) =>
      (await import('./commands/findings.js')).command('retry', finding, options),
  },
  {
    name: 'blame <about...>',
    describe:
      'an ARN or an AccessDenied message (- reads it from standard input): what Curtail changed there, who approved it, whether it is the cause',
    run: async (about, options) => (await import('./commands/blame.js')).blame(about, options),
  },
  {
    name: 'undo <finding>',
    describe: 'ask other people to approve that an applied change is undone',
    options: [
      ['--as <person>', 'your id or e-mail address'],
      ['--because <reason>', 'why the earlier access must come back'],
      ['--change <id>', 'this change; the newest that can be undone without it'],
      ['--code <code>', 'the one-time code, when it is known already'],
    ],
    run: async ([finding = ''], options) => (await import('./commands/undo.js')).undo(finding, options),
  },
  {
    name: 'resume <finding>',
    describe: 'take up a finding again that has ended, in the phase of today',
    run: async ([finding = ''], options) =>
      (await import('./commands/findings.js')).command('resume', finding, options),
  },
  {
    name: 'cancel <finding>',
    describe: 'cancel a finding; nothing is left half changed',
    run: async ([finding = ''], options) =>
      (await import('./commands/findings.js')).command('cancel', finding, options),
  },
];

/** Adds the commands for those who run Curtail. */
export function registerOperations(program: Command): void {
  for (const operation of OPERATIONS) registerOperation(program, operation);
  const audit = program.command('audit').description('the audit chain');
  registerOperation(audit, {
    name: 'verify',
    describe: 'check every chain; with --head also that nothing was cut off since it was signed',
    options: [
      ['--head <file>', 'signed heads, kept from an earlier "audit heads"'],
      ['--rows <file>', 'an export to check in place of the running Curtail: needs nothing else'],
      ['--keys <folder>', 'folder with the gateway\u2019s public keys; that of the state here by default'],
    ],
    run: async (_args, options) => (await import('./commands/audit.js')).verify(options),
  });
  registerOperation(audit, {
    name: 'heads',
    describe: 'print the signed heads of the chains, to be kept where nobody who writes the ledger can write',
    run: async (_args, options) => (await import('./commands/audit.js')).heads(options),
  });
  registerOperation(audit, {
    name: 'export',
    describe: 'print every audit row as JSON Lines',
    run: async (_args, options) => (await import('./commands/audit.js')).exportRows(options),
  });
  const owners = program
    .command('owners')
    .description('who is asked about findings that no tag and no CMDB record assigns');
  registerOperation(owners, {
    name: 'list',
    describe: 'list the rules in force and the findings that nobody owns',
    isDefault: true,
    run: async (_args, options) => (await import('./commands/owners.js')).list(options),
  });
  registerOperation(owners, {
    name: 'export',
    describe: 'print the rules in force as CSV',
    run: async (_args, options) => (await import('./commands/owners.js')).exportRules(options),
  });
  registerOperation(owners, {
    name: 'preview <file>',
    describe: 'say what a rule file (CSV or YAML) would route; nothing is saved',
    run: async ([file = ''], options) => (await import('./commands/owners.js')).preview(file, options),
  });
  registerOperation(owners, {
    name: 'save <file>',
    describe: 'save a rule file as the next version; a one-time code proves who you are',
    options: [
      ['--as <person>', 'your id or e-mail address; you need the role security'],
      ['--because <reason>', 'why, kept in the history'],
      ['--code <code>', 'the one-time code, when it is known already'],
    ],
    run: async ([file = ''], options) => (await import('./commands/owners.js')).save(file, options),
  });
  const quarantine = program.command('quarantine').description('records that no mapper understood');
  registerOperation(quarantine, {
    name: 'list',
    describe: 'list the records that wait, with reason, place and line',
    isDefault: true,
    run: async (_args, options) => (await import('./commands/quarantine.js')).list(options),
  });
  registerOperation(quarantine, {
    name: 'show <id>',
    describe: 'show one record as it came',
    run: async ([id = ''], options) => (await import('./commands/quarantine.js')).show(id, options),
  });
  registerOperation(quarantine, {
    name: 'replay [id]',
    describe: 'read one record, or with --all every one, again by the mapper of today',
    options: [['--all', 'every record that waits']],
    run: async ([id], options) => (await import('./commands/quarantine.js')).replay(id, options),
  });
}

/** Adds a command with the options that all operations have. */
export function registerOperation(parent: Command, operation: Operation): void {
  const command = parent
    .command(operation.name, { isDefault: operation.isDefault === true })
    .description(operation.describe);
  command.option('--config <file>', 'configuration file').option('--json', 'print JSON');
  for (const [flags, describe] of operation.options ?? []) command.option(flags, describe);
  command.action(async (...given: unknown[]) => {
    const options = given.at(-2) as OperationOptions & Record<string, unknown>;
    const args = given
      .slice(0, -2)
      .flat()
      .filter((argument) => typeof argument === 'string');
    process.exitCode = await operation.run(args, options);
  });
}
