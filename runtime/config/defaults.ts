import { join } from 'node:path';

/** Where the made-up organisation keeps what a process without a configuration reads. */
const SAMPLE_FILES = {
  account: 'organisation/account',
  exports: 'organisation/exports',
  directory: 'organisation/directory.yaml',
  flags: 'organisation/flags.json',
  neverTouch: 'organisation/never-touch.yaml',
  freezes: 'organisation/freezes.yaml',
  cmdb: 'organisation/cmdb.yaml',
} as const;

/** The configuration that serves without a file: embedded adapters over the sample organisation. */
export function sampleConfig(samples: string): Record<string, unknown> {
  const at = (name: keyof typeof SAMPLE_FILES): string => join(samples, SAMPLE_FILES[name]);
  return {
    sources: ['wiz', 'prisma', 'orca', 'lacework'].map((source) => ({
      vendor: 'file',
      name: `samples-${source}`,
      source,
      path: join(at('exports'), source),
    })),
    cloud: [{ vendor: 'snapshot', path: at('account') }],
    directory: { path: at('directory') },
    flags: { path: at('flags') },
    neverTouch: { path: at('neverTouch') },
    freezes: { path: at('freezes') },
    cmdb: { path: at('cmdb') },
    timing: { profile: 'demo' },
  };
}
