import type { CnappTraits } from '../../activities/cnapp/port.js';
import { sourceTraits } from '../../activities/cnapp/registry.js';
import { configurationOf } from '../../client/cli/api.js';
import type { OperationOptions } from '../../client/cli/operations.js';
import { printJson, printTable } from '../../client/cli/print.js';
import { loadConfig } from '../../runtime/config.js';

/** What one adapter can do, and which configured sources use it. */
export interface SourceLine {
  adapter: string;
  traits: CnappTraits;
  /** Names of the enabled sources that use it. */
  configured: readonly string[];
}

/** Where something that we write lands, by what the trait says. */
const LANDS: Readonly<Record<CnappTraits['assetTags'], string>> = {
  api: 'on the platform, by its API',
  upload: 'uploaded as enrichment',
  file: 'journal beside the export',
  none: 'nowhere; kept in the ledger',
};
const RESCAN: Readonly<Record<CnappTraits['rescan'], string>> = {
  api: 'asked for by API',
  wait: 'the next one is awaited',
  file: 'when the export is newer',
};

/** Every adapter with its traits. */
export function sourceLines(
  traits: Readonly<Record<string, CnappTraits>>,
  sources: readonly { vendor: string; name: string; enabled: boolean }[],
): readonly SourceLine[] {
  return Object.entries(traits).map(([adapter, its]) => ({
    adapter,
    traits: its,
    configured: sources
      .filter(({ vendor, enabled }) => enabled && vendor === adapter)
      .map(({ name }) => name),
  }));
}

/** A line in words, in the order of `SOURCE_COLUMNS`. */
export function sourceCells({ adapter, traits, configured }: SourceLine): readonly string[] {
  return [
    adapter,
    traits.listsAreComplete ? 'complete' : 'no',
    traits.incremental ? 'what changed' : 'everything',
    traits.webhookVerification.length === 0 ? 'none' : traits.webhookVerification.join(', '),
    LANDS[traits.comments],
    LANDS[traits.status],
    LANDS[traits.assetTags],
    traits.graph ? 'yes' : 'no',
    RESCAN[traits.rescan],
    configured.length === 0 ? '-' : configured.join(', '),
  ];
}

/** Heads of the table; `LIST complete` means that what is absent counts as resolved; POLLED is what is read between two full polls. */
export const SOURCE_COLUMNS = [
  'ADAPTER',
  'LIST',
  'POLLED',
  'WEBHOOK VERIFIED BY',
  'COMMENTS LAND',
  'STATUS LANDS',
  'TAGS LAND',
  'GRAPH',
  'RESCAN',
  'CONFIGURED AS',
] as const;

/** `curtail sources`: what each platform's adapter can and cannot do. */
export async function sources(options: OperationOptions): Promise<0> {
  const { config } = loadConfig(configurationOf(options));
  const lines = sourceLines(sourceTraits, config.sources);
  if (options.json === true) printJson(lines);
  else printTable(SOURCE_COLUMNS, lines.map(sourceCells));
  return 0;
}
