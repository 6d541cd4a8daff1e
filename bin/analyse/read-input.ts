import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { ReportAccountInput, ReportInput } from '../../domain/report/model.js';
import { DEFAULT_LOGGING, type LoggingScope } from '../../domain/usage/logging.js';
import type { UsageLog } from '../../domain/usage/usage.js';
import { windowOf } from '../../domain/usage/window.js';
import type { AnalyseOptions } from './command.js';
import type { Progress } from './progress.js';
import { NoAccount, type ReadAccount, type ReadAccounts, readAccounts } from './read-account.js';
import { readEarlier } from './read-earlier.js';
import { type ReadFindings, readFindings } from './read-findings.js';
import { type PolicyLevelsByAccount, readScps } from './read-scps.js';
import { type ReadTrail, readTrail } from './read-trail.js';
import { WrongUsage } from './wrong-usage.js';

/** Reads everything that an analysis was given. @throws WrongUsage when what was given cannot be used. */
export async function readInput(options: AnalyseOptions, progress: Progress): Promise<ReportInput> {
  await checkPaths(options);
  const { since, scps: scpsFile } = options;
  const scope = scopeOf(options);
  const earlier = since === undefined ? undefined : await asUsage(() => readEarlier(since, scope));
  const scps = scpsFile === undefined ? undefined : await asUsage(() => readScps(scpsFile));
  progress.say('reading accounts');
  const read = await asUsage(() => readAccounts(options.account));
  const trail = await trailOf(options, read, progress);
  const findings = await findingsOf(options);
  const log: UsageLog = trail?.log ?? { calls: [], malformed: 0, total: 0 };
  return {
    accounts: read.accounts.map((each) => accountInput(each, scps, options.logging)),
    log,
    trails: trail?.facts ?? new Map(),
    window: windowOf(log, Date.now()),
    scope,
    ...(earlier === undefined ? {} : { earlier }),
    findings: findings.findings,
    notes: [
      ...read.notes,
      ...loggingNotes(read.accounts, options, trail),
      ...(trail?.notes ?? noTrail()),
      ...findings.notes,
    ],
    faults: [...read.faults, ...(trail?.faults ?? []), ...findings.faults],
    generatedIso: new Date().toISOString(),
    now: () => performance.now(),
    digest: (text) => createHash('sha256').update(text, 'utf8').digest('hex'),
  };
}

async function checkPaths({ account, trail, scps, findings, source, since }: AnalyseOptions): Promise<void> {
  for (const [option, path] of Object.entries({ account, trail, scps, findings, since })) {
    if (path === undefined) continue;
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) throw new WrongUsage(`--${option} ${path}: there is no such file or folder`);
  }
  if (findings !== undefined && source === undefined)
    throw new WrongUsage('--findings needs --source, so that the export is read as its platform writes it');
}

function scopeOf({ team, env }: AnalyseOptions): ReportInput['scope'] {
  return {
    ...(team === undefined ? {} : { team }),
    ...(env === undefined ? {} : { environment: env }),
  };
}

async function trailOf(
  options: AnalyseOptions,
  read: ReadAccounts,
  progress: Progress,
): Promise<ReadTrail | undefined> {
  const path = options.trail ?? (read.trail ? options.account : undefined);
  if (path === undefined) return undefined;
  const ids = new Set(read.accounts.map(({ id }) => id));
  const trail = await readTrail(path, ids, (done, files, records) =>
    progress.share('reading the trail', done, files, `${records} records`),
  );
  if (trail.files > 0) return trail;
  throw new WrongUsage(
    `--trail ${path}: no log file below it that can be read; pass the folder that holds AWSLogs`,
    trail.faults,
  );
}

async function findingsOf({ findings, source }: AnalyseOptions): Promise<ReadFindings> {
  if (findings === undefined) return { findings: [], notes: [], faults: [] };
  return asUsage(() => readFindings(findings, source ?? ''));
}

function accountInput(
  { id, input, logging }: ReadAccount,
  scps: PolicyLevelsByAccount | undefined,
  declared: string | undefined,
): ReportAccountInput {
  const levels = scps?.get(id) ?? scps?.get('*') ?? {};
  return {
    id,
    input: { ...input, ...levels },
    logging: declaredLogging(declared) ?? logging ?? DEFAULT_LOGGING,
  };
}

function declaredLogging(text: string | undefined): LoggingScope | undefined {
  if (text === undefined) return undefined;
  if (text === 'all') return { management: true, data: 'all' };
  const services = text.split(',').map((each) => each.trim().toLowerCase());
  return { management: true, data: services.filter((each) => each !== '' && each !== 'none') };
}

function loggingNotes(
  accounts: readonly ReadAccount[],
  { logging }: AnalyseOptions,
  trail: ReadTrail | undefined,
): string[] {
  const silent = accounts.filter((account) => account.logging === undefined).map(({ id }) => id);
  if (logging !== undefined || silent.length === 0 || trail === undefined) return [];
  return [
    `Nothing says which data events are recorded in ${silent.slice(0, 5).join(', ')}, so none are taken to be: unused permissions to read and write data are kept. If the trail records them, say so with --logging.`,
  ];
}

function noTrail(): string[] {
  return [
    'No trail was given, so nothing is known to be unused: permissions are not reduced, and only escalation paths are broken. Pass --trail.',
  ];
}

/** Faults of the given files are wrong usage, not a failure of ours. */
async function asUsage<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const faults = error instanceof NoAccount ? error.faults : [];
    throw new WrongUsage(error instanceof Error ? error.message : String(error), faults, { cause: error });
  }
}
