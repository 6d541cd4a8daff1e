import { z } from 'zod';
import type { Adapter, AdapterDeps } from '../adapter.js';
import { isVendor } from '../vendor.js';
import { watchClock, withClock } from './clock.js';
import { file, fileTraits } from './file/file.js';
import { generic, genericTraits } from './generic/source.js';
import { lacework, laceworkTraits } from './lacework/source.js';
import { orca, orcaTraits } from './orca/source.js';
import type { CnappSource, CnappTraits } from './port.js';
import { prisma, prismaTraits } from './prisma/source.js';
import { wiz, wizTraits } from './wiz/source.js';

/** Where findings can be read from. */
export type CnappVendor = 'file' | 'generic' | 'wiz' | 'prisma' | 'orca' | 'lacework';

/** Adding a vendor is one folder and one line here; forgetting the line stops the build. */
export const cnappAdapters = { file, generic, wiz, prisma, orca, lacework } satisfies Record<
  CnappVendor,
  Adapter<CnappSource>
>;

/** What each vendor offers, for `curtail sources`. A file speaks for the platform that wrote it. */
export const sourceTraits: Readonly<Record<CnappVendor, CnappTraits>> = {
  file: fileTraits('generic'),
  generic: genericTraits,
  wiz: wizTraits,
  prisma: prismaTraits,
  orca: orcaTraits,
  lacework: laceworkTraits,
};

/** A source as the configuration names it. */
export interface SourceSection {
  vendor: string;
  name: string;
  settings: unknown;
}

/** Opens a configured source. @throws Error naming the source and every fault of its settings */
export async function openSource(section: SourceSection, deps: AdapterDeps): Promise<CnappSource> {
  const found = known(section);
  const clock = watchClock(deps);
  const source = await withName(section, () => found.open(section.settings, { ...deps, fetch: clock.fetch }));
  return withClock(source, clock);
}

function known(section: SourceSection): Adapter<CnappSource> {
  if (isVendor<CnappVendor>(cnappAdapters, section.vendor)) return cnappAdapters[section.vendor];
  throw new Error(
    `source ${section.name}: there is no vendor ${section.vendor}; known are ${Object.keys(cnappAdapters).join(', ')}`,
  );
}

async function withName<T>(section: SourceSection, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    throw new Error(`source ${section.name} (${section.vendor}): ${z.prettifyError(error)}`, {
      cause: error,
    });
  }
}
