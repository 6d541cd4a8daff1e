import { createHash } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Person } from '../../domain/approval/request.js';
import { seesAll } from '../gateway/access.js';
import { parsed } from '../gateway/api/parse.js';
import { readSessionCookie } from '../gateway/cookies.js';
import type { Gateway } from '../gateway/kit.js';
import { PageError } from '../gateway/page-error.js';
import { fromWire, PayloadsBody, toWire } from './wire.js';

/** Decodes for the Temporal UI what lies encrypted on the cluster. */
export interface CodecServer {
  codec: PayloadCodec;
  namespace: string;
  /** Where the Temporal UI is, exactly as browsers state it: `https://temporal.example.com`. */
  origins: readonly string[];
}

type Direction = 'decode' | 'encode';

const BODY_LIMIT_BYTES = 8 * 1024 * 1024;
const PER_MINUTE = 600;
/** What the UI sends beside the body (its `data-encoder.ts`). */
const HEADERS = 'content-type,x-namespace,authorization,authorization-extras';
const PREFLIGHT_SECONDS = 600;

/**
 * `/decode` and `/encode` as the Temporal UI expects them. Only pages of the UI's own origin are answered, only for
 * people who are signed in here and may see every finding, and not before the reading is on record.
 */
export function registerCodecServer(app: FastifyInstance, gateway: Gateway, server: CodecServer): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('vary', 'Origin').header('cache-control', 'no-store');
    const { origin } = request.headers;
    if (origin === undefined || !server.origins.includes(origin)) {
      gateway.metrics.refusal('codec-origin');
      throw new PageError(403, 'Not from here', 'Payloads are decoded for the Temporal UI only.');
    }
    reply.header('access-control-allow-origin', origin).header('access-control-allow-credentials', 'true');
  });
  for (const direction of ['decode', 'encode'] as const) {
    app.options(`/${direction}`, async (_request, reply) => preflight(reply));
    app.post(
      `/${direction}`,
      { bodyLimit: BODY_LIMIT_BYTES, config: { rateLimit: { max: PER_MINUTE, timeWindow: 60_000 } } },
      (request) => convert(gateway, server, direction, request),
    );
  }
}

function preflight(reply: FastifyReply): FastifyReply {
  return reply
    .status(204)
    .header('access-control-allow-methods', 'POST')
    .header('access-control-allow-headers', HEADERS)
    .header('access-control-max-age', String(PREFLIGHT_SECONDS))
    .send();
}

async function convert(
  gateway: Gateway,
  server: CodecServer,
  direction: Direction,
  request: FastifyRequest,
): Promise<{ payloads: readonly ReturnType<typeof toWire>[] }> {
  const person = await readerOf(gateway, request);
  if (request.headers['x-namespace'] !== server.namespace)
    throw new PageError(403, 'Another namespace', `This gateway has the keys of ${server.namespace} only.`);
  const { payloads } = parsed(PayloadsBody, request.body);
  const given = payloads.map(fromWire);
  await record(gateway, direction, { person, requestId: request.id, given, namespace: server.namespace });
  const converted = await Promise.all(given.map((payload) => one(server.codec, direction, payload)));
  return { payloads: converted.map(toWire) };
}

/** @throws PageError when nobody is signed in, or somebody who may not see every finding */
async function readerOf(gateway: Gateway, request: FastifyRequest): Promise<Person> {
  const secret = readSessionCookie(request, gateway.config);
  const session = secret === undefined ? undefined : await gateway.sessions.find(secret);
  if (session === undefined) {
    gateway.metrics.refusal('codec-session');
    throw new PageError(
      401,
      'Not signed in',
      `Sign in at ${gateway.config.publicUrl} in this browser, then reload.`,
    );
  }
  if (!seesAll(session.person)) {
    gateway.metrics.refusal('codec-role');
    throw new PageError(403, 'Not for you', 'Payloads are for people who may see every finding.');
  }
  return session.person;
}

/** Before anything is shown: a reading that cannot be recorded does not take place. */
async function record(
  gateway: Gateway,
  direction: Direction,
  read: { person: Person; requestId: string; given: readonly Payload[]; namespace: string },
): Promise<void> {
  const sha256 = createHash('sha256');
  for (const { data } of read.given) sha256.update(data ?? new Uint8Array());
  await gateway.ledger.audit([
    {
      id: `codec/${read.requestId}`,
      stream: 'gateway',
      type: `payload.${direction}d`,
      actor: read.person.id,
      atMs: gateway.now(),
      fields: { namespace: read.namespace, payloads: read.given.length, sha256: sha256.digest('hex') },
    },
  ]);
}

/** One that cannot be read (a key that is gone) goes back as it came, so that the others are still shown. */
async function one(codec: PayloadCodec, direction: Direction, payload: Payload): Promise<Payload> {
  if (direction === 'encode') return (await codec.encode([payload]))[0] ?? payload;
  try {
    return (await codec.decode([payload]))[0] ?? payload;
  } catch {
    return payload;
  }
}
