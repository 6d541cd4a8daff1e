import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Failure, FailureType } from '../../domain/failure.js';
import type { Finding } from '../../domain/finding/finding.js';
import { type Capability, tried } from '../capability.js';
import { defined } from './finding-parts.js';
import type { CnappSource, FindingPage, SourceRecord } from './port.js';
import type { Warnings } from './warnings.js';

/** One list of a platform, such as its issues or its data findings. */
export interface Part {
  name: string;
  /** The right that reading it takes, in the platform's words. */
  needs: string;
  /** The platform cannot bound this list by time, and renews it with its own scans: full polls alone read it. */
  fullOnly?: boolean;
  /** Reads one page. `state` is what the page before gave as `next`; it is durable, so it holds no secrets. */
  read(input: { state?: string; sinceIso?: string; signal?: AbortSignal }): Promise<PartPage>;
}

/** A page of a list. */
export interface PartPage {
  records: readonly SourceRecord[];
  /** State for the next page; absent at the end of the list. */
  next?: string;
  /** What was left out although it may exist: the scan must not pass for complete then. */
  fault?: string;
}

const CursorShape = z.strictObject({
  part: z.number().int().min(0),
  state: z.string().max(20_000).optional(),
  sinceIso: z.string().optional(),
  /** Digest of the page before, to tell a page that repeats. */
  before: z.string().optional(),
  pages: z.number().int().min(0),
  fault: z.string().optional(),
});
interface Cursor {
  part: number;
  state?: string;
  sinceIso?: string;
  before?: string;
  pages: number;
  fault?: string;
}

/** Pages of one scan. More means that the platform leads round in circles. */
const MAX_PAGES = 20_000;

/**
 * Lists the parts one after another, page by page, by a durable cursor. Records that are neither about identities nor
 * about data are passed over. A scan that had to leave something out takes in the rest and then ends as a failure, since
 * what is absent would read as resolved.
 */
export function pagedList(options: {
  vendor: string;
  parts: readonly Part[];
  overlapMinutes: number;
  warnings: Warnings;
}): CnappSource['list'] {
  const { vendor, parts, warnings } = options;
  return async (input) => {
    const cursor =
      input.cursor === undefined
        ? begin(input.sinceIso, options.overlapMinutes)
        : readCursor(vendor, input.cursor);
    const read = partsOf(parts, cursor.sinceIso);
    if (read.length === 0) return { records: [] };
    const part = read[cursor.part];
    if (part === undefined) throw incomplete(vendor, cursor.fault);
    const page = await part.read({
      ...defined({ state: cursor.state, sinceIso: cursor.sinceIso }),
      ...(input.signal !== undefined && { signal: input.signal }),
    });
    const before = digestOf(page.records);
    if (page.next !== undefined && isRepeated(cursor, page, before)) {
      throw new Failure(
        FailureType.VendorShape,
        `${vendor}: listing ${part.name}: the same page came twice; the scan stops here`,
      );
    }
    const fault = cursor.fault ?? (page.fault === undefined ? undefined : `${part.name}: ${page.fault}`);
    const records = page.records.filter((record) => isOurs(record, warnings));
    warnings.report();
    return { records, ...nextOf(read, cursor, page, { before, fault }) };
  };
}

/** Reads the first page of each list, which says whether the credentials allow it. */
export async function probeParts(parts: readonly Part[]): Promise<readonly Capability[]> {
  const capabilities: Capability[] = [];
  for (const { name, needs, read } of parts)
    capabilities.push(await tried({ what: `read ${name}`, needs }, async () => (await read({})).fault));
  return capabilities;
}

/** The lists that a scan reads. */
function partsOf(parts: readonly Part[], sinceIso: string | undefined): readonly Part[] {
  return sinceIso === undefined ? parts : parts.filter(({ fullOnly }) => fullOnly !== true);
}

function nextOf(
  parts: readonly Part[],
  cursor: Cursor,
  page: PartPage,
  seen: { before: string; fault: string | undefined },
): Pick<FindingPage, 'nextCursor'> {
  const { sinceIso } = cursor;
  const { before, fault } = seen;
  if (page.next !== undefined) {
    return write({
      part: cursor.part,
      state: page.next,
      before,
      pages: cursor.pages + 1,
      ...defined({ sinceIso, fault }),
    });
  }
  const part = cursor.part + 1;
  if (part >= parts.length && fault === undefined) return {};
  return write({ part, pages: cursor.pages + 1, ...defined({ sinceIso, fault }) });
}

function write(cursor: Cursor): { nextCursor: string } {
  return { nextCursor: JSON.stringify(cursor) };
}

function begin(sinceIso: string | undefined, overlapMinutes: number): Cursor {
  if (sinceIso === undefined) return { part: 0, pages: 0 };
  const since = Date.parse(sinceIso);
  if (Number.isNaN(since))
    throw new Failure(FailureType.InvalidInput, `polling since ${sinceIso}: that is no time`);
  return { part: 0, pages: 0, sinceIso: new Date(since - overlapMinutes * 60_000).toISOString() };
}

function readCursor(vendor: string, text: string): Cursor {
  try {
    const { part, pages, ...rest } = CursorShape.parse(JSON.parse(text));
    return { part, pages, ...defined(rest) };
  } catch (error) {
    throw new Failure(
      FailureType.InvalidInput,
      `${vendor}: listing: the cursor is not one of ours; begin the scan anew`,
      { cause: error },
    );
  }
}

function isRepeated(cursor: Cursor, page: PartPage, digest: string): boolean {
  if (cursor.pages >= MAX_PAGES || page.next === cursor.state) return true;
  return page.records.length > 0 && digest === cursor.before;
}

function digestOf(records: readonly SourceRecord[]): string {
  const hash = createHash('sha256');
  for (const record of records)
    hash.update(record.ok ? record.finding.sourceId : JSON.stringify(record.original ?? null)).update('\0');
  return hash.digest('hex').slice(0, 16);
}

/** Identities and data are ours; an alert about anything else is counted and passed over. */
function isOurs(record: SourceRecord, warnings: Warnings): boolean {
  if (!record.ok) return true;
  const { kind, subject }: Finding = record.finding;
  if (kind !== 'other') return true;
  warnings.warn(`${record.finding.source} record of no known kind`);
  return subject.type !== 'other';
}

function incomplete(vendor: string, fault: string | undefined): Failure {
  return new Failure(
    FailureType.VendorShape,
    `${vendor}: listing: what could be read was taken in, but the scan is not complete: ${fault ?? 'the cursor is beyond the last list'}`,
  );
}
