import type { Block } from '../../domain/text/block.js';
import type { Capability } from '../capability.js';

/** A file that hangs on a ticket. */
export interface Attachment {
  name: string;
  mediaType: string;
  text: string;
}

/** What a ticket shall say, and the key by which it is found again instead of created twice. */
export interface TicketDraft {
  /** Idempotency key: workflow id + step + generation. The adapter searches by it before it creates. */
  key: string;
  title: string;
  body: readonly Block[];
  severity: 'critical' | 'high' | 'medium' | 'low' | 'info';
  /** E-mail address or team of the assignee, as the directory resolved it. */
  assignee?: string;
  team?: string;
  labels: readonly string[];
  attachments: readonly Attachment[];
  /** Where a person decides. */
  decideUrl: string;
}

/** A ticket as its desk shows it now. */
export interface Ticket {
  /** The product's id. */
  id: string;
  /** What people call it (`INC0010023`, `SEC-12`). */
  number: string;
  url: string;
}

/** State of a ticket in our words. */
export type TicketState = 'open' | 'in-progress' | 'approved' | 'rejected' | 'done' | 'closed' | 'missing';

/** What a ticket system says about itself, so that nothing branches on a vendor's name. */
export interface ItsmTraits {
  vendor: string;
  /** It knows approvals that can be read back. */
  approvals: boolean;
  comments: boolean;
  attachments: boolean;
  /** It can tell the owner of a resource (CMDB). */
  cmdb: boolean;
}

/** A comment on a ticket: hostile text by somebody whom only the directory can make a person. */
export interface TicketComment {
  id: string;
  /** E-mail address or account name as the product states it; resolved by our directory only. */
  author: string;
  text: string;
  atIso: string;
  /** Written by Curtail itself. */
  ours: boolean;
}

/** What a person decided in the product itself, read back from it: a callback is a hint, this is the record. */
export interface TicketApproval {
  /** The product's id of this decision; the same for the same decision. */
  id: string;
  verdict: 'approve' | 'reject';
  /** Names of the person who decided, surest first, for the directory: a mapped account (`jira:712020:…`), an e-mail address. */
  names: readonly string[];
  reason?: string;
  atIso: string;
}

/** A ticket system. Every write is idempotent by key. */
export interface TicketDesk {
  readonly traits: ItsmTraits;
  /** Finds the ticket of `draft.key` or creates it; the same key never makes two. */
  open(draft: TicketDraft): Promise<Ticket>;
  comment(input: { ticketId: string; key: string; body: readonly Block[] }): Promise<void>;
  setState(input: {
    ticketId: string;
    state: 'in-progress' | 'done' | 'closed' | 'rejected';
    key: string;
    note?: string;
  }): Promise<void>;
  read(
    ticketId: string,
  ): Promise<{ state: TicketState; approvedBy?: string; comments: readonly TicketComment[] }>;
  /** Owner of a resource by the CMDB: an e-mail address or a team, and how it was found. */
  owner(resource: {
    arn: string;
    tags: Readonly<Record<string, string>>;
  }): Promise<{ owner?: string; team?: string; how: string; businessUnit?: string } | undefined>;
  /** Every approval and rejection on the ticket, oldest first. Only where `traits.approvals`. */
  approvals?(ticketId: string): Promise<readonly TicketApproval[]>;
  /** What the credentials allow, asked without changing anything. */
  probe?(): Promise<readonly Capability[]>;
  /** Names by which the directory may know the author of a comment, surest first. */
  namesOf?(author: string): Promise<readonly string[]>;
}
