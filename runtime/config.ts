import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { LADDER, type Ladder, scaleLadder } from '../domain/approval/ladder.js';
import type { Severity } from '../domain/finding/finding.js';
import type { Timing } from '../domain/lifecycle/timing.js';
import { readYaml, type YamlText } from './config/document.js';
import { ConfigError, type ConfigFault, faultsOf } from './config/faults.js';
import { withPorts } from './config/ports.js';
import { type Config, ConfigFile } from './config/schema.js';
import { timingOf } from './timing.js';

/** The configuration of a process, and where it came from. */
export interface LoadedConfig {
  config: Config;
  timing: Timing;
  /** Absolute path of the file; null when the sample organisation serves. */
  file: string | null;
  /** Absolute folder that relative paths of the vendors' settings start from. */
  baseFolder: string;
  /**
   * Lets an adapter parse its own settings and turns what it finds into faults with line and column.
   * `path` is where the section stands, e.g. `['sources', 0]`.
   */
  check(path: readonly (string | number)[], parse: () => void): readonly ConfigFault[];
}

const SAMPLES = fileURLToPath(new URL('../samples/organisation', import.meta.url));

/** The JSON schema of `curtail.yaml`, for editors and for `curtail config schema`. */
export function configSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(ConfigFile, { io: 'input', unrepresentable: 'any', target: 'draft-2020-12' });
  return { ...schema, title: 'curtail.yaml' };
}

/**
 * Reads the configuration: the named file, else `CURTAIL_CONFIG`, else `curtail.yaml` in `cwd`, else the one of the
 * sample organisation (`samples`, the recorded one by default), with the state kept in `cwd`. Ports may come from
 * the environment.
 * @throws ConfigError with every fault of the file, each with line, column and mend.
 */
export function loadConfig(from: {
  file?: string;
  cwd: string;
  env?: Readonly<Record<string, string | undefined>>;
  /** Folder of a loaded sample organisation, with its `curtail.yaml`. */
  samples?: string;
}): LoadedConfig {
  const loaded = readConfig(from);
  return { ...loaded, config: withPorts(loaded.config, from.env ?? {}) };
}

function readConfig(from: Parameters<typeof loadConfig>[0]): LoadedConfig {
  const named = from.file ?? from.env?.['CURTAIL_CONFIG'];
  const file = resolve(from.cwd, named ?? 'curtail.yaml');
  if (existsSync(file)) return parseConfig(readFileSync(file, 'utf8'), file);
  if (named !== undefined) {
    const mend = 'name a file that exists, or leave it out to run on the samples';
    throw new ConfigError([
      { file, line: 1, column: 1, path: '', message: 'reading the configuration: no such file', mend },
    ]);
  }
  const samples = join(from.samples ?? SAMPLES, 'curtail.yaml');
  const loaded = parseConfig(readFileSync(samples, 'utf8'), samples);
  const { ledger } = loaded.config;
  const folder = resolve(from.cwd, '.curtail');
  return {
    ...loaded,
    file: null,
    config: {
      ...loaded.config,
      folder,
      ledger: ledger.adapter === 'pglite' ? { ...ledger, folder: join(folder, 'ledger') } : ledger,
    },
  };
}

/**
 * Parses the text of a configuration file; relative paths start from its folder.
 * @throws ConfigError with every fault.
 */
export function parseConfig(text: string, file: string): LoadedConfig {
  const yaml = readYaml(text, file);
  const parsed = ConfigFile.safeParse(yaml.value);
  if (!parsed.success) throw new ConfigError(inOrder(faultsOf(parsed.error, yaml, [], configSchema())));
  const baseFolder = dirname(resolve(file));
  const config = absolute(parsed.data, baseFolder);
  return {
    config,
    timing: timingFrom(config),
    file: resolve(file),
    baseFolder,
    check: (path, parse) => checkAt(yaml, path, parse),
  };
}

/** Settings of an account, by its id; undefined when the configuration does not name it. */
export function accountSettings(
  config: Config,
  id: string | undefined,
): Config['accounts'][string] | undefined {
  return id !== undefined && Object.hasOwn(config.accounts, id) ? config.accounts[id] : undefined;
}

/** The approval ladder of every severity: the built-in one at the profile's scale, or the configured one as written. */
export function ladders({
  config,
  timing,
}: Pick<LoadedConfig, 'config' | 'timing'>): Record<Severity, Ladder> {
  const of = (severity: Severity): Ladder =>
    config.ladder[severity] ?? scaleLadder(LADDER[severity], timing.ladderFactor);
  return {
    critical: of('critical'),
    high: of('high'),
    medium: of('medium'),
    low: of('low'),
    info: of('info'),
  };
}

function timingFrom(config: Config): Timing {
  const { profile, ...overrides } = config.timing;
  const set = Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
  return timingOf(profile, set as Partial<Timing>);
}

/** Makes every path that Curtail itself opens absolute. Vendors' own paths are theirs to resolve. */
function absolute(config: Config, base: string): Config {
  const at = <Section extends { path: string }>(section: Section): Section => ({
    ...section,
    path: resolve(base, section.path),
  });
  const { ledger, guardrail, flags, neverTouch, freezes, cmdb } = config;
  const folder = resolve(base, config.folder);
  return {
    ...config,
    folder,
    ledger:
      ledger.adapter === 'pglite'
        ? { ...ledger, folder: resolve(base, ledger.folder ?? join(folder, 'ledger')) }
        : ledger,
    guardrail:
      guardrail.adapter === 'embedded' && guardrail.folder !== undefined
        ? { ...guardrail, folder: resolve(base, guardrail.folder) }
        : guardrail,
    directory: at(config.directory),
    ...(flags !== undefined && { flags: at(flags) }),
    ...(neverTouch !== undefined && { neverTouch: at(neverTouch) }),
    ...(freezes !== undefined && { freezes: at(freezes) }),
    ...(cmdb !== undefined && { cmdb: at(cmdb) }),
  };
}

function checkAt(
  yaml: YamlText,
  path: readonly (string | number)[],
  parse: () => void,
): readonly ConfigFault[] {
  try {
    parse();
    return [];
  } catch (error) {
    if (error instanceof z.ZodError) return inOrder(faultsOf(error, yaml, path));
    throw error;
  }
}

function inOrder(faults: readonly ConfigFault[]): ConfigFault[] {
  return [...faults].sort((a, b) => a.line - b.line || a.column - b.column);
}
