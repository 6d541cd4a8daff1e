import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FindingSource } from '../../domain/finding/finding.js';
import type { Json } from '../../domain/json.js';
import { parseBoundedJson } from './bounded-json.js';
import { bucketOf, type Parcel } from './callback-inbox.js';
import type { Intake } from './deps.js';
import type { Gateway } from './kit.js';
import type { SignatureCheck, Signed } from './signatures.js';

/** A delivery whose sender is proved. Its payload is still outside text. */
export interface WebhookDelivery extends Signed {
  /** JSON value, or `URLSearchParams` of a form. */
  payload: unknown;
  receivedAtMs: number;
}
/** What a webhook's sender is answered. */
export interface WebhookReply {
  status: number;
  body?: Json;
}

/** A door for one kind of delivery. A vendor states what differs; the ground below does the rest. */
export interface WebhookRoute {
  /** Fixed word, used as a metric's label. */
  name: string;
  /** Below `/webhooks`, with a leading slash; absent where a connection of our own brings the deliveries. */
  path?: string;
  contentTypes: readonly string[];
  maxBytes: number;
  verify: (...given: Parameters<SignatureCheck>) => string | undefined | Promise<string | undefined>;
  /** The sender's id of a delivery, for dedupe; the body's digest when undefined. */
  deliveryId?: (signed: Signed) => string | undefined;
  /** How long an id is remembered: longer than the sender's window for redelivery. */
  rememberMs: number;
  /** Answers the sender. Throwing releases the delivery, so that a redelivery is taken. */
  handle?: (delivery: WebhookDelivery) => Promise<WebhookReply>;
  /** Opens the connection that brings deliveries; what it brings counts as proved, for we opened it. */
  listen?: (accept: AcceptDelivery) => { close(): void };
  /**
   * What of a delivery is kept in the ledger and answered at once, for `deliver` to do; undefined leaves it to `handle`.
   * Pure: it reads the payload and nothing else.
   */
  keep?: (delivery: WebhookDelivery) => KeptDelivery | Refused | undefined;
  /** Does what was kept. `later`, or throwing, has it tried again. It may be asked again for what it has done. */
  deliver?: (parcel: Parcel) => Promise<'done' | 'later'>;
}
/** Takes a delivery that came by a connection of our own; undefined when it was refused. */
export type AcceptDelivery = (delivery: {
  payload: unknown;
  body: Buffer;
}) => Promise<WebhookReply | undefined>;

/** An authentic delivery that is not taken all the same. `outcome` is a fixed word, used as a metric's label. */
export interface Refused {
  refused: { status: number; outcome: string; message: string };
}
/** Not of the shape that its sender writes. */
export const malformed: Refused = {
  refused: { status: 400, outcome: 'malformed', message: 'the body has not the expected shape' },
};
/** Too old, or from a time to come: it may be a replay. */
export const staleDelivery: Refused = {
  refused: { status: 401, outcome: 'stale', message: 'the delivery is too old, or the clocks differ' },
};
/** Authentic, but of an instance, site, workspace or tenant that is not ours. */
export const otherTenant: Refused = {
  refused: { status: 403, outcome: 'tenant', message: 'this comes from an instance that is not configured' },
};

/** A delivery that is answered at once and done afterwards. */
export interface KeptDelivery {
  /** Absent: the delivery is authentic and concerns nothing of ours. */
  content?: Json;
  /** In place of the delivery's own id, where the same act may arrive in several deliveries. */
  key?: string;
  reply: WebhookReply;
}

const PER_MINUTE = 600;
const FORM = 'application/x-www-form-urlencoded';
const REMEMBER_MS = 24 * 3_600_000;

/** Registers the doors. Bodies arrive as bytes: a signature is over bytes, not over what they mean. */
export function registerWebhooks(app: FastifyInstance, gateway: Gateway): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onError', async (request, _reply, error) => {
    const route = gateway.routes.find(({ path }) => request.routeOptions.url === `/webhooks${path}`);
    const outcome =
      error.statusCode === 413 ? 'too-large' : error.statusCode === 429 ? 'too-many' : undefined;
    if (route !== undefined && outcome !== undefined) gateway.metrics.webhook(route.name, outcome);
  });
  startListening(app, gateway);
  for (const route of gateway.routes) {
    if (route.path === undefined) continue;
    const options = {
      bodyLimit: route.maxBytes,
      config: { rateLimit: { max: PER_MINUTE, timeWindow: 60_000 } },
    };
    app.post(route.path, options, (request, reply) => receive(gateway, route, request, reply));
  }
}

