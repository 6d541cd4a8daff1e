import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { html } from '../../domain/text/html.js';
import { frameOf, type Gateway, sendPage } from './kit.js';
import { PageError, toPageError } from './page-error.js';

/** Answers every error in the caller's own form: a page for people, JSON for programs. */
export function answerErrors(app: FastifyInstance, gateway: Gateway): void {
  app.setErrorHandler((error, request, reply) => {
    const shown = toPageError(error);
    if (shown.status >= 500) {
      const { message, stack } =
        error instanceof Error ? error : { message: String(error), stack: undefined };
      const fields = { requestId: request.id, route: request.routeOptions.url, error: message, stack };
      gateway.log('error', 'answering a request', fields);
    }
    return answer(gateway, request, reply, shown);
  });
  app.setNotFoundHandler((request, reply) =>
    answer(gateway, request, reply, new PageError(404, 'Not found', 'There is nothing at this address.')),
  );
}

function answer(
  gateway: Gateway,
  request: FastifyRequest,
  reply: FastifyReply,
  error: PageError,
): FastifyReply {
  if (/^\/(api|webhooks|codec)\//.test(request.url)) {
    const body = { error: { type: error.title, message: error.message, requestId: request.id } };
    return reply.status(error.status).header('cache-control', 'no-store').send(body);
  }
  const body = html`<div class="narrow"><section class="card">
<h1>${error.title}</h1>
<p>${error.message}</p>
<p><a class="button" href="/">To the inbox</a></p>
<p class="small soft">If it happens again, tell your operator this number: <code>${request.id}</code></p>
</section></div>`;
  return sendPage(reply, frameOf(gateway), { title: error.title, body, status: error.status });
}
