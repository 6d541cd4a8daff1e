import type { ChangeRow, ChangeStatus } from '../ledger/port.js';
import type { LifecyclePorts } from './ports.js';

/** What was carried out already; whether it stays is for `verify` to say. */
export const IN_PLACE: ReadonlySet<ChangeStatus> = new Set<ChangeStatus>(['applied', 'verified', 'failed']);

/**
 * Says on the pages and in the measures that a fix is in place. Called before the change's own row says so: once it
 * does, another attempt does nothing any more.
 */
export async function projectFixed(ports: LifecyclePorts, row: ChangeRow, atMs: number): Promise<void> {
  const note = row.route === 'api' ? 'applied and read back' : 'carried out';
  await ports.ledger.setStage({ keys: row.findingKeys, stage: 'verifying', note, atMs }, []);
  const { generation } = row;
  await ports.ledger.measure(
    ...row.findingKeys.map((findingKey) => ({ findingKey, generation, what: 'fixed', atMs })),
  );
}
