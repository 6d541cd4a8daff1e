import type { FindingSource } from '../../../domain/finding/finding.js';

/** How an export is written. */
export type ExportForm = 'json' | 'lines' | 'csv';

/** Where in an export the next record begins: enough to go on reading there, in another process too. */
export interface Position {
  form: ExportForm;
  /** Bytes from the start of the file. */
  offset: number;
  /** Line of the next record, from 1, where lines mean something. */
  line?: number;
  /** JSON: whether the file is one list of answers or records. */
  inList?: boolean;
  /** JSON: member names from the top of the answer to the list of records that is being read. */
  inside?: readonly string[];
  /** CSV: the columns. */
  columns?: readonly string[];
}

/** A record as it stands in an export, or why there is none. */
export type RawRecord = (
  | { ok: true; value: unknown }
  | {
      ok: false;
      reason: string;
      original: unknown;
      pointer?: string;
      /** The rest of the export cannot be read: what is not seen may still be there. */
      isCut?: boolean;
    }
) & {
  line?: number;
  /** Where to go on after this record. */
  next: Position;
};

/** Largest single record: what is longer is passed over, so that memory stays flat. */
export const MAX_RECORD_BYTES = 4 * 1024 * 1024;
/** How much of an unreadable record is kept to look at. */
export const KEPT_TEXT = 2000;

/** Which member names lead to records, per source. */
export type RecordLists = readonly (readonly string[])[];

/** Whether the path leads to a list of records. */
export function isRecordList(lists: RecordLists, path: readonly string[]): boolean {
  return lists.some(
    (list) => list.length === path.length && list.every((name, i) => name === '*' || name === path[i]),
  );
}

/** What is read: the source decides where records lie. */
export interface ExportInput {
  source: FindingSource;
  lists: RecordLists;
  chunks: AsyncIterable<Uint8Array>;
  at: Position;
}
