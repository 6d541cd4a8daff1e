import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure, FailureType } from '../../../domain/failure.js';
import type { FindingSource } from '../../../domain/finding/finding.js';
import type { Position, RawRecord } from '../export/position.js';
import { readRaw } from '../export/read-raw.js';
import { platformMaps } from '../maps.js';
import type { Evidence } from '../record-map.js';

/** One export file as it is now. */
export interface ExportFile {
  name: string;
  path: string;
  mtimeMs: number;
  size: number;
}

/** The files that make one scan. */
export interface Listing {
  files: readonly ExportFile[];
  /** Changes when any of them does. */
  stamp: string;
  /** A scan is only as new as its oldest part. */
  scannedAtIso: string;
}

const EXPORT_NAME = /^[^.].*\.(?:json|jsonl|ndjson|csv)$/i;

/**
 * The export files at a path: the file itself, or those of the folder, by name. Hidden files and other endings are not
 * exports.
 * @throws Failure `vendor.unavailable` when there are none: an empty folder must not read as "all is resolved".
 */
export async function listFiles(path: string, source: FindingSource): Promise<Listing> {
  const files = await filesAt(path, source);
  if (files.length === 0) {
    throw new Failure(
      FailureType.VendorUnavailable,
      `${source}: reading exports: ${path} has no file that ends in .json, .jsonl, .ndjson or .csv`,
    );
  }
  return {
    files,
    stamp: files.map(({ name, size, mtimeMs }) => `${name}:${size}:${mtimeMs}`).join('|'),
    scannedAtIso: new Date(Math.min(...files.map((file) => file.mtimeMs))).toISOString(),
  };
}

async function filesAt(path: string, source: FindingSource): Promise<ExportFile[]> {
  try {
    const top = await stat(path);
    if (!top.isDirectory()) return [{ name: '', path, mtimeMs: top.mtimeMs, size: top.size }];
    const names = (await readdir(path)).filter((name) => EXPORT_NAME.test(name)).sort();
    const all = await Promise.all(
      names.map(async (name) => ({ name, path: join(path, name), at: await stat(join(path, name)) })),
    );
    return all.flatMap(({ at, ...file }) =>
      at.isFile() ? [{ ...file, mtimeMs: at.mtimeMs, size: at.size }] : [],
    );
  } catch (error) {
    throw new Failure(
      FailureType.VendorUnavailable,
      `${source}: reading exports: ${path} cannot be read: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

/** The records of one file, from its start or from where an earlier reading stopped. The file is closed when the reading ends. */
export async function* readFileRecords(
  source: FindingSource,
  file: ExportFile,
  at?: Position,
): AsyncGenerator<RawRecord> {
  const stream = createReadStream(file.path, { start: at?.offset ?? 0, highWaterMark: 256 * 1024 });
  try {
    yield* readRaw({
      source,
      lists: platformMaps[source].recordLists,
      chunks: stream,
      ...(at !== undefined && { at }),
    });
  } finally {
    stream.destroy();
  }
}

/** What all the files say about principals, so that a finding has its evidence whichever file that is in. */
export async function gatherEvidence(source: FindingSource, listing: Listing): Promise<Evidence> {
  const evidence: Evidence = new Map();
  const { gather } = platformMaps[source];
  if (gather === undefined) return evidence;
  for (const file of listing.files) {
    for await (const raw of readFileRecords(source, file)) if (raw.ok) gather(raw.value, evidence);
  }
  return evidence;
}
