import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { AdapterDeps } from '../activities/adapter.js';
import type { Chat } from '../activities/chat/port.js';
import { type ChatVendor, chatAdapters } from '../activities/chat/registry.js';
import type { Cloud } from '../activities/cloud/port.js';
import { type CloudVendor, cloudAdapters } from '../activities/cloud/registry.js';
import { NO_CMDB, openCmdbFile } from '../activities/cmdb/file.js';
import type { Directory } from '../activities/directory/port.js';
import { directoryAdapters } from '../activities/directory/registry.js';
import { readFreezes, readNeverTouch } from '../activities/guardrail/lists.js';
import { guardrailAdapters } from '../activities/guardrail/registry.js';
import type { Histories } from '../activities/histories/port.js';
import { type ChangeHostVendor, changeHostAdapters } from '../activities/iac/registry.js';
import { type ItsmVendor, itsmAdapters } from '../activities/itsm/registry.js';
import type { Ledger } from '../activities/ledger/port.js';
import { openLedger } from '../activities/ledger/registry.js';
import type { FlagReading, LifecyclePorts } from '../activities/lifecycle/ports.js';
import type { LifecycleStarter } from '../activities/starter/port.js';
import { isVendor } from '../activities/vendor.js';
import type { LoadedConfig } from '../runtime/config.js';
import { ladders } from '../runtime/config.js';
import { type Flags, openFlags } from '../runtime/flags.js';
import { openPublicKeys } from '../runtime/grant-keys.js';
import { verifyGrant } from '../runtime/grants.js';
import { verifyStanding } from '../runtime/standing-grants.js';
import { verifyUndoAsk } from '../runtime/undo-asks.js';
import { openExplainer } from './explainer.js';
import { noCloud } from './no-cloud.js';
import { floorsOf, openSources } from './open-sources.js';
import { type Part, type PortName, portsOf, withheld } from './parts.js';

/** What a process opened by itself, before it knows the cluster. */
export interface Opened {
  ledger: Ledger;
  flags: Flags;
  /** Everything but what needs Temporal's client. */
  ports: Omit<LifecyclePorts, 'starter' | 'histories'>;
  close(): Promise<void>;
}

export interface OpenOptions {
  loaded: LoadedConfig;
  deps: AdapterDeps;
  /** Absolute folder of state. */
  folder: string;
  publicUrl: string;
  /** What runs in this process: only the ports of these parts are opened. */
  parts: readonly Part[];
}

/** How far back use is looked at. AWS's own last-accessed data covers 400 days, trails usually 90. */
const USAGE_DAYS = 90;

/**
 * Opens the ports of a process's parts; the others are there and refuse.
 * @throws what the first one that cannot be opened says; nothing stays open then
 */
