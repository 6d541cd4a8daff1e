import type { FastifyInstance } from 'fastify';
import type { Gateway } from '../kit.js';
import { registerAuditPages } from './audit.js';
import { registerBlamePage } from './blame.js';
import { registerDecisions } from './decisions.js';
import { registerDigestPage } from './digest.js';
import { registerFindingPages } from './findings.js';
import { registerInbox } from './inbox.js';
import { registerOwnerPages } from './owners.js';
import { registerRequestPage } from './request.js';
import { registerSignIn } from './sign-in.js';
import { registerTicketPages } from './tickets.js';
import { registerUndo } from './undo.js';

/** Everything that people open in a browser. Forms arrive as `URLSearchParams`. */
export function registerPages(app: FastifyInstance, gateway: Gateway): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => {
      done(null, new URLSearchParams(String(body)));
    },
  );
  registerSignIn(app, gateway);
  registerInbox(app, gateway);
  registerRequestPage(app, gateway);
  registerDecisions(app, gateway);
  registerFindingPages(app, gateway);
  registerUndo(app, gateway);
  registerBlamePage(app, gateway);
  registerOwnerPages(app, gateway);
  registerDigestPage(app, gateway);
  registerTicketPages(app, gateway);
  registerAuditPages(app, gateway);
}
