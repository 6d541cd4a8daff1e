import { z } from 'zod';
import type { Block } from '../../domain/text/block.js';
import type { TicketComment, TicketState } from './port.js';

/** A ticket as its page shows it. */
export interface InboxTicket {
  id: string;
  number: string;
  title: string;
  state: TicketState;
  severity: string;
  assignee?: string;
  team?: string;
  labels: readonly string[];
  openedAtMs: number;
  decideUrl: string;
  body: readonly Block[];
  comments: readonly TicketComment[];
  /** Files below the desk's folder. */
  attachments: readonly { name: string; mediaType: string; file: string }[];
}

const Common = { key: z.string().min(1), atMs: z.number(), ticketId: z.string().min(1) };
/** We wrote the blocks ourselves; their shape is checked no further. */
const Body = z.custom<readonly Block[]>(Array.isArray);

/** One line of the desk's journal: an effect and the key of whoever asked for it. The first line of a key counts. */
export const InboxEffect = z.discriminatedUnion('effect', [
  z.object({
    effect: z.literal('opened'),
    ...Common,
    title: z.string(),
    body: Body,
    severity: z.string(),
    assignee: z.string().optional(),
    team: z.string().optional(),
    labels: z.array(z.string()),
    decideUrl: z.string(),
    attachments: z.array(z.object({ name: z.string(), mediaType: z.string(), file: z.string() })),
  }),
  z.object({
    effect: z.literal('commented'),
    ...Common,
    author: z.string(),
    text: z.string(),
    ours: z.boolean(),
  }),
  z.object({
    effect: z.literal('state'),
    ...Common,
    state: z.enum(['open', 'in-progress', 'done', 'closed', 'rejected']),
    by: z.string(),
    note: z.string().optional(),
  }),
]);
export type InboxEffect = z.output<typeof InboxEffect>;

/** A closed or rejected ticket stays so: what follows opens another one. */
const FINAL: ReadonlySet<TicketState> = new Set(['closed', 'rejected']);

/** The desk's state: its journal, read from the start. */
export interface InboxState {
  keys: ReadonlySet<string>;
  tickets: ReadonlyMap<string, InboxTicket>;
}

/** An inbox in which nothing has happened. */
export const EMPTY_INBOX: InboxState = { keys: new Set(), tickets: new Map() };

/** The state after some more effects. A repeated key, and what does not fit the ticket's state, change nothing. */
export function foldInbox(state: InboxState, effects: readonly InboxEffect[]): InboxState {
  if (effects.length === 0) return state;
  const keys = new Set(state.keys);
  const tickets = new Map(state.tickets);
  for (const effect of effects) {
    if (keys.has(effect.key)) continue;
    keys.add(effect.key);
    const changed = applied(effect, tickets.get(effect.ticketId), tickets.size);
    if (changed !== undefined) tickets.set(effect.ticketId, changed);
  }
  return { keys, tickets };
}

function applied(
  effect: InboxEffect,
  ticket: InboxTicket | undefined,
  count: number,
): InboxTicket | undefined {
  if (effect.effect === 'opened') return ticket ?? opened(effect, count + 1);
  if (ticket === undefined) return undefined;
  if (effect.effect === 'state') return FINAL.has(ticket.state) ? ticket : { ...ticket, state: effect.state };
  const comment: TicketComment = {
    id: effect.key,
    author: effect.author,
    text: effect.text,
    atIso: new Date(effect.atMs).toISOString(),
    ours: effect.ours,
  };
  return { ...ticket, comments: [...ticket.comments, comment] };
}

function opened(effect: Extract<InboxEffect, { effect: 'opened' }>, number: number): InboxTicket {
  return {
    id: effect.ticketId,
    number: `CUR-${number}`,
    title: effect.title,
    state: 'open',
    severity: effect.severity,
    ...(effect.assignee !== undefined && { assignee: effect.assignee }),
    ...(effect.team !== undefined && { team: effect.team }),
    labels: effect.labels,
    openedAtMs: effect.atMs,
    decideUrl: effect.decideUrl,
    body: effect.body,
    comments: [],
    attachments: effect.attachments,
  };
}
