import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import { FINDING_SOURCES, type Finding, type FindingSource } from '../../../domain/finding/finding.js';
import { openJournal } from '../../../runtime/journal.js';
import { type AdapterDeps, adapter } from '../../adapter.js';
import type { Position } from '../export/position.js';
import { platformMaps } from '../maps.js';
import type { CnappSource, CnappTraits, FindingPage, SourceRecord } from '../port.js';
import { toRecord } from '../read-export.js';
import type { Evidence, Given } from '../record-map.js';
import { countWarnings, type Warnings } from '../warnings.js';
import { digestOf, type FileCursor, readCursor, writeCursor } from './cursor.js';
import { gatherEvidence, type Listing, listFiles, readFileRecords } from './folder.js';
import { type Written, writtenJournal } from './written.js';

/** Settings of a source that is a file or a watched folder of exports. */
export const FileSourceConfig = z.strictObject({
  source: z.enum(FINDING_SOURCES).describe('Whose exports they are.'),
  path: z.string().min(1).describe('A file, or a folder whose files together are one complete scan.'),
  journal: z.string().min(1).optional().describe('Where comments, states and tags are written down.'),
});

/** Records of one page. */
const PAGE = 500;
/** Bytes of one page, counted in the file, so that large records make short pages. */
const PAGE_BYTES = 8 * 1024 * 1024;
const MAX_RESTARTS = 3;

/** What a file source offers. */
export function fileTraits(source: FindingSource): CnappTraits {
  return {
    vendor: source,
    listsAreComplete: true,
    incremental: false,
    comments: 'file',
    status: 'file',
    assetTags: 'file',
    graph: false,
    rescan: 'file',
    notifications: 'none',
    webhookVerification: [],
  };
}

/** Findings from exports as people download them. Nothing of it needs an account. */
export const file = adapter(FileSourceConfig, openFileSource);

async function openFileSource(
  config: z.output<typeof FileSourceConfig>,
  deps: AdapterDeps,
): Promise<CnappSource> {
  const path = resolve(deps.folder, config.path);
  const journal =
    config.journal === undefined
      ? join(dirname(path), `.${basename(path)}.written.jsonl`)
      : resolve(deps.folder, config.journal);
  return createFileSource({
    source: config.source,
    path,
    written: writtenJournal(() => openJournal(journal), journal, deps.now),
    log: deps.log,
  });
}

function createFileSource(options: {
  source: FindingSource;
  path: string;
  written: Written;
  log: AdapterDeps['log'];
}): CnappSource {
  const { source, path, written } = options;
  const map = platformMaps[source];
  const warnings: Warnings = countWarnings(source, options.log);
  const known = cachedByStamp(source);

  async function list(input: { cursor?: string; signal?: AbortSignal }): Promise<FindingPage> {
    const listing = await listFiles(path, source);
    const cursor = startOf(listing, input.cursor, source);
    if (cursor.file >= listing.files.length) throw incomplete(source, cursor.fault);
    const given: Given = { evidence: await known.evidence(listing), warn: warnings.warn };
    const page = await readPage(listing, cursor, given, input.signal);
    warnings.report();
    const { next, records } = page;
    const isLast = next.file >= listing.files.length && next.fault === undefined;
    return { records, scannedAtIso: listing.scannedAtIso, ...(!isLast && { nextCursor: writeCursor(next) }) };
  }

  async function readPage(
    listing: Listing,
    from: FileCursor,
    given: Given,
    signal: AbortSignal | undefined,
  ): Promise<{ records: SourceRecord[]; next: FileCursor }> {
    const records: SourceRecord[] = [];
    const next: FileCursor = { ...from };
    const first = from.at?.offset ?? 0;
    const current = listing.files[from.file];
    if (current === undefined) return { records, next };
    for await (const raw of readFileRecords(source, current, from.at)) {
      signal?.throwIfAborted();
      next.at = raw.next;
      if (!raw.ok && raw.isCut === true) next.fault ??= `${current.name || path}: ${raw.reason}`;
      if (raw.ok && map.isEvidence?.(raw.value, given.evidence) === true) continue;
      records.push(toRecord(map, raw, given));
      if (records.length >= PAGE || raw.next.offset - first > PAGE_BYTES) return { records, next };
    }
    const { at: _done, ...rest } = next;
    return { records, next: { ...rest, file: from.file + 1 } };
  }

  async function get(sourceId: string): Promise<Finding | undefined> {
    const listing = await listFiles(path, source);
    const place = (await known.places(listing)).get(sourceId);
    const file = place === undefined ? undefined : listing.files[place.file];
    if (place === undefined || file === undefined) return undefined;
    const given: Given = { evidence: await known.evidence(listing), warn: warnings.warn };
    for await (const raw of readFileRecords(source, file, place.at)) {
      const record = toRecord(map, raw, given);
      if (record.ok && record.finding.sourceId === sourceId) return record.finding;
    }
    return undefined;
  }

  return {
    traits: fileTraits(source),
    list,
    get,
    context: async () => ({ reaches: [], reachedBy: [], notes: [] }),
    comment: ({ key, ...entry }) => written.write('comment', key, entry),
    setStatus: ({ key, ...entry }) => written.write('status', key, entry),
    tagAsset: ({ key, ...entry }) => written.write('tags', key, entry),
  };
}

