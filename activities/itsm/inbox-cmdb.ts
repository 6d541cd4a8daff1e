import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { fittingRecord } from '../../domain/lifecycle/record-match.js';

const Strings = z.array(z.string().min(1)).default([]);
const CmdbFile = z.object({
  records: z
    .array(
      z.object({
        id: z.string().min(1),
        /** ARNs that the record is about; a trailing `*` stands for any rest. */
        arns: Strings,
        /** Tags that a resource must all have to be meant. */
        tags: z.record(z.string(), z.string()).default({}),
        businessUnit: z.string().optional(),
        owner: z.object({ person: z.string().optional(), team: z.string().optional() }).optional(),
      }),
    )
    .default([]),
});
type CmdbRecord = z.output<typeof CmdbFile>['records'][number];

/**
 * The record of a resource in a CMDB file: by ARN first, then by tags, the first that fits. The file is read each time, so
 * that an edit counts at once.
 */
export async function findRecord(
  path: string,
  resource: { arn: string; tags: Readonly<Record<string, string>> },
): Promise<CmdbRecord | undefined> {
  const parsed = CmdbFile.safeParse(parse(await readFile(path, 'utf8')) ?? {});
  if (!parsed.success) throw new Error(`inbox: reading the CMDB ${path}: ${z.prettifyError(parsed.error)}`);
  return fittingRecord(parsed.data.records, resource);
}
