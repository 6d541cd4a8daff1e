import type { Block } from '../../domain/text/block.js';
import type { Capability } from '../capability.js';

/** A message to a person or a team about one request. */
export interface Notice {
  /** Idempotency key: request id + rung. */
  key: string;
  /** Ids in our directory; the adapter maps them by e-mail address. */
  to: readonly { personId: string; email: string; name: string }[];
  /** The team that owns what it is about, or a channel; the adapter's own channel otherwise. */
  channel?: string;
  title: string;
  body: readonly Block[];
  url: string;
  /** Offers buttons for a decision; false for high-privilege identities, whose deciders must come to the page. */
  buttons: boolean;
  requestId: string;
  digest: string;
}
/** That a notice has reached its readers, and when. */
export interface DeliveredNotice {
  /** The product's message id; the same for the same message. */
  id: string;
  deliveredAtMs: number;
  /** By which people name what it is about where they cannot reply to it. */
  reference?: string;
}

/** A chat product. Every write is idempotent by its key where the product lets it be. */
export interface Chat {
  readonly vendor: string;
  /** A message can be changed; where not, `update` says it anew, so that only what ends a request is worth saying. */
  readonly changesMessages: boolean;
  send(notice: Notice): Promise<DeliveredNotice>;
  /** Shows a state in place of the buttons; where messages cannot be changed, a new one says it. One that is gone is no failure. */
  update(input: {
    messageId: string;
    key: string;
    title: string;
    body: readonly Block[];
    url: string;
  }): Promise<void>;
  /** What the credentials allow, asked without showing anything to anybody. */
  probe?(): Promise<readonly Capability[]>;
  /** Names by which the directory may know an account, surest first. Only where people can act in the product. */
  namesOf?(account: string): Promise<readonly string[]>;
  /** Tells one person something about a message, where the product can so that nobody else reads it. */
  whisper?(input: {
    messageId: string;
    account: string;
    key: string;
    text: string;
    url: string;
  }): Promise<void>;
  /** Answers below a message. */
  reply?(input: { messageId: string; key: string; body: readonly Block[] }): Promise<void>;
  /** Asks a person who clicked for the reason of a rejection; `trigger` is the product's own and lives for seconds. */
  askReason?(input: {
    trigger: string;
    messageId: string;
    requestId: string;
    digest: string;
    title: string;
  }): Promise<void>;
}
