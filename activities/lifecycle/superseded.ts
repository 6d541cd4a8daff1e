import type { TicketDesk } from '../itsm/port.js';
import type { Ledger } from '../ledger/port.js';

/** What it takes to close tickets about drafts that are no more. */
export type SupersededPorts = {
  ledger: Pick<Ledger, 'requests'>;
  tickets: Pick<TicketDesk, 'setState'>;
};

/**
 * Closes the tickets of a life whose drafts were edited or became void, each once and with the reason: one root cause has one
 * open ticket. `besides` is the request whose ticket stays.
 */
export async function closeSuperseded(
  ports: SupersededPorts,
  life: { findingKey: string; workflowId: string; besides?: string; note: string },
): Promise<void> {
  for (const { request, status, ticket } of await ports.ledger.requests({ findingKey: life.findingKey })) {
    const isOver = status === 'edited' || status === 'void';
    if (!isOver || ticket === undefined) continue;
    if (request.workflowId !== life.workflowId || request.id === life.besides) continue;
    await ports.tickets.setState({
      ticketId: ticket.id,
      state: 'closed',
      key: `request/${request.id}/superseded`,
      note: `${status === 'edited' ? 'Edited by a person' : 'Void'}: ${life.note}`,
    });
  }
}
