import { Failure, FailureType } from '../../domain/failure.js';
import { isRecord } from '../../domain/json.js';
import type { Activities, Verified, VerifyInput } from '../contract.js';
import type { ChangeRow } from '../ledger/port.js';
import { closeCase } from './close.js';
import { heartbeat } from './heartbeat.js';
import { auditEach, type LifecyclePorts } from './ports.js';
import { fixStillHolds } from './read-back.js';

/**
 * Whether an applied change did what it should and no harm: reads it back, looks for requests that worked before and
 * are denied now, and asks for the source's word in a scan that is newer than the change. When all is well it closes
 * the case in the same step.
 */
export function createVerify(ports: LifecyclePorts): Activities['verify'] {
  return async (input) => {
    const row = await ports.ledger.change(input.changeId);
    if (row === undefined) throw new Failure(FailureType.NotFound, `verifying: no change ${input.changeId}`);
    const verdict = await judge(ports, input, row);
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
      for (const key of input.keys)
        await ports.ledger.measure({ findingKey: key, generation: input.generation, what: 'verified', atMs });
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

const DENIED_CODES = [
  'AccessDenied',
  'UnauthorizedOperation',
  'Client.UnauthorizedOperation',
  'AccessDeniedException',
];

/** A request of the changed identities or on the changed stores that was denied after the change. */
async function newlyDenied(ports: LifecyclePorts, row: ChangeRow): Promise<string | undefined> {
  if (row.account === undefined || row.appliedAtMs === undefined) return undefined;
  const principals = row.changes.flatMap((change) =>
    change.target.principal === undefined ? [] : [change.target.principal],
  );
  const resources = row.changes.flatMap((change) =>
    change.target.principal === undefined && change.target.arn !== undefined ? [change.target.arn] : [],
  );
  const attached = await attachedTo(ports, row);
  const log = await ports.cloud.readUsage({
    accountId: row.account,
    principals: [...principals, ...attached],
    resources,
    fromIso: new Date(row.appliedAtMs).toISOString(),
    toIso: new Date(ports.now() + 60_000).toISOString(),
  });
  for (const event of log.events) {
    if (
      !isRecord(event) ||
      typeof event['errorCode'] !== 'string' ||
      !DENIED_CODES.includes(event['errorCode'])
    )
      continue;
    const when = Date.parse(String(event['eventTime']));
    if (!(when >= row.appliedAtMs - 1_000)) continue;
    return `${String(event['eventName'])} by ${callerOf(event)} was denied after the change`.slice(0, 300);
  }
  return undefined;
}

async function attachedTo(ports: LifecyclePorts, row: ChangeRow): Promise<readonly string[]> {
  const drafted = await ports.ledger.draft(row.digest);
  return drafted?.draft.proof.noNewAccess.map((obligation) => obligation.of) ?? [];
}

function callerOf(event: Record<string, unknown>): string {
  const identity = event['userIdentity'];
  const arn = isRecord(identity) ? identity['arn'] : undefined;
  return typeof arn === 'string' ? arn : 'an unknown caller';
}

/** What the source still says, or undefined when a scan newer than the change no longer reports it. */
async function stillReported(
  ports: LifecyclePorts,
  input: VerifyInput,
  row: ChangeRow,
): Promise<string | undefined> {
  for (const key of input.keys) {
    const finding = await ports.ledger.finding(key);
    if (finding === undefined) continue;
    if (finding.sourceState === 'resolved') continue;
    const scan = await ports.ledger.lastCompleteScan(finding.finding.source);
    const scanned = scan !== undefined && scan.atMs > (row.appliedAtMs ?? Number.POSITIVE_INFINITY);
    return scanned
      ? `${finding.finding.source} still reports it`
      : `the next scan of ${finding.finding.source}`;
  }
  return undefined;
}