async function receive(
  gateway: Gateway,
  route: WebhookRoute,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const nowMs = gateway.now();
  function refuse(status: number, outcome: string, message: string): FastifyReply {
    gateway.metrics.webhook(route.name, outcome);
    const { id } = request;
    gateway.log('warn', 'refusing a delivery', { route: route.name, outcome, status, requestId: id });
    return reply.status(status).send({ error: { type: outcome, message, requestId: id } });
  }
  if (repeatsHeader(request.raw.rawHeaders)) return refuse(400, 'headers', 'a header is there twice');
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (!route.contentTypes.includes(type))
    return refuse(415, 'content-type', `send one of: ${route.contentTypes.join(', ')}`);
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const signed: Signed = { headers: request.headers, body };
  const objection = await route.verify(signed, nowMs);
  if (objection !== undefined) return refuse(401, 'signature', objection);
  const payload = read(type, body);
  if (payload === undefined) return refuse(400, 'malformed', 'the body cannot be read');

  const taken = await take(gateway, route, { ...signed, payload: payload.value, receivedAtMs: nowMs });
  if ('refused' in taken) return refuse(taken.refused.status, taken.refused.outcome, taken.refused.message);
  return reply.status(taken.status).send(taken.body ?? {});
}

/** Takes a delivery whose sender is proved: keeps it or does it, once. Counts what became of it, but for refusals. */
async function take(
  gateway: Gateway,
  route: WebhookRoute,
  delivery: WebhookDelivery,
): Promise<WebhookReply | Refused> {
  const { receivedAtMs: nowMs } = delivery;
  const kept = route.keep?.(delivery);
  const bucket = bucketOf(route);
  const key = (route.deliveryId?.(delivery) ?? digestOf(delivery.body)).slice(0, 256);
  if (kept !== undefined && 'refused' in kept) return kept;
  if (kept !== undefined) {
    const { content } = kept;
    const named = (kept.key ?? key).slice(0, 256);
    const first =
      content === undefined ||
      (await gateway.inbox.take(route, { key: named, content, receivedAtMs: nowMs }));
    gateway.metrics.webhook(route.name, content === undefined ? 'ignored' : first ? 'taken' : 'duplicate');
    return kept.reply;
  }
  const first = await gateway.ledger.claim({ bucket, key, expiresAtMs: nowMs + route.rememberMs, nowMs });
  if (!first) {
    gateway.metrics.webhook(route.name, 'duplicate');
    return { status: 200, body: { duplicate: true } };
  }
  try {
    const answer = (await route.handle?.(delivery)) ?? { status: 202 };
    gateway.metrics.webhook(route.name, answer.status < 400 ? 'taken' : 'rejected');
    return answer;
  } catch (error) {
    gateway.metrics.webhook(route.name, 'failed');
    await gateway.ledger.removeItem(bucket, key);
    throw error;
  }
}

/** Starts what receives by connections of its own. */
function startListening(app: FastifyInstance, gateway: Gateway): void {
  const listeners: { close(): void }[] = [];
  app.addHook('onListen', async () => {
    for (const route of gateway.routes) {
      const listener = route.listen?.(async ({ payload, body }) => {
        const delivery = { headers: {}, body, payload, receivedAtMs: gateway.now() };
        const taken = await take(gateway, route, delivery);
        if ('refused' in taken) gateway.metrics.webhook(route.name, taken.refused.outcome);
        return 'refused' in taken ? undefined : taken;
      });
      if (listener !== undefined) listeners.push(listener);
    }
  });
  app.addHook('preClose', async () => {
    for (const listener of listeners) listener.close();
  });
}

function read(type: string, body: Buffer): { value: unknown } | undefined {
  try {
    return { value: type === FORM ? new URLSearchParams(body.toString('utf8')) : parseBoundedJson(body) };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Headers of which two would leave open which one was checked. */
const DECIDES =
  /^(authorization|content-type|content-length|host)$|signature|timestamp|identifier|webhook-id/;

function repeatsHeader(raw: readonly string[]): boolean {
  const names = raw.filter((_each, index) => index % 2 === 0).map((name) => name.toLowerCase());
  const deciding = names.filter((name) => DECIDES.test(name));
  return new Set(deciding).size < deciding.length;
}

function digestOf(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}

/** Largest delivery of findings by webhook; exports come through the API, which streams. */
const FINDINGS_BYTES = 5 * 1024 * 1024;

/** Findings pushed by a platform or a script: normalised and recorded like those of a poll or a file. */
export function findingsWebhook(options: {
  source: FindingSource;
  /** Name of the configured source; the platform's when absent. */
  name?: string;
  /** Where it is, below `/webhooks`; by its name when absent. */
  path?: string;
  verify: SignatureCheck;
  intake: Intake;
  /** Header with the sender's delivery id, lower case. */
  idHeader?: string;
}): WebhookRoute {
  const { source, name = source, path = `/findings/${name}`, verify, intake, idHeader } = options;
  return {
    name: `findings-${name}`,
    path,
    contentTypes: ['application/json'],
    maxBytes: FINDINGS_BYTES,
    verify,
    rememberMs: REMEMBER_MS,
    deliveryId: ({ headers }) => {
      const id = idHeader === undefined ? undefined : headers[idHeader];
      return typeof id === 'string' ? id : undefined;
    },
    handle: async ({ body }) => {
      const receipt = await intake({ source, body: Readable.from([body]), via: 'webhook' });
      return { status: 202, body: { ...receipt } };
    },
  };
}
