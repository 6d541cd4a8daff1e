import { readNeverTouch } from '../../activities/guardrail/lists.js';
import { configurationOf } from '../../client/cli/api.js';
import type { OperationOptions } from '../../client/cli/operations.js';
import { printJson, printTable } from '../../client/cli/print.js';
import { BUILT_IN_NEVER_TOUCH } from '../../domain/guardrail/never-touch.js';
import { ConfigError, faultText } from '../../runtime/config/faults.js';
import { configSchema, type LoadedConfig, loadConfig } from '../../runtime/config.js';
import { openFlags } from '../../runtime/flags.js';
import { checkAdapters } from './adapters-check.js';
import { REACH_COLUMNS, reach, reachCells } from './reach.js';

type Options = OperationOptions & Record<string, unknown>;

/** `curtail config check`: exit 1 with every fault, each with file, line and column. */
export async function configCheck(options: Options): Promise<0 | 1> {
  const loaded = load(options);
  if (!('config' in loaded)) {
    if (options.json === true) printJson({ ok: false, faults: loaded.faults });
    else for (const fault of loaded.faults) console.log(fault);
    return 1;
  }
  const found = checkAdapters(loaded);
  const wellFormed = found.every((line) => line.ok);
  const reached = options['reach'] === true && wellFormed ? await reach(loaded) : [];
  const ok =
    wellFormed && reached.every(({ capabilities }) => capabilities.every((each) => each.ok !== false));
  if (options.json === true)
    printJson({ ok, file: loaded.file, adapters: found, ...(options['reach'] === true && { reached }) });
  else {
    console.log(
      loaded.file === null
        ? 'no curtail.yaml: the embedded adapters and the samples serve'
        : `${loaded.file} is well formed`,
    );
    printTable(
      ['KIND', 'VENDOR', '', ''],
      found.map((line) => [line.kind, line.vendor, line.ok ? 'ok' : 'FAULT', line.text]),
    );
    if (reached.length > 0) printTable(REACH_COLUMNS, reached.flatMap(reachCells));
  }
  return ok ? 0 : 1;
}

function load(options: Options): LoadedConfig | { faults: readonly string[] } {
  try {
    return loadConfig(configurationOf(options));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { faults: error.faults.map(faultText) };
  }
}

/** `curtail config schema` */
export async function configSchemaText(): Promise<0> {
  printJson(configSchema());
  return 0;
}

/** `curtail flags`: exit 1 when they cannot be read; everything is `observe` then. */
export async function flags(options: Options): Promise<0 | 1> {
  const { config } = loadConfig(configurationOf(options));
  const opened = await openFlags(config.flags?.path);
  try {
    const state = opened.state();
    const accounts = Object.keys(config.accounts);
    const rows = await Promise.all(
      accounts.map(async (account) => {
        const environment = config.accounts[account]?.environment ?? 'unknown';
        const context = { targetingKey: account, account, environment };
        const { phase } = await opened.phase(context);
        return {
          account,
          environment,
          phase,
          stopped: await opened.killSwitch(context),
          standing: await opened.standingApprovals(context),
        };
      }),
    );
    if (options.json === true) printJson({ ...state, accounts: rows });
    else {
      console.log(
        state.fault === undefined
          ? `flags ${state.hash.slice(0, 12)}`
          : `FAULT: ${state.fault}; every phase is observe`,
      );
      printTable(
        ['ACCOUNT', 'ENVIRONMENT', 'PHASE', 'KILL SWITCH', 'STANDING APPROVALS'],
        rows.map((row) => [
          row.account,
          row.environment,
          row.phase,
          row.stopped ? 'ON' : 'off',
          row.standing ? 'on' : 'off',
        ]),
      );
    }
    return state.fault === undefined ? 0 : 1;
  } finally {
    await opened.close();
  }
}

/** `curtail never-touch` */
export async function neverTouch(options: Options): Promise<0> {
  const { config } = loadConfig(configurationOf(options));
  const own = readNeverTouch(config.neverTouch?.path);
  if (options.json === true) printJson({ builtIn: BUILT_IN_NEVER_TOUCH, own });
  else {
    const line = (rule: (typeof BUILT_IN_NEVER_TOUCH)[number], where: string) => [
      where,
      rule.reason,
      [
        ...(rule.names ?? []),
        ...(rule.arns ?? []),
        ...Object.entries(rule.tags ?? {}).map(([key, value]) => `${key}=${value}`),
      ].join(', '),
    ];
    printTable(
      ['', 'REASON', 'PATTERNS'],
      [
        ...BUILT_IN_NEVER_TOUCH.map((rule) => line(rule, 'built in')),
        ...own.rules.map((rule) => line(rule, 'yours')),
      ],
    );
    for (const exception of own.except) console.log(`except ${exception.arn}: ${exception.reason}`);
  }
  return 0;
}
