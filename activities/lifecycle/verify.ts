import { applyChanges } from '../../domain/change/apply.js';
import { type ChangeKind, reverseChange } from '../../domain/change/change.js';
import { harmOf } from '../../domain/draft/harm.js';
import { Failure, FailureType } from '../../domain/failure.js';
import { parseAccount } from '../../domain/graph/account.js';
import { readEvent } from '../../domain/usage/events.js';
import { principalKey } from '../../domain/usage/principal.js';
import type { Activities, Verified, VerifyInput } from '../contract.js';
import type { ChangeRow } from '../ledger/port.js';
import { closeCase } from './close.js';
import { heartbeat } from './heartbeat.js';
import { IN_PLACE } from './in-place.js';
import { auditEach, type LifecyclePorts } from './ports.js';
import { fixStillHolds } from './read-back.js';
import { stillReported } from './source-word.js';

/**
 * Whether an applied change did what it should and no harm: reads it back, looks for requests that worked before and
 * are denied now, and asks for the source's word in a scan that is newer than the change. When all is well it closes
 * the case in the same step.
 */
export function createVerify(ports: LifecyclePorts): Activities['verify'] {
  return async (input) => {
    const row = await ports.ledger.change(input.changeId);
    if (row === undefined) throw new Failure(FailureType.NotFound, `verifying: no change ${input.changeId}`);
    if (!IN_PLACE.has(row.status))
      return { status: 'failed', reason: `the change is ${row.status}, so there is nothing to verify` };
    // What it was undone for stays what is said, whatever is there by now.
    if (row.status === 'failed') return { status: 'failed', reason: row.note ?? 'it had failed before' };
    const verdict = await judge(ports, input, row);
    if (verdict.status === 'failed') await recordFailure(ports, row, verdict.reason);
    if (verdict.status === 'verified') {
      const atMs = ports.now();
      await ports.ledger.setChange(
        row.id,
        { status: 'verified' },
        auditEach(
          row.findingKeys,
          {
            id: `${row.id}/verified`,
            workflowId: row.workflowId,
            type: 'change.verified',
            actor: 'curtail',
            atMs,
          },
          { changeId: row.id },
        ),
      );
      const { generation } = input;
      await ports.ledger.measure(
        ...input.keys.map((findingKey) => ({ findingKey, generation, what: 'verified', atMs })),
      );
      await closeCase(ports, {
        workflowId: input.workflowId,
        generation: input.generation,
        keys: input.keys,
        outcome: input.outcome,
        note: 'applied, read back, and confirmed by the source',
        digest: row.digest,
        ...(input.requestId !== undefined && { requestId: input.requestId }),
      });
    }
    return verdict;
  };
}

/** From here on the ledger itself says that the change must be undone. */
async function recordFailure(ports: LifecyclePorts, row: ChangeRow, reason: string): Promise<void> {
  await ports.ledger.setChange(
    row.id,
    { status: 'failed', note: reason },
    auditEach(
      row.findingKeys,
      {
        id: `${row.id}/failed/${ports.digest(reason).slice(0, 12)}`,
        workflowId: row.workflowId,
        type: 'change.failed',
        actor: 'curtail',
        atMs: ports.now(),
      },
      { changeId: row.id, reason: reason.slice(0, 300) },
    ),
  );
}

async function judge(ports: LifecyclePorts, input: VerifyInput, row: ChangeRow): Promise<Verified> {
  if (!(await fixStillHolds(ports, row))) {
    return { status: 'failed', reason: 'what is there now is not what was approved' };
  }
  heartbeat('read back');
  const denied = await newlyDenied(ports, row);
  if (denied !== undefined) return { status: 'failed', reason: denied };
  const still = await stillReported(ports, input, row);
  if (still === undefined) return { status: 'verified' };
  if (!input.last) return { status: 'pending', waitingFor: still };
  return { status: 'still-open', reason: `${still}; what we read back is correct` };
}

const DAY_MS = 86_400_000;

/** A request that worked before the change and is denied since. */
async function newlyDenied(ports: LifecyclePorts, row: ChangeRow): Promise<string | undefined> {
  const { account: accountId, appliedAtMs } = row;
  if (accountId === undefined || appliedAtMs === undefined) return undefined;
  const after = await ports.cloud.readAccount(accountId);
  const before = applyChanges(after, row.changes.map(reverseChange).reverse());
  const drafted = await ports.ledger.draft(row.digest);
  const stores = row.changes.flatMap(({ kind, target }) =>
    STORE_KINDS.has(kind) && target.arn !== undefined ? [target.arn] : [],
  );
  const principals = (drafted?.draft.proof.noNewAccess ?? [])
    .map((obligation) => obligation.of)
    .filter((of) => !stores.includes(of));
  // CloudTrail's times have whole seconds.
  const sinceMs = Math.floor(appliedAtMs / 1_000) * 1_000;
  const log = await ports.cloud.readUsage({
    accountId,
    principals,
    resources: stores,
    fromIso: iso(sinceMs),
    toIso: iso(ports.now() + 60_000),
  });
  return harmOf({
    before: parseAccount(before),
    after: parseAccount(after),
    principals,
    stores: new Map(
      await Promise.all(
        stores.map(async (store) => [store, await usersOf(ports, accountId, store, sinceMs)] as const),
      ),
    ),
    events: log.events,
  });
}

/** Kinds of change whose target is a store; what was denied there counts for who used it before, and for nobody else. */
const STORE_KINDS: ReadonlySet<ChangeKind> = new Set<ChangeKind>([
  'public-access-block',
  'resource-policy',
  'encryption',
  'access-logging',
  'database-public-access',
]);

async function usersOf(
  ports: LifecyclePorts,
  accountId: string,
  store: string,
  untilMs: number,
): Promise<ReadonlySet<string>> {
  const fromIso = iso(untilMs - ports.settings.usageDays * DAY_MS);
  const log = await ports.cloud.readUsage({ accountId, resources: [store], fromIso, toIso: iso(untilMs) });
  const users = log.events.map(readEvent).filter((event) => event?.outcome === 'ok');
  return new Set(
    users.flatMap((event) => (event?.principal === undefined ? [] : [principalKey(event.principal)])),
  );
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
