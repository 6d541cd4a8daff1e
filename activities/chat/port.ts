import type { Block } from '../../domain/text/block.js';

/** A message to a person or a team about one request. */
export interface Notice {
  /** Idempotency key: request id + rung. */
  key: string;
  /** Ids in our directory; the adapter maps them by e-mail address. */
  to: readonly { personId: string; email: string; name: string }[];
  channel?: string;
  title: string;
  body: readonly Block[];
  url: string;
  /** Offers buttons for a decision; false for high-privilege identities, whose deciders must come to the page. */
  buttons: boolean;
  requestId: string;
  digest: string;
}
/** What the chat answered to a notice: where it lies, so that it can be changed later. */
export interface DeliveredNotice {
  /** The product's message id. */
  id: string;
  deliveredAtMs: number;
}

/** A chat product. */
export interface Chat {
  readonly vendor: string;
  send(notice: Notice): Promise<DeliveredNotice>;
  /** Shows the end state in place of the buttons. */
  update(input: { messageId: string; key: string; title: string; body: readonly Block[] }): Promise<void>;
}
