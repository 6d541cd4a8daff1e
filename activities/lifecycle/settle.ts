import { approvalsNeeded, type Decision, type Person } from '../../domain/approval/request.js';
import { objectionTo, type SeparationFacts, tally } from '../../domain/approval/separation.js';
import { Failure, FailureType } from '../../domain/failure.js';
import type { Activities, Settled, SettleInput } from '../contract.js';
import type { RequestRow } from '../ledger/port.js';
import { again } from './ask-again.js';
import { auditEach, type LifecyclePorts } from './ports.js';
import { separationFacts } from './separation-facts.js';

/**
 * Judges one offered decision: verifies the grant, asks separation of duties again, consumes the grant, and plans
 * the change when the request is complete. What was asked is the ledger's word, not the caller's. A refusal is a
 * recorded result; the desk stays open.
 */
export function createSettle(ports: LifecyclePorts): Activities['settle'] {
  return async (input) => {
    const row = await ports.ledger.request(input.requestId);
    if (row === undefined) throw new Failure(FailureType.NotFound, `settling: no request ${input.requestId}`);
    if (input.workflowId !== row.request.workflowId || input.digest !== row.request.digest)
      return refuse(ports, input, row, 'unknown', 'this workflow did not ask that');
    const nowMs = ports.now();
    const reading = await ports.verifyGrant(input.grant, { nowMs });
    if (!reading.ok) return refuse(ports, input, row, 'unknown', reading.reason);
    const { claims } = reading;
    const decision: Decision = {
      verdict: claims.verdict,
      personId: claims.sub,
      requestId: claims.requestId,
      workflowId: claims.workflowId,
      digest: claims.digest,
      jti: claims.jti,
      issuedAtMs: claims.iat * 1000,
      grant: input.grant,
      recordedAtMs: nowMs,
      ...(claims.reason !== undefined && { reason: claims.reason }),
      ...(claims.keepActions !== undefined && { keepActions: claims.keepActions }),
    };
    const person = await ports.directory.person(claims.sub);
    if (person === undefined)
      return refuse(ports, input, row, claims.sub, 'the directory does not know this person');
    const objection = await objectionNow(ports, row, decision, person);
    if (objection !== undefined) return refuse(ports, input, row, person.id, objection);

    const recorded = await ports.ledger.recordDecision(
      decision,
      auditEach(
        row.findingKeys,
        {
          id: `decision/${decision.jti}`,
          workflowId: input.workflowId,
          type: `decision.${decision.verdict}`,
          actor: person.id,
          atMs: nowMs,
        },
        {
          requestId: row.request.id,
          digest: decision.digest,
          via: claims.via,
          ...(decision.reason !== undefined && { reason: decision.reason }),
        },
      ),
    );
    if (recorded.outcome === 'used-elsewhere') {
      return refuse(
        ports,
        input,
        row,
        person.id,
        'this signed decision was used before, for another request',
      );
    }
    return conclude(ports, input, row, recorded.decisions);
  };
}

async function objectionNow(
  ports: LifecyclePorts,
  row: RequestRow,
  decision: Decision,
  person: Person,
): Promise<string | undefined> {
  if (row.status !== 'open' && !row.decisions.some((earlier) => earlier.jti === decision.jti)) {
    return `already ${row.status}`;
  }
  const facts: SeparationFacts = await separationFacts(ports, row.request);
  return objectionTo(decision, row.request, person, facts);
}

async function conclude(
  ports: LifecyclePorts,
  input: SettleInput,
  row: RequestRow,
  decisions: readonly Decision[],
): Promise<Settled> {
  const standing = tally(row.request, decisions);
  if (!standing.complete || standing.by === undefined || standing.verdict === undefined) {
    return { outcome: 'accepted', complete: false, waitingFor: standing.waitingFor };
  }
  const { by, verdict } = standing;
  const release = row.request.subject === 'ticket-release';
  const changeId = verdict === 'approve' && !release ? await planChange(ports, row) : undefined;
  const status = verdict === 'approve' ? 'approved' : verdict === 'reject' ? 'rejected' : 'edited';
  const atMs = ports.now();
  await ports.ledger.closeRequest(
    { requestId: row.request.id, status, atMs, ...(by.reason !== undefined && { note: by.reason }) },
    auditEach(
      row.findingKeys,
      {
        id: `request/${row.request.id}/${status}${again(row)}`,
        workflowId: input.workflowId,
        type: `request.${status}`,
        actor: by.personId,
        atMs,
      },
      { requestId: row.request.id, needed: approvalsNeeded(row.request) },
    ),
  );
  const decided = release && verdict === 'approve' ? [] : row.findingKeys;
  const { generation } = input;
  await ports.ledger.measure(
    ...decided.map((findingKey) => ({ findingKey, generation, what: 'decided', atMs })),
  );
  return {
    outcome: 'accepted',
    complete: true,
    verdict,
    by: by.personId,
    ...(by.reason !== undefined && { reason: by.reason }),
    ...(by.keepActions !== undefined && { keepActions: by.keepActions }),
    ...(changeId !== undefined && { changeId }),
    ...(release && verdict === 'approve' && { released: true as const }),
  };
}

async function planChange(ports: LifecyclePorts, row: RequestRow): Promise<string> {
  const drafted = await ports.ledger.draft(row.request.digest);
  if (drafted === undefined)
    throw new Failure(FailureType.NotFound, `planning: no draft ${row.request.digest}`);
  const id = `change/${row.request.id}`;
  const planned = await ports.ledger.planChange(
    {
      id,
      workflowId: row.request.workflowId,
      generation: row.request.generation,
      digest: row.request.digest,
      requestId: row.request.id,
      findingKeys: row.findingKeys,
      ...(drafted.context.account !== undefined && { account: drafted.context.account }),
      changes: drafted.draft.changes,
      route: drafted.route,
    },
    auditEach(
      row.findingKeys,
      {
        id: `${id}/planned`,
        workflowId: row.request.workflowId,
        type: 'change.planned',
        actor: 'curtail',
        atMs: ports.now(),
      },
      { changeId: id, digest: row.request.digest, route: drafted.route },
    ),
  );
  return planned.id;
}

async function refuse(
  ports: LifecyclePorts,
  input: SettleInput,
  row: RequestRow,
  actor: string,
  reason: string,
): Promise<Settled> {
  await ports.ledger.audit(
    auditEach(
      row.findingKeys,
      {
        id: `refused/${input.requestId}/${ports.digest(`${input.grant}\n${reason}`)}`,
        workflowId: input.workflowId,
        type: 'decision.refused',
        actor,
        atMs: ports.now(),
      },
      { requestId: input.requestId, reason },
    ),
  );
  return { outcome: 'refused', reason };
}