/** A scan whose files changed under it begins anew: its pages must be of one state. */
function startOf(listing: Listing, text: string | undefined, source: FindingSource): FileCursor {
  const files = digestOf(listing.stamp);
  if (text === undefined) return { files, file: 0, restarts: 0 };
  const cursor = readCursor(text);
  if (cursor.files === files) return cursor;
  if (cursor.restarts < MAX_RESTARTS) return { files, file: 0, restarts: cursor.restarts + 1 };
  throw new Failure(
    FailureType.VendorUnavailable,
    `${source}: reading exports: the files keep changing while they are read; write them beside and rename them`,
  );
}

/** What is missing from a scan that broke off must not read as resolved, so the scan ends as a failure. */
function incomplete(source: FindingSource, fault: string | undefined): Failure {
  return new Failure(
    FailureType.VendorShape,
    `${source}: reading exports: what could be read was taken in, but the scan is not complete: ${fault ?? 'a file is gone'}`,
  );
}

interface Place {
  file: number;
  at?: Position;
}

/** What is worked out once for a state of the files: evidence, and where each finding stands. */
function cachedByStamp(source: FindingSource): {
  evidence(listing: Listing): Promise<Evidence>;
  places(listing: Listing): Promise<ReadonlyMap<string, Place>>;
} {
  let stamp = '';
  let evidence: Promise<Evidence> | undefined;
  let places: Promise<ReadonlyMap<string, Place>> | undefined;
  function forget(listing: Listing): void {
    if (stamp === listing.stamp) return;
    stamp = listing.stamp;
    evidence = undefined;
    places = undefined;
  }
  return {
    evidence: (listing) => {
      forget(listing);
      evidence ??= gatherEvidence(source, listing).catch((error: unknown) => {
        evidence = undefined;
        throw error;
      });
      return evidence;
    },
    places: (listing) => {
      forget(listing);
      places ??= findPlaces(source, listing).catch((error: unknown) => {
        places = undefined;
        throw error;
      });
      return places;
    },
  };
}

async function findPlaces(source: FindingSource, listing: Listing): Promise<ReadonlyMap<string, Place>> {
  const map = platformMaps[source];
  const evidence = await gatherEvidence(source, listing);
  const places = new Map<string, Place>();
  for (const [index, each] of listing.files.entries()) {
    let at: Position | undefined;
    for await (const raw of readFileRecords(source, each)) {
      const isFinding = raw.ok && map.isEvidence?.(raw.value, evidence) !== true;
      const record = isFinding ? toRecord(map, raw, { evidence, warn: () => undefined }) : undefined;
      if (record?.ok === true)
        places.set(record.finding.sourceId, { file: index, ...(at !== undefined && { at }) });
      at = raw.next;
    }
  }
  return places;
}
