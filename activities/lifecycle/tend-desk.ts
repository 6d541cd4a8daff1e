import { Failure, FailureType } from '../../domain/failure.js';
import type { Activities, DeskRound } from '../contract.js';
import type { TicketState } from '../itsm/port.js';
import type { DraftRow, RequestRow } from '../ledger/port.js';
import { requestUrl } from './ask.js';
import { sendDigests } from './collect.js';
import { QUESTIONS_BUCKET, takeQuestions } from './comment-questions.js';
import { heartbeat } from './heartbeat.js';
import { auditEach, type LifecyclePorts } from './ports.js';
import { rerouteRequest } from './reroute.js';
import { ticketDraft } from './ticket.js';

/** Open requests that one round looks at; the next round goes on behind them. */
const PER_ROUND = 200;
const OPEN_AT_ONCE = 10_000;
/** Answers that one round gives. */
const ANSWERS = 20;
/** Tickets that take the place of deleted ones, for one request. */
const MAX_REPLACED = 3;
const CURSOR = { bucket: 'desk-round', key: 'after' } as const;
/** A ticket in one of these looks finished to the people who read it. */
const FINISHED: ReadonlySet<TicketState> = new Set(['done', 'closed', 'rejected']);

/**
 * One round of the desk: requests that nobody owned are asked of whoever owns them now, tickets that people closed or
 * deleted are dealt with, comments that ask something are taken, and notices that were collected are sent. One ticket that cannot be read stops nobody else's;
 * a ticket system that asks for patience ends the round, and the next goes on from there.
 */
export function createTendDesk(ports: LifecyclePorts): Activities['tendDesk'] {
  return async () => {
    const round: Omit<DeskRound, 'questions'> = {
      looked: 0,
      rerouted: 0,
      replaced: 0,
      digests: await sendDigests(ports),
      unreadable: 0,
    };
    for (const row of await dueRows(ports)) {
      heartbeat(`${round.looked} requests looked at`);
      try {
        await tend(ports, row, round);
      } catch (error) {
        if (!(error instanceof Failure) || error.type === FailureType.LedgerUnavailable) throw error;
        round.unreadable += 1;
        ports.log('warn', 'tending a request: its ticket cannot be read just now', {
          requestId: row.request.id,
          type: error.type,
        });
        if (error.type === FailureType.VendorThrottled) break;
      }
      round.looked += 1;
      await ports.ledger.putItem({ ...CURSOR, value: row.request.id });
    }
    const waiting = await ports.ledger.held({
      bucket: QUESTIONS_BUCKET,
      nowMs: ports.now(),
      limit: ANSWERS,
    });
    return { ...round, questions: waiting.map(({ key }) => key) };
  };
}

/** Open requests from where the last round ended, in the order of their ids. */
async function dueRows(ports: LifecyclePorts): Promise<readonly RequestRow[]> {
  const open = [...(await ports.ledger.requests({ status: 'open', limit: OPEN_AT_ONCE }))].sort((a, b) =>
    a.request.id < b.request.id ? -1 : 1,
  );
  const after = await ports.ledger.item(CURSOR.bucket, CURSOR.key, ports.now());
  const from = typeof after === 'string' ? open.findIndex(({ request }) => request.id > after) : 0;
  const start = Math.max(0, from);
  return [...open.slice(start), ...open.slice(0, start)].slice(0, PER_ROUND);
}

async function tend(
  ports: LifecyclePorts,
  row: RequestRow,
  round: Omit<DeskRound, 'questions'>,
): Promise<void> {
  const drafted = await ports.ledger.draft(row.request.digest);
  if (drafted === undefined) return;
  if (await rerouteRequest(ports, row, drafted)) round.rerouted += 1;
  const { ticket } = row;
  if (ticket === undefined) return;
  const { state, comments } = await ports.tickets.read(ticket.id);
  if (state === 'missing') {
    if (await replaceTicket(ports, row, drafted, ticket)) round.replaced += 1;
    return;
  }
  if (FINISHED.has(state)) await sayItDecidesNothing(ports, row, ticket.id);
  if (ports.tickets.traits.comments) await takeQuestions(ports, row, ticket.id, comments);
}

/** A ticket that was deleted while its request is open gets a successor, since the question still stands. */
async function replaceTicket(
  ports: LifecyclePorts,
  row: RequestRow,
  drafted: DraftRow,
  gone: { id: string; number: string },
): Promise<boolean> {
  const { id: requestId, digest, severity, workflowId } = row.request;
  const counter = { bucket: 'ticket-replaced', key: requestId };
  const before = Number((await ports.ledger.item(counter.bucket, counter.key, ports.now())) ?? 0);
  if (before >= MAX_REPLACED) return false;
  const draft = await ticketDraft(
    ports,
    { requestId, keys: row.findingKeys, severity, digest },
    drafted,
    row,
  );
  const ticket = await ports.tickets.open({ ...draft, key: `${draft.key}/after/${gone.id}` });
  const atMs = ports.now();
  await ports.ledger.putItem({ ...counter, value: before + 1 });
  await ports.ledger.setRequestTicket(
    requestId,
    ticket,
    auditEach(
      row.findingKeys,
      {
        id: `request/${requestId}/ticket/${gone.id}/replaced`,
        workflowId,
        type: 'ticket.replaced',
        actor: 'curtail',
        atMs,
      },
      { requestId, gone: gone.number, ticket: ticket.number },
    ),
  );
  return true;
}

/** Closing a ticket is no decision: who reads it is told so once, with the way to decide. */
async function sayItDecidesNothing(ports: LifecyclePorts, row: RequestRow, ticketId: string): Promise<void> {
  const { id, expiresAtMs } = row.request;
  await ports.tickets.comment({
    ticketId,
    key: `${id}/finished-by-hand`,
    body: [
      {
        type: 'paragraph',
        text: `Closing this ticket decides nothing: the request stays open until ${new Date(expiresAtMs).toISOString()}. Approve or reject it on its page; no answer by then counts as a no.`,
      },
      { type: 'link', text: 'Decide', url: requestUrl(ports, id) },
    ],
  });
}
