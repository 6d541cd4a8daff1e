import { resolve } from 'node:path';
import type { AdapterDeps } from '../../activities/adapter.js';
import type { Capability } from '../../activities/capability.js';
import { type ChatVendor, chatAdapters } from '../../activities/chat/registry.js';
import { type CnappVendor, cnappAdapters, openSource } from '../../activities/cnapp/registry.js';
import { type ItsmVendor, itsmAdapters } from '../../activities/itsm/registry.js';
import { openSecrets } from '../../activities/secrets/registry.js';
import { isVendor } from '../../activities/vendor.js';
import type { LoadedConfig } from '../../runtime/config.js';

/** What one product lets our credentials do. */
export interface Reached {
  kind: 'source' | 'itsm' | 'chat';
  vendor: string;
  capabilities: readonly Capability[];
}

/** Heads of the table. */
export const REACH_COLUMNS = ['KIND', 'VENDOR', 'TO', 'NEEDS', '', ''];

/** Asks every platform, the ticket system and every chat what the credentials allow. The embedded ones need none, and are left out. */
export async function reach(loaded: LoadedConfig): Promise<readonly Reached[]> {
  const { config, baseFolder } = loaded;
  const deps: AdapterDeps = {
    log: () => undefined,
    now: Date.now,
    fetch,
    resolveSecret: await openSecrets({ config: config.secrets, folder: baseFolder, env: process.env, fetch }),
    folder: resolve(baseFolder, config.folder),
  };
  const { sources, itsm, chat } = config;
  const found: Reached[] = [];
  for (const { vendor, name, settings } of sources) {
    if (vendor === 'generic' || vendor === 'file' || !isVendor<CnappVendor>(cnappAdapters, vendor)) continue;
    found.push(await asked('source', name, () => openSource({ vendor, name, settings }, deps)));
  }
  if (itsm.vendor !== 'inbox' && isVendor<ItsmVendor>(itsmAdapters, itsm.vendor)) {
    const adapter = itsmAdapters[itsm.vendor];
    found.push(await asked('itsm', itsm.vendor, () => adapter.open(itsm.settings, deps)));
  }
  for (const { vendor, settings } of chat) {
    if (vendor === 'console' || !isVendor<ChatVendor>(chatAdapters, vendor)) continue;
    found.push(await asked('chat', vendor, () => chatAdapters[vendor].open(settings, deps)));
  }
  return found;
}

async function asked(
  kind: Reached['kind'],
  vendor: string,
  open: () => Promise<{ probe?(): Promise<readonly Capability[]> }>,
): Promise<Reached> {
  try {
    const port = await open();
    return { kind, vendor, capabilities: (await port.probe?.()) ?? [] };
  } catch (error) {
    const note = error instanceof Error ? error.message.slice(0, 300) : 'unknown';
    return { kind, vendor, capabilities: [{ what: 'reach it', needs: 'its settings', ok: false, note }] };
  }
}

/** The lines of a product, in the order of `REACH_COLUMNS`. */
export function reachCells({ kind, vendor, capabilities }: Reached): readonly (readonly string[])[] {
  return capabilities.map(({ what, needs, ok, note }) => [
    kind,
    vendor,
    what,
    needs,
    ok === true ? 'ok' : ok === false ? 'MISSING' : 'not asked',
    note,
  ]);
}
