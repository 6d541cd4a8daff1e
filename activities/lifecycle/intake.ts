import type { Finding } from '../../domain/finding/finding.js';
import { findingKey, fingerprint } from '../../domain/finding/fingerprint.js';
import { type Treatment, treatmentOf } from '../../domain/finding/treatment.js';
import { floorOf } from '../../domain/finding/triage.js';
import type { Json } from '../../domain/json.js';
import type { SourceRecord } from '../cnapp/port.js';
import { type Beginning, begin, rootCauses, toStart } from './begin.js';
import { HELD, isConfirmed } from './confirmation.js';
import { heartbeat } from './heartbeat.js';
import type { LifecyclePorts } from './ports.js';
import { raiseUnlabelled } from './unlabelled.js';

/** What became of a batch. */
export interface IntakeResult {
  seen: number;
  started: number;
  /** Kept without a life, since nobody has confirmed the source yet. */
  held: number;
  new: number;
  changed: number;
  reopened: number;
  unchanged: number;
  belowFloor: number;
  refused: number;
}

/**
 * The one path for poll, webhook and file: fingerprint, upsert in the ledger, start what is above the triage floor.
 * A life starts only when the row is new, materially changed or reopened, so the same batch again starts nothing.
 */
export async function takeIn(
  ports: LifecyclePorts,
  batch: { scanId: string; source: string; atMs: number; records: readonly SourceRecord[] },
): Promise<IntakeResult> {
  const result: IntakeResult = {
    seen: 0,
    started: 0,
    held: 0,
    new: 0,
    changed: 0,
    reopened: 0,
    unchanged: 0,
    belowFloor: 0,
    refused: 0,
  };
  const taken = await readable(ports, batch, result);
  if (taken.size === 0) return result;
  const recorded = await ports.ledger.recordFindings({
    scanId: batch.scanId,
    source: batch.source,
    atMs: batch.atMs,
    records: [...taken].map(([key, { finding, original }]) => ({
      key,
      finding,
      original,
      fingerprint: fingerprint(finding, ports.digest),
    })),
  });
  heartbeat('recorded');
  const fresh: Fresh[] = [];
  for (const { key, disposition, generation } of recorded) {
    const finding = taken.get(key)?.finding;
    if (finding === undefined) continue;
    result[disposition] += 1;
    const treatment = treatmentOf(finding, floorOf(ports.settings, finding));
    if (disposition !== 'unchanged') fresh.push({ key, generation, finding, treatment });
  }
  await raiseUnlabelled(
    ports,
    batch,
    fresh.map(({ finding }) => finding),
  );
  const { starts, below } = await sorted(ports, fresh);
  for (const alike of byReason(below)) await keepBelow(ports, batch, alike);
  result.belowFloor = below.length;
  if (starts.length === 0) return result;
  if (!(await isConfirmed(ports, batch.source))) {
    const waiting = starts.map(({ start, treatment }) => ({ key: start.key, treatment }));
    for (const alike of byReason(waiting)) await hold(ports, batch, alike);
    return { ...result, held: starts.length };
  }
  await begin(ports, starts, batch.atMs);
  return { ...result, started: starts.length };
}

/** A finding that is new, changed or came back. */
interface Fresh {
  key: string;
  generation: number;
  finding: Finding;
  treatment: Treatment;
}
/** Findings that are treated alike, for one reason. */
interface Alike {
  treatment: Treatment;
  keys: readonly string[];
}
type Batch = Parameters<typeof takeIn>[1];

/** The records that could be read, by key; the others are quarantined. */
async function readable(
  ports: LifecyclePorts,
  batch: Batch,
  result: IntakeResult,
): Promise<ReadonlyMap<string, { finding: Finding; original: Json }>> {
  const taken = new Map<string, { finding: Finding; original: Json }>();
  for (const record of batch.records) {
    result.seen += 1;
    const original = asJson(record.original);
    if (record.ok) {
      taken.set(findingKey(record.finding, ports.digest), { finding: record.finding, original });
      continue;
    }
    result.refused += 1;
    await ports.ledger.quarantine({
      source: batch.source,
      scanId: batch.scanId,
      reason: record.reason,
      original,
      atMs: batch.atMs,
      ...(record.pointer !== undefined && { pointer: record.pointer }),
      ...(record.line !== undefined && { line: record.line }),
    });
  }
  return taken;
}

/** What begins a life, and what is only kept. */
async function sorted(
  ports: LifecyclePorts,
  fresh: readonly Fresh[],
): Promise<{ starts: readonly Beginning[]; below: readonly Fresh[] }> {
  const roots = rootCauses(ports);
  const starts: Beginning[] = [];
  for (const each of fresh.filter(({ treatment }) => treatment.kind === 'deep-analysis'))
    starts.push({ start: await toStart(ports, roots, each), treatment: each.treatment });
  return { starts, below: fresh.filter(({ treatment }) => treatment.kind !== 'deep-analysis') };
}

function byReason(rows: readonly { key: string; treatment: Treatment }[]): readonly Alike[] {
  const groups = new Map<string, { treatment: Treatment; keys: string[] }>();
  for (const { key, treatment } of rows) {
    const group = groups.get(treatment.reason) ?? { treatment, keys: [] };
    group.keys.push(key);
    groups.set(treatment.reason, group);
  }
  return [...groups.values()];
}

/** What is below the floor is kept and listed: one write and one audit row for each reason in a batch. */
async function keepBelow(ports: LifecyclePorts, batch: Batch, { treatment, keys }: Alike): Promise<void> {
  const { reason, kind } = treatment;
  const { atMs, source } = batch;
  await ports.ledger.setStage(
    { keys, stage: 'closed', outcome: 'below-floor', note: reason, treatment, atMs },
    [
      {
        id: `below-floor/${batch.scanId}/${keys[0] ?? ''}`,
        stream: 'system',
        type: 'finding.below-floor',
        actor: 'curtail',
        atMs,
        fields: { source, reason, treatment: kind, findings: keys.length },
      },
    ],
  );
}

/** What an unconfirmed source reported is kept: no life begins, and nobody is told. One audit row for each reason in a batch. */
async function hold(ports: LifecyclePorts, batch: Batch, { treatment, keys }: Alike): Promise<void> {
  const { atMs, source } = batch;
  const note = 'kept; nothing begins before somebody confirms the source (curtail forecast)';
  await ports.ledger.setStage({ keys, stage: 'new', note, treatment, waitingFor: HELD, atMs }, [
    {
      id: `held/${batch.scanId}/${keys[0] ?? ''}`,
      stream: 'system',
      type: 'finding.held',
      actor: 'curtail',
      atMs,
      fields: { source, findings: keys.length },
    },
  ]);
}

/** The original as JSON; what is not JSON (it came through a parser, so all of it should be) is kept as text. */
function asJson(original: unknown): Json {
  return JSON.parse(JSON.stringify(original ?? null)) as Json;
}
