import type { ApprovalRequest, Person } from '../../domain/approval/request.js';
import { tally } from '../../domain/approval/separation.js';
import { nextWorkingMs } from '../../domain/approval/working-hours.js';
import { Failure, FailureType } from '../../domain/failure.js';
import type { Activities, Asked, AskInput } from '../contract.js';
import { managerChain } from '../directory/manager-chain.js';
import type { DraftRow, RequestRow } from '../ledger/port.js';
import { openAgain } from './ask-again.js';
import { isHighPrivilege } from './authorise.js';
import { collect, countTold } from './collect.js';
import { heartbeat } from './heartbeat.js';
import { showStates, toldOnce } from './messages.js';
import { auditEach, type LifecyclePorts } from './ports.js';
import { closeSuperseded } from './superseded.js';
import { noticeBody, ticketDraft } from './ticket.js';

/**
 * Opens the request, then the ticket, then tells the people: in this order, so that whoever is told finds it open.
 * Called again for each rung; the ledger's row and the keys make every part happen once.
 */
export function createAsk(ports: LifecyclePorts): Activities['ask'] {
  return async (given) => {
    const drafted = await ports.ledger.draft(given.digest);
    if (drafted === undefined) throw new Failure(FailureType.NotFound, `asking: no draft ${given.digest}`);
    const dueAtMs = await inWorkingHours(ports, given, drafted);
    if (dueAtMs === undefined) return askNow(ports, given, drafted);
    const expiresAtMs = Math.max(given.expiresAtMs, ...dueAtMs);
    return { ...(await askNow(ports, { ...given, expiresAtMs }, drafted)), dueAtMs };
  };
}

/** Rungs moved into the working hours of whoever is asked. What is critical does not wait for office hours. */
async function inWorkingHours(
  ports: LifecyclePorts,
  input: AskInput,
  drafted: DraftRow,
): Promise<readonly number[] | undefined> {
  if (input.dueAtMs === undefined || input.severity === 'critical') return undefined;
  const team = input.release === true ? 'security' : (drafted.context.owner.team ?? 'security');
  const hours = await ports.directory.workingHours?.(team);
  return hours === undefined ? undefined : input.dueAtMs.map((atMs) => nextWorkingMs(atMs, hours));
}

async function askNow(ports: LifecyclePorts, input: AskInput, drafted: DraftRow): Promise<Asked> {
  const { restores } = drafted.draft.proof;
  const withdrawn = restores === undefined && (await allResolved(ports, input.keys));
  const people = await whoIsAsked(ports, input, drafted);
  const row = await openAgain(ports, input, await openRequest(ports, input, drafted, people), people);
  const rung = row.reopened === undefined ? input.rung : `${input.rung}, again ${row.reopened}`;
  const waitingFor = input.release === true ? 'security' : (drafted.context.owner.team ?? 'security');
  // A decision stands even where its own fix has made the source close the finding meanwhile.
  const settled = await settledBefore(ports, row);
  if (settled !== undefined) return { deliveredAtMs: ports.now(), waitingFor, settled };
  if (withdrawn) return { deliveredAtMs: ports.now(), waitingFor, withdrawn: true };
  heartbeat('request open');

  await showEarlier(ports, input);
  const ticket =
    row.ticket ?? (input.release === true ? undefined : await openTicket(ports, input, drafted, row));
  heartbeat('ticket open');
  if (input.rung === 'opened') await closeEarlier(ports, input);
  const channel = drafted.context.owner.team;
  const notice = { ...input, rung, ...(channel !== undefined && { channel }) };
  const { now, digestAtMs } = await collect(ports, notice, people);
  const toldAtMs = now.length === 0 && people.length > 0 ? 0 : await tell(ports, notice, drafted, row, now);
  const deliveredAtMs = Math.max(toldAtMs, digestAtMs ?? 0);
  if (digestAtMs !== undefined)
    await ports.ledger.extendRequest(input.requestId, digestAtMs + ports.settings.timing.minNoticeMs, []);
  const atMs = ports.now();
  await ports.ledger.recordNotice(
    { requestId: input.requestId, rung, to: now.map((person) => person.id), deliveredAtMs },
    auditEach(
      input.keys,
      {
        id: `notice/${input.requestId}/${rung}`,
        workflowId: input.workflowId,
        type: 'request.asked',
        actor: 'curtail',
        atMs,
      },
      {
        requestId: input.requestId,
        rung,
        people: now.length,
        ...(digestAtMs !== undefined && { collected: people.length - now.length }),
        ...(ticket !== undefined && { ticket: ticket.number }),
      },
    ),
  );
  // While an undo is asked for, the fix stands and its findings stay as they are.
  if (restores !== undefined)
    return { deliveredAtMs, waitingFor, ...(ticket !== undefined && { ticket: ticket.number }) };
  await ports.ledger.setStage(
    {
      keys: input.keys,
      stage: 'awaiting-decision',
      outcome: null,
      note: input.release === true ? 'waiting for its ticket to be released' : `waiting for ${waitingFor}`,
      requestId: input.requestId,
      waitingFor,
      decideByMs: input.expiresAtMs,
      atMs,
    },
    [],
  );
  return { deliveredAtMs, waitingFor, ...(ticket !== undefined && { ticket: ticket.number }) };
}

