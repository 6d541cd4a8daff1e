import { outsideBounds } from '../../domain/approval/standing.js';
import type { PrepareInput } from '../contract.js';
import type { DraftRow } from '../ledger/port.js';
import { standingCase, utcDay } from './authorise.js';
import { auditEach, type LifecyclePorts } from './ports.js';

/**
 * Plans the change when a standing approval covers it, and returns its id; undefined when a person must be asked.
 * The change worker evaluates the standing approval again by itself before it acts.
 */
export async function standingChange(
  ports: LifecyclePorts,
  input: PrepareInput,
  drafted: DraftRow,
  kind: string,
): Promise<string | undefined> {
  const on = standingCase(drafted, kind);
  if (drafted.route !== 'api') return undefined;
  if (await wasUndone(ports, input.keys)) return undefined;
  for (const row of await ports.ledger.standingApprovals()) {
    if (row.revokedAtMs !== undefined) continue;
    const reading = await ports.verifyStanding(row.signed);
    if (!reading.ok || reading.bounds.id !== row.id) continue;
    if (outsideBounds(reading.bounds, on, ports.now()) !== undefined) continue;
    const id = `change/standing/${input.workflowId}#g${input.generation}r${input.round}-${drafted.digest.slice(0, 12)}`;
    // Counted here, so that a person is asked when the day is full; the change worker's own count finds this use again.
    const use = await ports.ledger.useStandingApproval({
      id: row.id,
      useKey: id,
      day: utcDay(ports.now()),
      maxPerDay: reading.bounds.maxPerDay,
    });
    if (!use.allowed) continue;
    await ports.ledger.planChange(
      {
        id,
        workflowId: input.workflowId,
        generation: input.generation,
        digest: drafted.digest,
        standingApprovalId: row.id,
        findingKeys: input.keys,
        changes: drafted.draft.changes,
        route: drafted.route,
        ...(drafted.context.account !== undefined && { account: drafted.context.account }),
      },
      auditEach(
        input.keys,
        {
          id: `${id}/planned`,
          workflowId: input.workflowId,
          type: 'change.planned',
          actor: reading.bounds.grantedBy,
          atMs: ports.now(),
        },
        { changeId: id, digest: drafted.digest, standingApproval: row.id },
      ),
    );
    return id;
  }
  return undefined;
}

/** Once something was undone or rolled back, a person must be asked: else it would be fixed and undone in turns. */
async function wasUndone(ports: LifecyclePorts, keys: readonly string[]): Promise<boolean> {
  const earlier = await Promise.all(
    keys.map((findingKey) => ports.ledger.changes({ findingKey, status: 'rolled-back' })),
  );
  return earlier.some((rows) => rows.length > 0);
}