export async function openPorts(options: OpenOptions): Promise<Opened> {
  const { config } = options.loaded;
  const ledger = await openLedger(ledgerConfig(config.ledger, options.folder), options.deps);
  const flags = await openFlags(config.flags?.path);
  const close = async (): Promise<void> => {
    await flags.close();
    await ledger.close();
  };
  try {
    return { ledger, flags, close, ports: await openAround(options, ledger, flags) };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openAround(options: OpenOptions, ledger: Ledger, flags: Flags): Promise<Opened['ports']> {
  const { loaded, deps, folder } = options;
  const { config } = loaded;
  const directory = await directoryAdapters[config.directory.adapter].open(config.directory, deps);
  const reached = await openReached(options, ledger, directory);
  const keys = openPublicKeys(join(folder, 'keys'));
  return {
    ledger,
    directory,
    ...reached,
    flags: { read: (context) => readFlags(flags, context) },
    verifyGrant: (grant, clock) => verifyGrant(grant, keys, clock),
    verifyStanding: (signed) => verifyStanding(signed, keys),
    verifyUndoAsk: (ask) => verifyUndoAsk(ask, keys),
    writeReport: (name, text) => writeReport(join(folder, 'reports'), name, text),
    settings: {
      accounts: config.accounts as LifecyclePorts['settings']['accounts'],
      publicUrl: options.publicUrl,
      floor: config.triage.floor,
      floors: floorsOf(config, reached.sources),
      confirmedSources: new Set(config.sources.filter(({ confirmed }) => confirmed).map(({ name }) => name)),
      releaseFirst: config.desk.releaseFirst,
      digestAfter: config.desk.digestAfter,
      ...(config.desk.onCall !== undefined && { onCall: config.desk.onCall }),
      timing: loaded.timing,
      ladder: ladders(loaded),
      neverTouch: () => readNeverTouch(config.neverTouch?.path),
      freezes: () => readFreezes(config.freezes?.path),
      usageDays: USAGE_DAYS,
      retentionDays: config.temporal.retentionDays,
    },
    log: deps.log,
    now: deps.now,
    digest: sha256,
    newId: randomUUID,
  };
}

/** Opens what reaches out of the process, as far as it belongs to its parts. */
async function openReached(
  options: OpenOptions,
  ledger: Ledger,
  directory: Directory,
): Promise<Pick<LifecyclePorts, PortName>> {
  const { loaded, deps, folder, parts } = options;
  const { config } = loaded;
  const inFolder: AdapterDeps = { ...deps, folder };
  const mine = portsOf(parts);
  const open = async <Port extends object>(
    name: PortName,
    opened: () => Port | Promise<Port>,
  ): Promise<Port> => (mine.has(name) ? opened() : withheld<Port>(name));
  const cloud = await open('cloud', () => openCloud(config.cloud[0], deps));
  const { iac, llm, cmdb } = config;
  return {
    cloud,
    ...(mine.has('cloudWriter') && { cloudWriter: cloud as Cloud }),
    guardrail: await open('guardrail', () =>
      guardrailAdapters[config.guardrail.adapter].open(config.guardrail, deps),
    ),
    tickets: await open('tickets', () => openTickets(options, inFolder)),
    cmdb: await open('cmdb', () => (cmdb === undefined ? NO_CMDB : openCmdbFile(cmdb.path))),
    chats: await open('chats', () => Promise.all(config.chat.map((chat) => openChat(chat, inFolder)))),
    ...(iac !== undefined && { iac: await open('iac', () => openChangeHost(iac, deps)) }),
    sources: await openSources(config.sources, deps, ledger, mine.has('sources')),
    explainer: await open('explainer', () =>
      openExplainer(llm, { ...deps, ledger, directory, newId: randomUUID }),
    ),
  };
}

/** Adds what needs Temporal's client. */
export function completePorts(
  opened: Opened,
  starter: LifecycleStarter,
  histories: Histories,
): LifecyclePorts {
  return { ...opened.ports, starter, histories };
}

/** SHA-256 in hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** `DATABASE_URL` in the environment makes the embedded ledger a PostgreSQL server's, as every hosting platform expects. */
function ledgerConfig(config: LoadedConfig['config']['ledger'], folder: string): unknown {
  if (config.adapter === 'postgres') return { vendor: 'postgres', url: config.url, bodyKey: config.bodyKey };
  const own = config.folder ?? join(folder, 'ledger');
  const named = config.bodyKey === undefined ? {} : { bodyKey: config.bodyKey };
  if ((process.env['DATABASE_URL'] ?? '') === '') return { vendor: 'embedded', folder: own, ...named };
  const url = 'env:DATABASE_URL';
  return config.bodyKey === undefined
    ? { vendor: 'postgres', url, ownKeyFolder: own }
    : { vendor: 'postgres', url, ...named };
}

async function openCloud(
  section: { vendor: string; settings: unknown } | undefined,
  deps: AdapterDeps,
): Promise<Cloud> {
  if (section === undefined) return noCloud;
  if (!isVendor<CloudVendor>(cloudAdapters, section.vendor))
    throw unknownVendor('cloud', section.vendor, cloudAdapters);
  return cloudAdapters[section.vendor].open(section.settings, deps);
}

async function openTickets(options: OpenOptions, deps: AdapterDeps) {
  const { itsm, cmdb } = options.loaded.config;
  if (!isVendor<ItsmVendor>(itsmAdapters, itsm.vendor))
    throw unknownVendor('itsm', itsm.vendor, itsmAdapters);
  const embedded =
    itsm.vendor === 'inbox'
      ? { publicUrl: options.publicUrl, ...(cmdb !== undefined && { cmdb: cmdb.path }) }
      : {};
  return itsmAdapters[itsm.vendor].open({ ...embedded, ...itsm.settings }, deps);
}

async function openChat(section: { vendor: string; settings: unknown }, deps: AdapterDeps): Promise<Chat> {
  if (!isVendor<ChatVendor>(chatAdapters, section.vendor))
    throw unknownVendor('chat', section.vendor, chatAdapters);
  return chatAdapters[section.vendor].open(section.settings, deps);
}

async function openChangeHost(section: { vendor: string; settings: unknown }, deps: AdapterDeps) {
  if (!isVendor<ChangeHostVendor>(changeHostAdapters, section.vendor)) {
    throw unknownVendor('iac', section.vendor, changeHostAdapters);
  }
  return changeHostAdapters[section.vendor].open(section.settings, deps);
}

function unknownVendor(kind: string, vendor: string, known: object): Error {
  return new Error(`${kind}: there is no vendor ${vendor}; known are ${Object.keys(known).join(', ')}`);
}

async function readFlags(
  flags: Flags,
  context: Parameters<LifecyclePorts['flags']['read']>[0],
): Promise<FlagReading> {
  const { findingKey, ...target } = context;
  const asked = { targetingKey: findingKey, ...target };
  const [phase, killSwitch, standingApprovals] = await Promise.all([
    flags.phase(asked),
    flags.killSwitch(asked),
    flags.standingApprovals(asked),
  ]);
  return { phase: phase.phase, killSwitch, standingApprovals, stale: phase.stale };
}

async function writeReport(folder: string, name: string, text: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = resolve(folder, name);
  await writeFile(`${path}.part`, text, { mode: 0o600 });
  await rename(`${path}.part`, path);
  return path;
}
