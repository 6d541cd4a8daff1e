import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { takeLock } from '../../runtime/process-lock.js';
import { stopOrphan } from '../../runtime/temporal-server.js';
import { quietSdk } from '../compose/quiet-sdk.js';
import { untilSignal } from '../compose/until-signal.js';
import { CHAT_DOUBLES, ITSM_DOUBLES } from './double-names.js';
import { openTerminal, type Terminal } from './terminal.js';
import type { Running } from './up.js';

interface UpFlags {
  config?: string;
  scripted?: boolean;
  fresh?: boolean;
  itsm?: string;
  chat?: string;
}

/** How long a scripted run may take before what is open counts as a failure. */
const SCRIPT_LIMIT_MS = 6 * 60_000;
const REFRESH_MS = 1_000;

/** Adds `curtail up`. */
export function registerUp(program: Command): void {
  program
    .command('up')
    .description(
      'set everything up and run it: Temporal server, ledger, workers, gateway; the sample organisation without a configuration',
    )
    .option('--config <file>', 'configuration (default: curtail.yaml here, else the sample organisation)')
    .option('--scripted', 'play the sample organisation without a person, check every ending, and exit')
    .addOption(
      new Option('--itsm <product>', 'with --scripted: play with a double as the ticket system').choices(
        ITSM_DOUBLES,
      ),
    )
    .addOption(
      new Option('--chat <product>', 'with --scripted: play with a double as the chat').choices(CHAT_DOUBLES),
    )
    .option('--fresh', 'begin anew: remove the sample organisation and its state first')
    .action((flags: UpFlags, command: Command) => {
      if (flags.scripted !== true && (flags.itsm ?? flags.chat) !== undefined)
        command.error('--itsm and --chat go with --scripted; name a real product in curtail.yaml');
      return runUp(flags);
    });
}

async function runUp(flags: UpFlags): Promise<void> {
  const cwd = process.cwd();
  const { itsm, chat } = flags;
  const choice = { ...(itsm !== undefined && { itsm }), ...(chat !== undefined && { chat }) };
  const terminal = openTerminal(process.stdout);
  if (flags.fresh === true || flags.scripted === true) await removeOrganisation(cwd, terminal);
  // The SDK prints its own log; what matters is in our log file and in the table.
  await quietSdk();
  const { up } = await import('./up.js');
  const { SignInCodes } = await import('./codes.js');
  const codes = new SignInCodes();
  const running = await up({
    cwd,
    terminal,
    ...(flags.config !== undefined && { config: flags.config }),
    ...((itsm ?? chat) !== undefined && { doubles: choice }),
    ...(flags.scripted === true && { timing: (await import('./scripted-timing.js')).SCRIPTED_TIMING }),
    onSignInCode: (personId, code) => {
      if (!codes.deliver(personId, code)) terminal.say(`sign-in code for ${personId}: ${code}`);
    },
  });
  if (flags.scripted === true) await refuseUsedLedger(running);
  const stopped = untilSignal();
  terminal.say('');
  terminal.say(`Gateway      ${running.gatewayUrl}`);
  if (running.uiUrl !== undefined) terminal.say(`Temporal UI  ${running.uiUrl}`);
  if (running.organisation !== undefined)
    terminal.say('Sign in as   priya.raman, jonas.weber, dana.okafor … (codes appear here)');
  terminal.say('Ctrl-C stops; starting again goes on where it was.');
  terminal.say('');
  const { startSample } = await import('./sample.js');
  if (flags.scripted === true) {
    const { playScript } = await import('./scripted.js');
    const result = await Promise.race([
      playScript(running, codes, terminal, SCRIPT_LIMIT_MS),
      running.failed,
      stopped,
    ]);
    await running.stop();
    if (result === undefined) process.exit(130);
    for (const line of result.lines) console.log(line);
    for (const fault of result.faults) console.error(`! ${fault}`);
    console.log(
      result.faults.length === 0
        ? 'every finding reached its expected ending'
        : `${result.faults.length} did not end as expected`,
    );
    process.exit(result.faults.length === 0 ? 0 : 1);
  }
  const world =
    running.organisation === undefined
      ? undefined
      : startSample('live', [running.organisation, '10'], terminal.warn);
  const refreshing = refresh(running, terminal);
  await Promise.race([stopped, running.failed]).finally(async () => {
    clearInterval(refreshing);
    terminal.say('stopping …');
    await world?.stop();
    await running.stop();
    terminal.say('stopped; everything is kept');
  });
  process.exit(0);
}

/** A script begins at the beginning: on a database of one's own the findings of an earlier run have ended already. */
async function refuseUsedLedger(running: Running): Promise<void> {
  const ended = await running.ports.ledger.findings({ stages: ['closed'], limit: 1 });
  if (ended.length === 0) return;
  await running.stop();
  throw new Error('a scripted run begins with an empty ledger: name an empty database in DATABASE_URL');
}

/** Begins anew: never under a running Curtail, and never leaving a server behind on a file that is gone. */
async function removeOrganisation(cwd: string, terminal: Terminal): Promise<void> {
  const folder = join(cwd, '.curtail', 'organisation');
  const state = join(folder, '.curtail');
  const lock = await takeLock(join(state, 'curtail.lock'), 'Curtail');
  await stopOrphan(join(state, 'temporal', 'server.lock'), terminal.say);
  await lock.release();
  await rm(folder, { recursive: true, force: true });
}

function refresh(running: Running, terminal: Terminal): NodeJS.Timeout {
  let busy = false;
  return setInterval(async () => {
    if (busy) return;
    busy = true;
    try {
      terminal.show(await running.ports.ledger.findings({ limit: 200 }));
    } catch (error) {
      terminal.warn(`the ledger does not answer: ${String(error)}`);
    } finally {
      busy = false;
    }
  }, REFRESH_MS);
}