async function allResolved(ports: LifecyclePorts, keys: readonly string[]): Promise<boolean> {
  const rows = await Promise.all(keys.map((key) => ports.ledger.finding(key)));
  return rows.every((row) => row?.sourceState === 'resolved');
}

/** After a reset: a decision on the same digest stands. */
async function settledBefore(ports: LifecyclePorts, row: RequestRow): Promise<Asked['settled']> {
  const { status, decisions } = row;
  if (status !== 'approved' && status !== 'rejected' && status !== 'edited') return undefined;
  const { complete, verdict, by } = tally(row.request, decisions);
  if (!complete || verdict === undefined || by === undefined) return undefined;
  const released = verdict === 'approve' && row.request.subject === 'ticket-release';
  const changeId = `change/${row.request.id}`;
  if (verdict === 'approve' && !released && (await ports.ledger.change(changeId)) === undefined)
    return undefined;
  return {
    outcome: 'accepted',
    complete: true,
    verdict,
    by: by.personId,
    ...(by.reason !== undefined && { reason: by.reason }),
    ...(by.keepActions !== undefined && { keepActions: by.keepActions }),
    ...(verdict === 'approve' && (released ? { released: true as const } : { changeId })),
  };
}

/** The owners; on escalation their managers too; the security team where nobody is known. Stand-ins for who is away. */
async function whoIsAsked(
  ports: LifecyclePorts,
  input: AskInput,
  drafted: DraftRow,
): Promise<readonly Person[]> {
  if (input.release === true)
    return (await ports.directory.people()).filter((person) => person.roles.includes('security'));
  const { owner } = drafted.context;
  const asked = new Map<string, Person>();
  const add = (person: Person | undefined) => {
    if (person !== undefined) asked.set(person.id, person);
  };
  for (const id of owner.personIds) {
    add(await ports.directory.standIn(id, ports.now()));
    if (input.escalate)
      for (const manager of (await managerChain(ports.directory, id)).slice(0, 1)) add(manager);
  }
  // Who asks for an undo cannot approve it, so they are not asked.
  const requestedBy = drafted.draft.proof.restores?.requestedBy ?? '';
  asked.delete(requestedBy);
  const needsSecurity = asked.size === 0 || input.escalate || isHighPrivilege(drafted);
  if (needsSecurity)
    for (const person of await ports.directory.people()) if (person.roles.includes('security')) add(person);
  asked.delete(requestedBy);
  return [...asked.values()];
}

async function openRequest(
  ports: LifecyclePorts,
  input: AskInput,
  drafted: DraftRow,
  people: readonly Person[],
): Promise<RequestRow> {
  const lead = await ports.ledger.finding(input.keys[0] ?? '');
  if (lead === undefined)
    throw new Failure(FailureType.NotFound, `asking: no finding ${input.keys[0] ?? ''}`);
  await voidOlder(ports, input);
  const { draft, context, explanation } = drafted;
  const { restores } = draft.proof;
  const request: ApprovalRequest = {
    id: input.requestId,
    workflowId: input.workflowId,
    generation: input.generation,
    subject: input.release === true ? 'ticket-release' : 'change',
    digest: input.digest,
    severity: input.severity,
    // Whoever edited a draft may let it go to its owner: that approves nothing.
    draftedBy: input.release === true ? 'curtail' : draft.draftedBy,
    identity: lead.finding.subject.id,
    ...(restores !== undefined && { requestedBy: restores.requestedBy }),
    provedReduction:
      input.release === true ||
      (restores === undefined &&
        draft.proof.noNewAccess.every((obligation) => obligation.verdict === 'PASS')),
    highPrivilege: input.release !== true && isHighPrivilege(drafted),
    approverIds: people.map((person) => person.id),
    fallbackRole: 'security',
    openedAtMs: input.openedAtMs,
    expiresAtMs: input.expiresAtMs,
  };
  const row = await ports.ledger.openRequest(
    {
      request,
      title: `${titlePrefix(input, restores !== undefined)}${lead.finding.title}`.slice(0, 300),
      summary: explanation?.summary ?? lead.finding.title,
      findingKeys: input.keys,
      riskScore: draft.riskBefore.value,
      environment: context.environment,
    },
    auditEach(
      input.keys,
      {
        id: `request/${input.requestId}/opened`,
        workflowId: input.workflowId,
        type: 'request.opened',
        actor: 'curtail',
        atMs: ports.now(),
      },
      { requestId: input.requestId, digest: input.digest, people: people.length },
    ),
  );
  await ports.ledger.extendRequest(input.requestId, input.expiresAtMs, request.approverIds);
  if (restores !== undefined || input.release === true) return row;
  const { generation, openedAtMs: atMs } = input;
  await ports.ledger.measure(
    ...input.keys.map((findingKey) => ({ findingKey, generation, what: 'requested', atMs })),
  );
  return row;
}

