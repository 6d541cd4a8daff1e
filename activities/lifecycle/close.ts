import type { Outcome } from '../../domain/lifecycle/stage.js';
import type { Block } from '../../domain/text/block.js';
import type { Activities, CloseInput } from '../contract.js';
import type { FindingRow, RequestRow } from '../ledger/port.js';
import { again } from './ask-again.js';
import { showStates } from './messages.js';
import { auditEach, type LifecyclePorts } from './ports.js';
import { sourceOf } from './sources.js';
import { closeSuperseded } from './superseded.js';
import { tellOwners } from './tell-owner.js';

/** Records an ending everywhere: ledger, ticket, source, and the people who were asked. Idempotent by its keys. */
export function createClose(ports: LifecyclePorts): Activities['close'] {
  return (input) => closeCase(ports, input);
}

/** What the source and the ticket are told for each ending. */
const WORDS: Readonly<
  Partial<
    Record<Outcome, { source: 'resolved' | 'rejected' | 'ignored'; ticket: 'done' | 'rejected' | 'closed' }>
  >
> = {
  verified: { source: 'resolved', ticket: 'done' },
  'auto-remediated': { source: 'resolved', ticket: 'done' },
  rejected: { source: 'rejected', ticket: 'rejected' },
  'no-change': { source: 'ignored', ticket: 'closed' },
};

/** Writes a life's end: the ledger's row, the ticket, the platform and the measures. Doing it again changes nothing. */
export async function closeCase(ports: LifecyclePorts, input: CloseInput): Promise<void> {
  const request = input.requestId === undefined ? undefined : await ports.ledger.request(input.requestId);
  const words = WORDS[input.outcome];
  const key = `${input.workflowId}/closed/g${input.generation}/${input.outcome}`;
  const left = await openRequests(ports, input);
  // Tickets first: a request that is closed is not found again by a retry.
  for (const told of distinctTickets([...(request === undefined ? [] : [request]), ...left]))
    await tellTicket(ports, input, told, key);
  for (const question of left) await withdraw(ports, input, question);
  const rows = (await Promise.all(input.keys.map((each) => ports.ledger.finding(each)))).filter(
    (row) => row !== undefined,
  );
  for (const row of rows) await tellSource(ports, row, input, words?.source, key);
  await tellOwners(ports, rows, input);
  const [lead] = input.keys;
  if (lead !== undefined) {
    const ending = { outcome: input.outcome, note: input.note };
    const over = { ...(input.requestId !== undefined && { besides: input.requestId }), note: input.note };
    await closeSuperseded(ports, { findingKey: lead, workflowId: input.workflowId, ...over });
    await showStates(ports, { findingKey: lead, workflowId: input.workflowId, ending });
  }
  const atMs = ports.now();
  await ports.ledger.setStage(
    {
      keys: input.keys,
      stage: 'closed',
      outcome: input.outcome,
      note: input.note,
      waitingFor: null,
      decideByMs: null,
      parked: null,
      atMs,
    },
    auditEach(
      input.keys,
      { id: key, workflowId: input.workflowId, type: `finding.${input.outcome}`, actor: 'curtail', atMs },
      {
        outcome: input.outcome,
        note: input.note.slice(0, 300),
        ...(input.digest !== undefined && { digest: input.digest }),
      },
    ),
  );
}

/** Questions of this life that nobody answered and nobody can answer any more. */
async function openRequests(ports: LifecyclePorts, input: CloseInput): Promise<readonly RequestRow[]> {
  const [lead] = input.keys;
  if (lead === undefined) return [];
  const open = await ports.ledger.requests({ findingKey: lead, status: 'open' });
  return open.filter((row) => row.request.workflowId === input.workflowId);
}

async function withdraw(ports: LifecyclePorts, input: CloseInput, row: RequestRow): Promise<void> {
  const requestId = row.request.id;
  const atMs = ports.now();
  const note = `ended: ${input.outcome}`;
  await ports.ledger.closeRequest(
    { requestId, status: 'void', atMs, note },
    auditEach(
      input.keys,
      {
        id: `request/${requestId}/void${again(row)}`,
        workflowId: input.workflowId,
        type: 'request.void',
        actor: 'curtail',
        atMs,
      },
      { requestId, note },
    ),
  );
}

function distinctTickets(rows: readonly RequestRow[]): ReadonlySet<string> {
  return new Set(rows.flatMap((row) => (row.ticket === undefined ? [] : [row.ticket.id])));
}

async function tellTicket(
  ports: LifecyclePorts,
  input: CloseInput,
  ticketId: string,
  key: string,
): Promise<void> {
  const body: Block[] = [
    { type: 'paragraph', text: `Ended: ${input.outcome}.` },
    { type: 'paragraph', text: input.note },
  ];
  await ports.tickets.comment({ ticketId, key: `${key}/comment`, body });
  const state = WORDS[input.outcome]?.ticket ?? 'closed';
  await ports.tickets.setState({ ticketId, state, key: `${key}/state`, note: input.note });
}

/** Writes back what the platform can take; a platform that takes nothing says so, and that is recorded. */
async function tellSource(
  ports: LifecyclePorts,
  row: FindingRow,
  input: CloseInput,
  status: 'resolved' | 'rejected' | 'ignored' | undefined,
  key: string,
): Promise<void> {
  const source = sourceOf(ports, row.finding);
  if (source === undefined) return;
  const { sourceId } = row.finding;
  const text = `Curtail: ${input.outcome}. ${input.note}`.slice(0, 1_000);
  const comment = await source.comment({ sourceId, key: `${key}/${row.key}/comment`, text });
  const state =
    status === undefined
      ? undefined
      : await source.setStatus({ sourceId, key: `${key}/${row.key}/status`, status, reason: text });
  const where = [comment, state].map((answer) =>
    answer === undefined ? '' : 'where' in answer ? answer.where : `refused: ${answer.refused}`,
  );
  await ports.ledger.audit([
    {
      id: `${key}/${row.key}/source`,
      stream: `finding/${row.key}`,
      type: 'source.told',
      actor: 'curtail',
      atMs: ports.now(),
      findingKey: row.key,
      workflowId: input.workflowId,
      fields: { source: row.finding.source, comment: where[0] ?? '', status: where[1] ?? '' },
    },
  ]);
}
