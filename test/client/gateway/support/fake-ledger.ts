import type {
  AuditEntry,
  AuditRow,
  ChangeRow,
  DraftRow,
  FindingRow,
  ModelCallRow,
  RequestRow,
} from '../../../../activities/ledger/port.js';
import type { GatewayLedger } from '../../../../client/gateway/deps.js';
import type { PlatformCall } from '../../../../domain/finding/platform-call.js';
import type { Json } from '../../../../domain/json.js';

/** A ledger in memory with what the gateway uses; the real one has its own contract suite. */
export interface FakeLedger extends GatewayLedger {
  rows: {
    findings: FindingRow[];
    requests: RequestRow[];
    drafts: DraftRow[];
    changes: ChangeRow[];
    calls: ModelCallRow[];
    platformCalls: PlatformCall[];
    audit: AuditRow[];
    measures: { findingKey: string; generation: number; what: string; atMs: number }[];
    items: Map<string, { value: Json; expiresAtMs: number | undefined }>;
  };
  /** When true, every call fails as if the database were gone. */
  down: boolean;
}

export function fakeLedger(): FakeLedger {
  const rows: FakeLedger['rows'] = {
    findings: [],
    requests: [],
    drafts: [],
    changes: [],
    calls: [],
    platformCalls: [],
    audit: [],
    measures: [],
    items: new Map(),
  };
  const itemKey = (bucket: string, key: string): string => `${bucket}\n${key}`;
  const alive = (key: string, nowMs: number): Json | undefined => {
    const found = rows.items.get(key);
    if (found === undefined || (found.expiresAtMs !== undefined && found.expiresAtMs <= nowMs))
      return undefined;
    return found.value;
  };

  const ledger: FakeLedger = {
    rows,
    down: false,
    finding: async (key) => rows.findings.find((row) => row.key === key),
    findings: async (filter) =>
      rows.findings
        .filter((row) => filter.stages?.includes(row.stage) ?? true)
        .filter((row) => filter.kind === undefined || row.finding.kind === filter.kind)
        .filter((row) => filter.source === undefined || row.finding.source === filter.source)
        .filter((row) => filter.live !== true || row.stage !== 'closed')
        .filter((row) => filter.text === undefined || row.finding.title.includes(filter.text))
        .slice(filter.offset ?? 0, (filter.offset ?? 0) + (filter.limit ?? 1_000)),
    counts: async () => ({
      stages: tally(rows.findings.map((row) => row.stage)),
      outcomes: tally(rows.findings.flatMap((row) => row.outcome ?? [])),
    }),
    draft: async (digest) => rows.drafts.find((row) => row.digest === digest),
    request: async (id) => rows.requests.find((row) => row.request.id === id),
    requests: async (filter) =>
      rows.requests
        .filter((row) => filter.status === undefined || row.status === filter.status)
        .filter((row) => filter.findingKey === undefined || row.findingKeys.includes(filter.findingKey))
        .filter((row) => filter.ticketId === undefined || row.ticket?.id === filter.ticketId)
        .filter(
          (row) =>
            filter.personId === undefined ||
            row.request.approverIds.length === 0 ||
            row.request.approverIds.includes(filter.personId),
        )
        .slice(0, filter.limit ?? 1_000),
    changes: async (filter) =>
      rows.changes.filter(
        (row) => filter.findingKey === undefined || row.findingKeys.includes(filter.findingKey),
      ),
    platformCalls: async ({ platform, sourceId }) =>
      rows.platformCalls.filter((row) => row.platform === platform && row.sourceId === sourceId),
    modelCalls: async (key) => rows.calls.filter((row) => row.findingKey === key),
    audit: async (entries) => {
      for (const entry of entries)
        if (!rows.audit.some((row) => row.id === entry.id))
          rows.audit.push(toRow(entry, rows.audit.length + 1));
    },
    auditOf: async ({ stream, findingKey, afterSeq = 0, limit = 1_000 }) =>
      rows.audit
        .filter((row) => stream === undefined || row.stream === stream)
        .filter((row) => findingKey === undefined || row.findingKey === findingKey)
        .filter((row) => row.seq > afterSeq)
        .slice(0, limit),
    verifyAudit: async () => ({ ok: true, rows: rows.audit.length, faults: [] }),
    evidence: async () => undefined,
    auditHeads: async () => [{ stream: 'gateway', position: rows.audit.length, hash: 'h' }],
    measure: async (...measures) => {
      for (const measure of measures) {
        const same = (row: typeof measure): boolean =>
          row.findingKey === measure.findingKey &&
          row.generation === measure.generation &&
          row.what === measure.what;
        if (!rows.measures.some(same)) rows.measures.push(measure);
      }
    },
    putItem: async ({ bucket, key, value, expiresAtMs }) => {
      rows.items.set(itemKey(bucket, key), { value, expiresAtMs });
    },
    item: async (bucket, key, nowMs) => alive(itemKey(bucket, key), nowMs),
    removeItem: async (bucket, key) => {
      rows.items.delete(itemKey(bucket, key));
    },
    claim: async ({ bucket, key, value = true, expiresAtMs, nowMs }) => {
      if (alive(itemKey(bucket, key), nowMs) !== undefined) return false;
      rows.items.set(itemKey(bucket, key), { value, expiresAtMs });
      return true;
    },
    held: async ({ bucket, nowMs, limit }) =>
      [...rows.items]
        .filter(([key, { value }]) => key.startsWith(`${bucket}\n`) && value !== true)
        .filter(([key]) => alive(key, nowMs) !== undefined)
        .map(([key, { value }]) => ({ key: key.slice(bucket.length + 1), value }))
        .slice(0, limit),
    ping: async () => {
      if (ledger.down) throw new Error('connection refused: postgres://curtail:hunter2@db');
    },
  };
  return ledger;
}

function toRow(entry: AuditEntry, seq: number): AuditRow {
  const { body, ...rest } = entry;
  return {
    ...rest,
    ...(body !== undefined && { body, bodyDigest: 'b' }),
    seq,
    position: seq,
    previousHash: '',
    hash: String(seq),
  };
}

function tally(words: readonly string[]): Record<string, number> {
  const counted: Record<string, number> = {};
  for (const word of words) counted[word] = (counted[word] ?? 0) + 1;
  return counted;
}
