import { Failure, FailureType } from '../../domain/failure.js';
import type { Finding } from '../../domain/finding/finding.js';
import type { CnappSource, FindingHint, SourceRecord } from '../cnapp/port.js';
import type { HintedFindings } from '../contract.js';
import { heartbeat } from './heartbeat.js';
import { takeIn } from './intake.js';
import type { LifecyclePorts } from './ports.js';

/**
 * Reads what a delivery names from the platform and takes that in, as a poll would. The delivery itself is never
 * believed: nobody signs it. Idempotent, so it may be asked again after a failure.
 */
export async function takeInHinted(ports: LifecyclePorts, delivery: HintedFindings): Promise<void> {
  const source = ports.sources.get(delivery.source);
  if (source === undefined) return;
  const records: SourceRecord[] = [];
  for (const hint of delivery.hints) {
    heartbeat(`${records.length} of ${delivery.hints.length} read`);
    const record = await readHinted(ports, source, hint);
    if (record !== undefined) records.push(record);
  }
  if (records.length === 0) return;
  await takeIn(ports, {
    scanId: `webhook/${delivery.source}/${delivery.key}`,
    source: source.traits.vendor,
    atMs: ports.now(),
    records,
  });
}

/** What the platform has under this id; undefined when that is nothing, or nothing about identities or data. */
async function readHinted(
  ports: LifecyclePorts,
  source: CnappSource,
  hint: FindingHint,
): Promise<SourceRecord | undefined> {
  const { sourceId } = hint;
  try {
    const finding = await source.get(sourceId);
    if (finding === undefined || isForeign(finding)) {
      ports.log('info', 'a webhook names what is no finding of ours', { source: source.traits.vendor });
      return undefined;
    }
    return { ok: true, finding, original: finding };
  } catch (error) {
    // It came, and it cannot be understood: that does not get better by asking again.
    if (!(error instanceof Failure) || error.type !== FailureType.VendorShape) throw error;
    return { ok: false, reason: error.message.slice(0, 500), original: { sourceId } };
  }
}

function isForeign({ kind, subject }: Finding): boolean {
  return kind === 'other' && subject.type === 'other';
}
