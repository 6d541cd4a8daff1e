import type { FastifyInstance } from 'fastify';
import { hasToken, isLocal } from '../health.js';
import type { Gateway } from '../kit.js';
import { PageError } from '../page-error.js';
import { registerAuditApi } from './audit.js';
import { registerBlameApi } from './blame.js';
import { registerDecisionApi, registerRequestApi } from './decisions.js';
import { registerCommandApi, registerFindingApi, registerUndoApi, registerWatchApi } from './findings.js';
import { registerForecastApi } from './forecast.js';
import { registerHistoryApi } from './histories.js';
import { registerIngestApi } from './ingest.js';
import { registerOwnerApi } from './owners.js';
import { registerQuarantineApi } from './quarantine.js';

/**
 * The JSON API of the command line: on this machine only, for holders of the token file. Whoever holds the token
 * operates Curtail; deciding still needs a person's own sign-in.
 */
export function registerApi(app: FastifyInstance, gateway: Gateway): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    if (!isLocal(request)) {
      gateway.metrics.refusal('api-remote');
      throw new PageError(403, 'Not from here', 'The API answers on this machine only.');
    }
    if (!hasToken(request, gateway)) {
      gateway.metrics.refusal('api-token');
      throw new PageError(
        401,
        'Not signed in',
        'Send the token of the token file as "Authorization: Bearer …".',
      );
    }
  });
  registerFindingApi(app, gateway);
  registerWatchApi(app, gateway);
  registerCommandApi(app, gateway);
  registerUndoApi(app, gateway);
  registerBlameApi(app, gateway);
  registerRequestApi(app, gateway);
  registerDecisionApi(app, gateway);
  registerAuditApi(app, gateway);
  registerHistoryApi(app, gateway);
  registerQuarantineApi(app, gateway);
  registerOwnerApi(app, gateway);
  registerForecastApi(app, gateway);
  app.register(async (scope) => registerIngestApi(scope, gateway));
}
