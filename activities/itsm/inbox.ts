import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { Failure, FailureType } from '../../domain/failure.js';
import { plainLine, plainText, printable } from '../../domain/text/plain-text.js';
import { openJournal } from '../../runtime/journal.js';
import { type AdapterDeps, adapter } from '../adapter.js';
import { findRecord } from './inbox-cmdb.js';
import { EMPTY_INBOX, foldInbox, InboxEffect, type InboxState, type InboxTicket } from './inbox-fold.js';
import type { Attachment, Ticket, TicketDesk, TicketDraft } from './port.js';

const MAX_COMMENT_LENGTH = 10_000;
/** Author of what Curtail itself writes. */
const OURS = 'curtail';

/** `folder` holds the journal and the attachments; `publicUrl` is where people reach the gateway. */
export const InboxConfig = z.strictObject({
  folder: z.string().min(1).default('inbox'),
  publicUrl: z.url().optional(),
  /** YAML file of records: `records: [{id, arns, tags, owner: {person, team}, businessUnit}]`. */
  cmdb: z.string().min(1).optional(),
});

/** The embedded ticket desk: a port for workflows, and a shelf for the gateway's pages. */
export interface Inbox extends TicketDesk {
  list(): Promise<readonly InboxTicket[]>;
  ticket(id: string): Promise<InboxTicket | undefined>;
  /** A person's comment; the same text by the same person at the same moment is one comment. */
  addComment(input: { ticketId: string; author: string; text: string; atMs: number }): Promise<void>;
  close(input: { ticketId: string; by: string; atMs: number }): Promise<void>;
}

/** A desk's shelf, when it keeps its tickets itself. */
export function shelfOf(desk: TicketDesk): Inbox | undefined {
  return 'list' in desk && 'addComment' in desk ? (desk as Inbox) : undefined;
}

/**
 * Opens the desk in its folder. `journal.jsonl` there is the desk: one line for each effect with the key of whoever asked,
 * on the disk before the call returns. Two processes may share it; the first line of a key counts for both.
 */
export async function createInbox(config: z.output<typeof InboxConfig>, deps: AdapterDeps): Promise<Inbox> {
  const folder = resolve(deps.folder, config.folder);
  const journal = await openJournal(join(folder, 'journal.jsonl'));
  const cmdb = config.cmdb === undefined ? undefined : resolve(deps.folder, config.cmdb);
  let known: InboxState = EMPTY_INBOX;
  let queue: Promise<unknown> = Promise.resolve();

  async function current(): Promise<InboxState> {
    const lines = await journal.readNew();
    known = foldInbox(
      known,
      lines.flatMap((line) => InboxEffect.safeParse(line).data ?? []),
    );
    return known;
  }
  /** One effect at a time, so that within this process a key is looked for and written without another in between. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  }
  function once(effect: InboxEffect, doing: string): Promise<InboxState> {
    return inTurn(async () => {
      const state = await current();
      if (state.keys.has(effect.key)) return state;
      if (effect.effect !== 'opened' && !state.tickets.has(effect.ticketId))
        throw missing(effect.ticketId, doing);
      await journal.append(effect);
      return current();
    });
  }

  return {
    traits: {
      vendor: 'inbox',
      approvals: false,
      comments: true,
      attachments: true,
      cmdb: cmdb !== undefined,
    },
    async open(draft) {
      const ticketId = shortDigest(draft.key);
      const attachments = await writeAttachments(folder, ticketId, draft.attachments);
      const state = await once(
        openedEffect(draft, { ticketId, attachments, atMs: deps.now() }),
        'opening a ticket',
      );
      const ticket = state.tickets.get(ticketId);
      if (ticket === undefined) throw missing(ticketId, 'opening a ticket');
      return toTicket(ticket, config.publicUrl);
    },
    async comment({ ticketId, key, body }) {
      const effect = {
        effect: 'commented',
        key,
        ticketId,
        atMs: deps.now(),
        author: OURS,
        ours: true,
      } as const;
      await once({ ...effect, text: plainText(body) }, 'commenting');
    },
    async setState({ ticketId, state, key, note }) {
      const effect = { effect: 'state', key, ticketId, atMs: deps.now(), state, by: OURS } as const;
      await once({ ...effect, ...(note !== undefined && { note: printable(note) }) }, 'setting its state');
    },
    async read(ticketId) {
      const ticket = (await current()).tickets.get(ticketId);
      return ticket === undefined
        ? { state: 'missing', comments: [] }
        : { state: ticket.state, comments: ticket.comments };
    },
    async owner(resource) {
      if (cmdb === undefined) return undefined;
      const record = await findRecord(cmdb, resource);
      if (record === undefined) return undefined;
      return {
        ...(record.owner?.person !== undefined && { owner: record.owner.person }),
        ...(record.owner?.team !== undefined && { team: record.owner.team }),
        how: `CMDB record ${record.id}`,
        ...(record.businessUnit !== undefined && { businessUnit: record.businessUnit }),
      };
    },
    async list() {
      return [...(await current()).tickets.values()].toReversed();
    },
    async ticket(id) {
      return (await current()).tickets.get(id);
    },
    async addComment({ ticketId, author, text, atMs }) {
      const bounded = printable(text).slice(0, MAX_COMMENT_LENGTH);
      const key = `person/${ticketId}/${shortDigest(JSON.stringify([author, bounded, atMs]))}`;
      await once(
        { effect: 'commented', key, ticketId, atMs, author, text: bounded, ours: false },
        'commenting',
      );
    },
    async close({ ticketId, by, atMs }) {
      await once(
        { effect: 'state', key: `person/${ticketId}/close`, ticketId, atMs, state: 'closed', by },
        'closing it',
      );
    },
  };
}

function openedEffect(
  draft: TicketDraft,
  about: {
    ticketId: string;
    attachments: readonly { name: string; mediaType: string; file: string }[];
    atMs: number;
  },
): InboxEffect {
  return {
    effect: 'opened',
    key: draft.key,
    ticketId: about.ticketId,
    atMs: about.atMs,
    title: plainLine(draft.title),
    body: draft.body,
    severity: draft.severity,
    assignee: draft.assignee,
    team: draft.team,
    labels: [...draft.labels],
    decideUrl: draft.decideUrl,
    attachments: [...about.attachments],
  };
}

/** Attachments are there before the ticket names them. Their names come from outside, so only harmless characters stay. */
async function writeAttachments(
  folder: string,
  ticketId: string,
  attachments: readonly Attachment[],
): Promise<readonly { name: string; mediaType: string; file: string }[]> {
  if (attachments.length === 0) return [];
  const path = join('attachments', ticketId);
  await mkdir(join(folder, path), { recursive: true, mode: 0o700 });
  return Promise.all(
    attachments.map(async ({ name, mediaType, text }, i) => {
      const file = join(path, `${i + 1}-${name.replace(/[^A-Za-z0-9._-]+/g, '_').slice(-100)}`);
      await writeFile(join(folder, file), text, { mode: 0o600, flush: true });
      return { name: plainLine(name), mediaType, file };
    }),
  );
}

function toTicket({ id, number }: InboxTicket, publicUrl: string | undefined): Ticket {
  const path = `/tickets/${id}`;
  return { id, number, url: publicUrl === undefined ? path : new URL(path, publicUrl).href };
}

function missing(ticketId: string, doing: string): Failure {
  return new Failure(FailureType.NotFound, `inbox: ${doing}: there is no ticket ${ticketId}`);
}

function shortDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Tickets without a ticket product. */
export const inbox = adapter(InboxConfig, createInbox);
