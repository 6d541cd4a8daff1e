import type { Person } from '../../domain/approval/request.js';
import type { AskInput } from '../contract.js';
import type { RequestRow } from '../ledger/port.js';
import { auditEach, type LifecyclePorts } from './ports.js';

/**
 * A terminated life that was reset asks again what became void or expired meanwhile. Only what was closed before this
 * desk opened: a late attempt of an older ask opens nothing that was closed since.
 */
export async function openAgain(
  ports: LifecyclePorts,
  input: AskInput,
  row: RequestRow,
  people: readonly Person[],
): Promise<RequestRow> {
  if (row.status !== 'void' && row.status !== 'expired') return row;
  if (row.closedMs === undefined || row.closedMs >= input.openedAtMs) return row;
  return askAgain(ports, row, {
    workflowId: input.workflowId,
    openedAtMs: input.openedAtMs,
    expiresAtMs: input.expiresAtMs,
    alsoAsked: people.map((person) => person.id),
  });
}

/** Opens a void or expired request again, on record, and tells its ticket. */
export async function askAgain(
  ports: LifecyclePorts,
  row: RequestRow,
  again: { workflowId: string; openedAtMs: number; expiresAtMs: number; alsoAsked: readonly string[] },
): Promise<RequestRow> {
  const { workflowId, ...times } = again;
  const { id } = row.request;
  const key = `request/${id}/reopened/${(row.reopened ?? 0) + 1}`;
  if (row.ticket !== undefined) {
    await ports.tickets.comment({
      ticketId: row.ticket.id,
      key,
      body: [
        {
          type: 'paragraph',
          text: 'Asked again: the same question is open. Earlier decisions do not count.',
        },
      ],
    });
  }
  return ports.ledger.reopenRequest(
    { requestId: id, ...times },
    auditEach(
      row.findingKeys,
      { id: key, workflowId, type: 'request.reopened', actor: 'curtail', atMs: ports.now() },
      { requestId: id, was: row.status },
    ),
  );
}

/** What tells one closing of a request from an earlier one, when it was asked again in between. */
export function again(row: Pick<RequestRow, 'reopened'>): string {
  return row.reopened === undefined ? '' : `/again-${row.reopened}`;
}
