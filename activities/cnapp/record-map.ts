import type { Finding, FindingSource } from '../../domain/finding/finding.js';
import { RecordError, type Warn } from './finding-parts.js';
import type { SourceRecord } from './port.js';

/** What other records of the same export say about one principal. */
export interface PrincipalEvidence {
  permissions: Set<string>;
  unused: Set<string>;
  policyArns: Set<string>;
  lastUsedIso?: string;
  /** Risk words of the platform. */
  risks: readonly string[];
  tags: Readonly<Record<string, string>>;
  /** Access keys with their last use. */
  keys: readonly { id: string; lastUsedIso?: string }[];
  account?: string;
  nativeType?: string;
  /** A finding of the same export is about this principal. */
  isReported?: boolean;
}

/** Evidence by the principal's id. */
export type Evidence = Map<string, PrincipalEvidence>;

/** What mapping a record may ask for. */
export interface Given {
  evidence: Evidence;
  warn: Warn;
}

/** One platform's records: where they lie in its answers, and what they mean. */
export interface PlatformMap {
  /** Member names from the top of an answer to its list of records; `*` is any name. */
  recordLists: readonly (readonly string[])[];
  /** Takes what a record says about a principal beside being a finding or instead of it. */
  gather?(record: unknown, evidence: Evidence): void;
  /** Whether a record is nothing but evidence for other findings. */
  isEvidence?(record: unknown, evidence: Evidence): boolean;
  /** @throws RecordError for a record that is not understood */
  toFinding(record: unknown, given: Given): Finding;
  /** A row of a downloaded table, cells by normalised column name, as the platform's API would write it. */
  fromRow(row: ReadonlyMap<string, string>): unknown;
}

/** The platforms whose records can be read. */
export type PlatformMaps = Readonly<Record<FindingSource, PlatformMap>>;

/** The evidence of a principal, made when it is not there yet. */
export function evidenceOf(evidence: Evidence, principal: string): PrincipalEvidence {
  const known = evidence.get(principal);
  if (known !== undefined) return known;
  const made: PrincipalEvidence = {
    permissions: new Set(),
    unused: new Set(),
    policyArns: new Set(),
    risks: [],
    tags: {},
    keys: [],
  };
  evidence.set(principal, made);
  return made;
}

/** A record mapped, or the reason why not. */
export function mapRecord(
  map: PlatformMap,
  record: unknown,
  given: Given & { line?: number; original?: unknown },
): SourceRecord {
  const original = given.original ?? record;
  try {
    return { ok: true, finding: map.toFinding(record, given), original };
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    return {
      ok: false,
      reason: error.message,
      original,
      ...(error.pointer !== undefined && error.pointer !== '' && { pointer: error.pointer }),
      ...(given.line !== undefined && { line: given.line }),
    };
  }
}
