import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Gateway } from './kit.js';
import { PageError } from './page-error.js';
import { sameText } from './sessions.js';

const LOOPBACK = ['127.0.0.1', '::1', '::ffff:127.0.0.1'];

/** Whether the caller is on this machine itself, not behind a proxy on it. */
export function isLocal(request: FastifyRequest): boolean {
  const forwarded = request.headers['x-forwarded-for'] ?? request.headers['forwarded'];
  return forwarded === undefined && LOOPBACK.includes(request.socket.remoteAddress ?? '');
}

/** Whether the request carries the API's bearer token. */
export function hasToken(request: FastifyRequest, gateway: Pick<Gateway, 'token'>): boolean {
  const offered = request.headers.authorization ?? '';
  return offered.length <= 1_024 && sameText(offered, `Bearer ${gateway.token.reveal()}`);
}

/** Liveness, readiness and metrics. Metrics are for this machine, or for holders of the token. */
export function registerHealth(app: FastifyInstance, gateway: Gateway): void {
  app.get('/healthz', { config: { rateLimit: false } }, async () => ({ status: 'ok' }));
  app.get('/readyz', { config: { rateLimit: false } }, async (_request, reply) => {
    try {
      await gateway.ledger.ping();
      return { status: 'ready' };
    } catch (error) {
      gateway.log('warn', 'the ledger does not answer', { error: String(error) });
      return reply.status(503).send({ status: 'not ready', missing: ['ledger'] });
    }
  });
  app.get('/metrics', { config: { rateLimit: false } }, async (request, reply) => {
    if (!isLocal(request) && !hasToken(request, gateway)) {
      throw new PageError(401, 'Not signed in', 'Metrics are read from this machine, or with the API token.');
    }
    return reply.type(gateway.metrics.registry.contentType).send(await gateway.metrics.registry.metrics());
  });
}
