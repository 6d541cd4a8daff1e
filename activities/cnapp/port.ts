import type { Finding } from '../../domain/finding/finding.js';
import type { Capability } from '../capability.js';

/** One raw record of a platform and what became of it. */
export type SourceRecord =
  | { ok: true; finding: Finding; original: unknown }
  /** Could not be understood: quarantined with the reason, never dropped. */
  | { ok: false; reason: string; pointer?: string; original: unknown; line?: number };

/** A page of findings, and where the next one starts. */
export interface FindingPage {
  records: readonly SourceRecord[];
  /** Opaque and durable; undefined at the end. */
  nextCursor?: string;
  /** When the platform made this list; absent means: now. A file's list is as old as the file. */
  scannedAtIso?: string;
  /** How far the platform's clock is ahead of ours; negative when it is behind, absent when it does not say. */
  platformAheadMs?: number;
}

/** What a platform offers. Printed by `curtail sources`; nothing branches on a vendor's name. */
export interface CnappTraits {
  vendor: string;
  /** A list call returns everything that is open: what is absent is resolved. */
  listsAreComplete: boolean;
  /** Lists can be bounded to what changed since a time; otherwise every poll is a full one. */
  incremental: boolean;
  comments: 'api' | 'none' | 'file';
  status: 'api' | 'none' | 'file';
  assetTags: 'api' | 'upload' | 'none' | 'file';
  graph: boolean;
  rescan: 'api' | 'wait' | 'file';
  /** What its notifications hold: names of findings to read again, findings themselves, or there are none. */
  notifications: 'names' | 'findings' | 'none';
  webhookVerification: readonly string[];
}

/** A small graph of what the platform knows around a subject. */
export interface SourceContext {
  reaches: readonly { id: string; type: string; labels: readonly string[] }[];
  reachedBy: readonly { id: string; type: string }[];
  owner?: string;
  notes: readonly string[];
}

/** A finding that a delivery names, to be read from the platform itself. */
export interface FindingHint {
  /** The platform's own id. */
  sourceId: string;
  /** What the platform calls it, for the log; outside text. */
  kind: string;
}

/** Where findings come from. Reads are resumable by cursor; writes are idempotent by key. */
export interface CnappSource {
  readonly traits: CnappTraits;
  /** One page, newest position last. `sinceIso` bounds incremental polls (with the adapter's overlap). */
  list(input: { cursor?: string; sinceIso?: string; signal?: AbortSignal }): Promise<FindingPage>;
  /** The finding as the platform has it now; undefined when the platform no longer knows it. */
  get(sourceId: string): Promise<Finding | undefined>;
  /**
   * The findings that a delivery of the platform names. The payload is a hint only: each is fetched with `get`
   * before it is believed. Absent where a delivery is the finding itself, as for files and plain payloads.
   */
  parseWebhook?(payload: unknown): readonly FindingHint[];
  /** What the credentials allow, asked by reading; absent where nothing is asked of a platform. */
  probe?(): Promise<readonly Capability[]>;
  context(finding: Finding): Promise<SourceContext>;
  comment(input: {
    sourceId: string;
    key: string;
    text: string;
  }): Promise<{ where: string } | { refused: string }>;
  setStatus(input: {
    sourceId: string;
    key: string;
    status: 'in-progress' | 'resolved' | 'rejected' | 'ignored';
    reason: string;
    untilIso?: string;
  }): Promise<{ where: string } | { refused: string }>;
  /** Asks the platform to look again now; absent where it cannot be asked. */
  rescan?(sourceId: string): Promise<{ where: string } | { refused: string }>;
  tagAsset(input: {
    resourceId: string;
    key: string;
    tags: Readonly<Record<string, string>>;
  }): Promise<{ where: string } | { refused: string }>;
}
