import { readFile, stat } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { fittingRecord } from '../../domain/lifecycle/record-match.js';
import type { Cmdb, CmdbRecord } from './port.js';

const Texts = z.array(z.string().min(1)).default([]);

const Entry = z.strictObject({
  id: z.string().min(1),
  /** ARNs that the record is about; a trailing `*` stands for any rest. */
  arns: Texts,
  /** Tags that a resource must all have to be meant. */
  tags: z.record(z.string(), z.string()).default({}),
  service: z.string().optional(),
  businessUnit: z.string().optional(),
  department: z.string().optional(),
  criticality: z.enum(['critical', 'high', 'medium', 'low']).optional(),
  regulations: Texts,
  internalPolicies: Texts,
  owner: z.strictObject({ person: z.string().optional(), team: z.string().optional() }).optional(),
});
type Entry = z.output<typeof Entry>;

/** The YAML file of records: `records: [{id, arns, tags, service, businessUnit, criticality, regulations, owner, …}]`. */
export const CmdbFile = z.strictObject({ records: z.array(Entry).default([]) });

/**
 * A CMDB kept as a file. Read again when it was changed. By ARN first, then by tags; the first that fits.
 * @throws Error naming the file and the fault when it cannot be read.
 */
export function openCmdbFile(path: string): Cmdb {
  let kept: { mtimeMs: number; entries: readonly Entry[] } | undefined;
  async function entries(): Promise<readonly Entry[]> {
    const { mtimeMs } = await stat(path);
    if (kept?.mtimeMs === mtimeMs) return kept.entries;
    const parsed = CmdbFile.safeParse(parse(await readFile(path, 'utf8')) ?? {});
    if (!parsed.success) throw new Error(`reading the CMDB ${path}: ${z.prettifyError(parsed.error)}`);
    kept = { mtimeMs, entries: parsed.data.records };
    return kept.entries;
  }
  return {
    async record(resource) {
      const found = fittingRecord(await entries(), resource);
      return found === undefined ? undefined : toRecord(found);
    },
  };
}

/** No records at all: nothing is backed by a CMDB then. */
export const NO_CMDB: Cmdb = { record: async () => undefined };

function toRecord(entry: Entry): CmdbRecord {
  const { arns: _arns, tags: _tags, owner, service, businessUnit, department, criticality, ...rest } = entry;
  const { person, team } = owner ?? {};
  return {
    ...rest,
    ...(service !== undefined && { service }),
    ...(businessUnit !== undefined && { businessUnit }),
    ...(department !== undefined && { department }),
    ...(criticality !== undefined && { criticality }),
    owner: { ...(person !== undefined && { person }), ...(team !== undefined && { team }) },
  };
}
