import type { Finding } from '../../domain/finding/finding.js';
import { isUnlabelledStore } from '../../domain/finding/treatment.js';
import type { AuditEntry } from '../ledger/port.js';
import type { LifecyclePorts } from './ports.js';

/**
 * Raises an event for every store that nobody has labelled yet, once for each store for ever: a classification can start
 * from it. It goes where all audit events go, to the security systems too.
 */
export async function raiseUnlabelled(
  ports: Pick<LifecyclePorts, 'ledger' | 'digest'>,
  batch: { source: string; atMs: number },
  findings: readonly Finding[],
): Promise<void> {
  const events = new Map<string, AuditEntry>();
  for (const finding of findings) {
    if (finding.status === 'resolved' || !isUnlabelledStore(finding)) continue;
    const { subject, account, cloud } = finding;
    const id = `store.unlabelled/${ports.digest(subject.id).slice(0, 32)}`;
    events.set(id, {
      id,
      stream: 'system',
      type: 'store.unlabelled',
      actor: 'curtail',
      atMs: batch.atMs,
      fields: {
        store: subject.id.slice(0, 500),
        source: batch.source,
        cloud,
        ...(account !== undefined && { account }),
        ...(subject.nativeType !== undefined && { type: subject.nativeType.slice(0, 100) }),
      },
    });
  }
  if (events.size > 0) await ports.ledger.audit([...events.values()]);
}
