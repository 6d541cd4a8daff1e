import { z } from 'zod';
import type { Parcel } from '../gateway/callback-inbox.js';
import type { SignatureCheck } from '../gateway/signatures.js';
import type { KeptDelivery, Refused, WebhookDelivery, WebhookRoute } from '../gateway/webhooks.js';

/** Looks at a ticket because something may have happened to it. */
export type LookAtTicket = (ticketId: string) => Promise<'done' | 'later'>;

/** Longer than any sender redelivers: Jira's last try comes after 75 minutes, an administrator's by hand after days. */
const REMEMBER_MS = 7 * 24 * 3_600_000;
const MAX_BYTES = 512 * 1024;
const Content = z.object({ ticketId: z.string().min(1).max(100) });

/** A door for callbacks about tickets. All that is taken from one is which ticket to look at. */
export function ticketRoute(options: {
  name: string;
  path: string;
  verify: SignatureCheck;
  deliveryId: NonNullable<WebhookRoute['deliveryId']>;
  /** The ticket that an authentic delivery is about; undefined when it is about nothing of ours. */
  ticketOf: (delivery: WebhookDelivery) => string | Refused | undefined;
  /** In place of the delivery's id, for senders that give none. */
  keyOf?: (delivery: WebhookDelivery) => string;
  look: LookAtTicket;
}): WebhookRoute {
  const { name, path, verify, deliveryId, ticketOf, keyOf, look } = options;
  const keep = (delivery: WebhookDelivery): KeptDelivery | Refused => {
    const ticketId = ticketOf(delivery);
    if (typeof ticketId === 'object') return ticketId;
    if (ticketId === undefined) return { reply: { status: 202 } };
    return {
      content: { ticketId },
      reply: { status: 202 },
      ...(keyOf !== undefined && { key: keyOf(delivery) }),
    };
  };
  return {
    name,
    path,
    contentTypes: ['application/json'],
    maxBytes: MAX_BYTES,
    verify,
    deliveryId,
    rememberMs: REMEMBER_MS,
    keep,
    deliver: ({ content }: Parcel) => look(Content.parse(content).ticketId),
  };
}