function titlePrefix(input: AskInput, undo: boolean): string {
  if (input.release === true) return 'Release the ticket: ';
  return undo ? 'Undo: ' : '';
}

/** Another draft of the same finding asks anew; what was asked about the older one is void. */
async function voidOlder(ports: LifecyclePorts, input: AskInput): Promise<void> {
  const [key] = input.keys;
  if (key === undefined) return;
  for (const older of await ports.ledger.requests({ findingKey: key, status: 'open' })) {
    if (older.request.id === input.requestId || older.request.workflowId !== input.workflowId) continue;
    const atMs = ports.now();
    const note = 'another draft took its place';
    await ports.ledger.closeRequest(
      { requestId: older.request.id, status: 'void', atMs, note },
      auditEach(
        older.findingKeys,
        {
          id: `request/${older.request.id}/void`,
          workflowId: input.workflowId,
          type: 'request.void',
          actor: 'curtail',
          atMs,
        },
        { requestId: older.request.id, note },
      ),
    );
  }
}

/** Tickets about the drafts before this one are closed, and lead to it. */
async function closeEarlier(ports: LifecyclePorts, { keys, workflowId, requestId }: AskInput): Promise<void> {
  const [findingKey] = keys;
  if (findingKey === undefined) return;
  const note = `another draft took its place: ${requestUrl(ports, requestId)}`;
  await closeSuperseded(ports, { findingKey, workflowId, besides: requestId, note });
}

/** Messages about the drafts before this one lose their buttons. */
async function showEarlier(ports: LifecyclePorts, { keys, workflowId }: AskInput): Promise<void> {
  const [key] = keys;
  if (key !== undefined) await showStates(ports, { findingKey: key, workflowId });
}

async function openTicket(ports: LifecyclePorts, input: AskInput, drafted: DraftRow, row: RequestRow) {
  const ticket = await ports.tickets.open(await ticketDraft(ports, input, drafted, row));
  await ports.ledger.setRequestTicket(
    input.requestId,
    ticket,
    auditEach(
      input.keys,
      {
        id: `request/${input.requestId}/ticket`,
        workflowId: input.workflowId,
        type: 'ticket.opened',
        actor: 'curtail',
        atMs: ports.now(),
      },
      { requestId: input.requestId, ticket: ticket.number },
    ),
  );
  return ticket;
}

/** Sends the notice by every chat; when there is none, the ticket alone tells. Returns when it was delivered. */
async function tell(
  ports: LifecyclePorts,
  input: AskInput,
  drafted: DraftRow,
  row: RequestRow,
  people: readonly Person[],
): Promise<number> {
  const delivered: number[] = [];
  let sent = false;
  for (const [index, chat] of ports.chats.entries()) {
    const place = { requestId: input.requestId, rung: input.rung, chat: `${chat.vendor}/${index}` };
    const notice = await toldOnce(ports, place, () => {
      sent = true;
      return chat.send({
        key: `${input.requestId}/${input.rung}`,
        to: people.map(({ id, email, name }) => ({ personId: id, email, name })),
        title: input.rung === 'opened' ? row.title : `${input.rung}: ${row.title}`,
        body: noticeBody(drafted, row),
        url: requestUrl(ports, input.requestId),
        buttons: !row.request.highPrivilege && input.release !== true,
        requestId: input.requestId,
        digest: input.digest,
        ...(drafted.context.owner.team !== undefined && { channel: drafted.context.owner.team }),
      });
    });
    delivered.push(notice.deliveredAtMs);
  }
  if (sent) await countTold(ports, people);
  return delivered.length === 0 ? ports.now() : Math.max(...delivered);
}

/** Where a person decides. */
export function requestUrl(ports: Pick<LifecyclePorts, 'settings'>, requestId: string): string {
  return `${ports.settings.publicUrl}/requests/${encodeURIComponent(requestId)}`;
}
