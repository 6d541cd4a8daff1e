import { Failure } from '../../domain/failure.js';
import { findingKey } from '../../domain/finding/fingerprint.js';
import type { CnappSource } from '../cnapp/port.js';
import type { VerifyInput } from '../contract.js';
import type { ChangeRow, FindingRow } from '../ledger/port.js';
import { takeIn } from './intake.js';
import { auditEntry, type LifecyclePorts } from './ports.js';
import { sourceOf } from './sources.js';

/** How long it is remembered that a platform was asked to look again. */
const REMEMBER_MS = 30 * 86_400_000;

/** What the source still says, or undefined when a word of it that is newer than the change no longer reports anything. */
export async function stillReported(
  ports: LifecyclePorts,
  input: VerifyInput,
  change: ChangeRow,
): Promise<string | undefined> {
  for (const key of input.keys) {
    const row = await ports.ledger.finding(key);
    if (row === undefined || row.sourceState === 'resolved') continue;
    const source = sourceOf(ports, row.finding);
    // Between two full polls nothing says that a finding has vanished, so such a platform is asked about this one.
    if (source?.traits.incremental === true && (await isGone(ports, source, change, row))) continue;
    const scan = await ports.ledger.lastCompleteScan(row.finding.source);
    const isNewer = scan !== undefined && scan.atMs > (change.appliedAtMs ?? Number.POSITIVE_INFINITY);
    return isNewer ? `${row.finding.source} still reports it` : `the next scan of ${row.finding.source}`;
  }
  return undefined;
}

/** Asks for a new look, once a change, and reads the finding. Only a platform that says "resolved" is believed. */
async function isGone(
  ports: LifecyclePorts,
  source: CnappSource,
  change: ChangeRow,
  row: FindingRow,
): Promise<boolean> {
  const { sourceId } = row.finding;
  try {
    await askToLookAgain(ports, source, change, row);
    const finding = await source.get(sourceId);
    if (finding === undefined || findingKey(finding, ports.digest) !== row.key) return false;
    if (finding.status !== 'resolved' && finding.status !== 'ignored') return false;
    const { source: platform } = row.finding;
    await takeIn(ports, {
      scanId: `verify/${change.id}/${row.key}`,
      source: platform,
      atMs: ports.now(),
      records: [{ ok: true, finding, original: finding }],
    });
    return (await ports.ledger.finding(row.key))?.sourceState === 'resolved';
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    ports.log('warn', 'a platform cannot say whether a finding is gone; the next poll may', {
      source: source.traits.vendor,
      type: error.type,
    });
    return false;
  }
}

async function askToLookAgain(
  ports: LifecyclePorts,
  source: CnappSource,
  change: ChangeRow,
  row: FindingRow,
): Promise<void> {
  if (source.rescan === undefined) return;
  const nowMs = ports.now();
  const claim = { bucket: 'rescan', key: `${change.id}/${row.key}` };
  if (!(await ports.ledger.claim({ ...claim, expiresAtMs: nowMs + REMEMBER_MS, nowMs }))) return;
  try {
    const answer = await source.rescan(row.finding.sourceId);
    const { workflowId } = change;
    await ports.ledger.audit([
      auditEntry(
        {
          id: `${change.id}/${row.key}/rescan`,
          key: row.key,
          workflowId,
          type: 'source.asked-to-rescan',
          actor: 'curtail',
          atMs: nowMs,
        },
        { answer: 'where' in answer ? answer.where : `refused: ${answer.refused}` },
      ),
    ]);
  } catch (error) {
    await ports.ledger.removeItem(claim.bucket, claim.key);
    throw error;
  }
}
