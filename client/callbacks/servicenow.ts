import { z } from 'zod';
import type { Secret } from '../../runtime/secret.js';
import { basicAuth, everyCheck, type SignatureCheck, standardWebhooks } from '../gateway/signatures.js';
import { malformed, otherTenant, staleDelivery, type WebhookRoute } from '../gateway/webhooks.js';
import { type LookAtTicket, ticketRoute } from './ticket-route.js';

/** What our scripts in the instance send. Who approved is in it too, and is not read: the instance itself is asked. */
const Callback = z.object({
  instance: z.string().min(1).max(255),
  occurred_at: z.iso.datetime({ offset: true }),
  data: z.object({ table: z.string().max(80), sys_id: z.string().regex(/^[0-9a-f]{32}$/) }),
});
/** A business rule runs late when the instance is busy; the signature's own window is five minutes. */
const MAX_AGE_MS = 24 * 3_600_000;

/**
 * Callbacks of ServiceNow's business rules, signed as Standard Webhooks; basic authentication beside it, or in its place where
 * an instance cannot sign.
 */
export function serviceNowCallbacks(options: {
  keys: readonly Secret[];
  basic?: { user: string; password: Secret };
  /** Host of the instance. */
  instance: string;
  table: string;
  look: LookAtTicket;
}): WebhookRoute {
  const { keys, basic, instance, table, look } = options;
  const checks: SignatureCheck[] = [
    ...(keys.length > 0 ? [standardWebhooks({ secrets: keys })] : []),
    ...(basic === undefined ? [] : [basicAuth(basic)]),
  ];
  return ticketRoute({
    name: 'servicenow',
    path: '/servicenow',
    verify: everyCheck(checks),
    deliveryId: ({ headers }) => {
      const id = headers['webhook-id'];
      return typeof id === 'string' ? id : undefined;
    },
    ticketOf: ({ payload, receivedAtMs }) => {
      const parsed = Callback.safeParse(payload);
      if (!parsed.success) return malformed;
      const { data, occurred_at: occurredAt } = parsed.data;
      if (parsed.data.instance.toLowerCase() !== instance.toLowerCase()) return otherTenant;
      if (Math.abs(receivedAtMs - Date.parse(occurredAt)) > MAX_AGE_MS) return staleDelivery;
      return data.table === table ? data.sys_id : undefined;
    },
    look,
  });
}
