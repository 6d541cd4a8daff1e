import { randomUUID } from 'node:crypto';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyInstance } from 'fastify';
import { registerCodecServer } from '../codec-server/routes.js';
import { registerApi } from './api/api.js';
import { readAssets, serveAssets } from './assets.js';
import { openInbox } from './callback-inbox.js';
import { openDecider } from './decider.js';
import type { GatewayDeps } from './deps.js';
import { answerErrors } from './error-pages.js';
import { registerHealth } from './health.js';
import type { Gateway } from './kit.js';
import { openMetrics } from './metrics.js';
import { registerPages } from './pages/pages.js';
import { openSessions } from './sessions.js';
import { registerWebhooks } from './webhooks.js';

/** Forms and JSON bodies are small; findings come by their own, larger door. */
const BODY_LIMIT_BYTES = 256 * 1024;
/** Request ids hold a workflow id and more; the router's own limit is 100. */
const MAX_PARAM_LENGTH = 600;
const PER_MINUTE = 300;
/** Time for a whole request to arrive: an export may be large, and is taken only as fast as it can be recorded. */
const REQUEST_TIMEOUT_MS = 15 * 60_000;

/** Builds the gateway over what it is given. The caller listens and closes. */
export function createGateway(deps: GatewayDeps): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    genReqId: () => randomUUID(),
    trustProxy: deps.config.trustedProxies === undefined ? false : [...deps.config.trustedProxies],
  });
  const { assets, files } = readAssets();
  const metrics = openMetrics(app, deps.ledger);
  const decider = openDecider(deps, metrics);
  const routes =
    deps.openWebhooks?.({
      decider,
      metrics,
      answerQuestion: deps.answerQuestion,
      onClose: (end) => app.addHook('onClose', end),
    }) ?? [];
  const inbox = openInbox({ ...deps, metrics, routes });
  // What an earlier process took and could not deliver goes first.
  app.addHook('onReady', async () => inbox.wake());
  app.addHook('onClose', () => inbox.close());
  const gateway: Gateway = {
    ...deps,
    assets,
    metrics,
    decider,
    routes,
    inbox,
    sessions: openSessions({
      ledger: deps.ledger,
      directory: deps.directory,
      now: deps.now,
      ttlMs: deps.config.sessionTtlMinutes * 60_000,
      onSignInCode: deps.onSignInCode,
    }),
  };
  answerErrors(app, gateway);
  app.register(helmet, headersOf(deps));
  app.register(rateLimit, { max: PER_MINUTE, timeWindow: 60_000 });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.register(async (scope) => serveAssets(scope, files));
  app.register(async (scope) => registerHealth(scope, gateway));
  app.register(async (scope) => registerPages(scope, gateway));
  app.register(async (scope) => registerApi(scope, gateway), { prefix: '/api/v1' });
  const { codec } = deps;
  if (codec !== undefined)
    app.register(async (scope) => registerCodecServer(scope, gateway, codec), { prefix: '/codec' });
  app.register(async (scope) => registerWebhooks(scope, gateway), { prefix: '/webhooks' });
  return app;
}

/** Pages load our own files and nothing else; no script or style stands in a page. */
function headersOf({ config }: Pick<GatewayDeps, 'config'>): Parameters<typeof helmet>[1] {
  const own = ["'self'"];
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: own,
        styleSrc: own,
        imgSrc: own,
        connectSrc: own,
        formAction: own,
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: config.secureCookies,
    xFrameOptions: { action: 'deny' },
  };
}
