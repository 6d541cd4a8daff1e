import { createHmac } from 'node:crypto';
import type { TicketApproval, TicketDesk } from '../../../activities/itsm/port.js';
import { deliverTicketDecisions } from '../../../client/callbacks/ticket-decisions.js';
import type { LookAtTicket } from '../../../client/callbacks/ticket-route.js';
import type { WebhookRoute } from '../../../client/gateway/webhooks.js';
import { Secret } from '../../../runtime/secret.js';
import { type Desk, ORIGIN, openDesk } from '../gateway/support/desk.js';
import { NOW, PEOPLE, requestRow } from '../gateway/support/organisation.js';

export const TICKET_ID = '32a5534aaaaeccca5fa28dfad456bfb6';
export const WH_KEY = Buffer.from('0123456789abcdef0123456789abcdef');
export const WH_SECRET = new Secret(`whsec_${WH_KEY.toString('base64')}`);
export const AT = new Date(NOW).toISOString();

/** A ticket system of which only approvals are read and comments written. */
export interface FakeTickets {
  approvals: TicketApproval[];
  comments: { ticketId: string; key: string; text: string }[];
  reads: number;
  down: boolean;
  desk: TicketDesk;
}

export function fakeTickets(vendor: string): FakeTickets {
  const absent = async (): Promise<never> => {
    throw new Error('not part of this test');
  };
  const fake: FakeTickets = {
    approvals: [],
    comments: [],
    reads: 0,
    down: false,
    desk: {
      traits: { vendor, approvals: true, comments: true, attachments: true, cmdb: false },
      open: absent,
      setState: absent,
      read: absent,
      owner: absent,
      approvals: async () => {
        fake.reads += 1;
        if (fake.down) throw new Error('HTTP 503');
        return fake.approvals;
      },
      comment: async ({ ticketId, key, body }) => {
        if (!fake.comments.some((each) => each.key === key))
          fake.comments.push({ ticketId, key, text: JSON.stringify(body) });
      },
    },
  };
  return fake;
}

/** A gateway with the doors that `open` makes, over a ticket system that answers from memory. */
export function openCallbackDesk(
  vendor: string,
  open: (look: LookAtTicket) => readonly WebhookRoute[],
  over: { highPrivilege?: boolean } = {},
): { desk: Desk; tickets: FakeTickets } {
  const tickets = fakeTickets(vendor);
  let desk: Desk | undefined;
  desk = openDesk({
    directory: {
      person: async (id) => PEOPLE.find((person) => person.id === id),
      byEmail: async (name) =>
        PEOPLE.find((person) => person.email === name || `${vendor}:${person.id}` === name),
      people: async () => PEOPLE,
      team: async () => [],
      standIn: async (id) => PEOPLE.find((person) => person.id === id),
    },
    openWebhooks: ({ decider }) =>
      open((ticketId) => {
        if (desk === undefined) throw new Error('no gateway yet');
        return deliverTicketDecisions(
          {
            tickets: tickets.desk,
            ledger: desk.ledger,
            directory: { byEmail: async (name) => PEOPLE.find((person) => person.email === name) },
            decider,
            publicUrl: ORIGIN,
            now: () => desk?.clock.nowMs ?? NOW,
            log: () => undefined,
          },
          ticketId,
        );
      }),
  });
  const row = requestRow();
  desk.ledger.rows.requests.splice(0, 1, {
    ...row,
    ticket: { id: TICKET_ID, number: 'CHG1', url: 'https://desk.example.com/CHG1' },
    request: { ...row.request, openedAtMs: NOW, highPrivilege: over.highPrivilege ?? false },
  });
  return { desk, tickets };
}

/** Headers of a Standard Webhooks delivery. */
export function standardHeaders(
  body: string | Buffer,
  { id = 'm1', atMs = NOW, key = WH_KEY }: { id?: string; atMs?: number; key?: Buffer } = {},
): Record<string, string> {
  const seconds = String(Math.floor(atMs / 1_000));
  const mac = createHmac('sha256', key).update(`${id}.${seconds}.`).update(body).digest('base64');
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': seconds,
    'webhook-signature': `v1,${mac}`,
  };
}
