import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { html, type SafeHtml, safeUrl } from '../../../domain/text/html.js';
import { clearSessionCookie, readSessionCookie, writeSessionCookie } from '../cookies.js';
import { frameOf, type Gateway, postForm, readForm, refuseForeignOrigin, sendPage } from '../kit.js';

const SIGN_INS_PER_MINUTE = 10;
const CODES_PER_MINUTE = 20;

/** Sign-in in two steps, name and one-time code, and sign-out. */
export function registerSignIn(app: FastifyInstance, gateway: Gateway): void {
  app.get('/sign-in', async (request, reply) => {
    const next = nextOf(new URL(request.url, 'http://gateway').searchParams);
    return sendPage(reply, frameOf(gateway), { title: 'Sign in', body: askName(next) });
  });

  const begin = { config: { rateLimit: { max: SIGN_INS_PER_MINUTE, timeWindow: 60_000 } } };
  app.post('/sign-in', begin, async (request, reply) => {
    refuseForeignOrigin(gateway, request);
    const form = readForm(request);
    const { challenge } = await gateway.sessions.begin(form.get('who') ?? '');
    return sendPage(reply, frameOf(gateway), {
      title: 'Enter your code',
      body: askCode(challenge, nextOf(form)),
    });
  });

  const finish = { config: { rateLimit: { max: CODES_PER_MINUTE, timeWindow: 60_000 } } };
  app.post('/sign-in/code', finish, async (request, reply) => {
    refuseForeignOrigin(gateway, request);
    return complete(gateway, request, reply);
  });

  postForm(app, gateway, '/sign-out', async ({ session, reply }) => {
    await gateway.sessions.end(session);
    await record(gateway, 'signed-out', session.person.id);
    clearSessionCookie(reply, gateway.config);
    return reply.redirect('/sign-in', 303);
  });
}

async function complete(
  gateway: Gateway,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const form = readForm(request);
  const challenge = form.get('challenge') ?? '';
  const done = await gateway.sessions.complete(challenge, form.get('code') ?? '');
  if (done === undefined) {
    gateway.metrics.refusal('sign-in');
    const body = askCode(
      challenge,
      nextOf(form),
      'That code does not match, or it is too old. Check it, or start again.',
    );
    return sendPage(reply, frameOf(gateway), { title: 'Enter your code', body, status: 401 });
  }
  await endEarlier(gateway, request);
  await record(gateway, 'signed-in', done.session.person.id);
  writeSessionCookie(reply, gateway.config, done.secret, gateway.config.sessionTtlMinutes * 60);
  return reply.redirect(nextOf(form), 303);
}

/** A session that is replaced must not live on. */
async function endEarlier(gateway: Gateway, request: FastifyRequest): Promise<void> {
  const secret = readSessionCookie(request, gateway.config);
  const session = secret === undefined ? undefined : await gateway.sessions.find(secret);
  if (session !== undefined) await gateway.sessions.end(session);
}

async function record(gateway: Gateway, what: 'signed-in' | 'signed-out', personId: string): Promise<void> {
  const atMs = gateway.now();
  const id = `gateway/${what}/${personId}/${atMs}`;
  await gateway.ledger.audit([
    { id, stream: 'gateway', type: `session.${what}`, actor: personId, atMs, fields: {} },
  ]);
}

/** Where to go after sign-in: a path of ours, never another site. */
function nextOf(form: URLSearchParams): string {
  const next = form.get('next') ?? '/';
  return next.startsWith('/') && !next.startsWith('/sign-') ? (safeUrl(next) ?? '/') : '/';
}

function askName(next: string): SafeHtml {
  return html`<div class="narrow"><section class="card">
<h1>Sign in</h1>
<p class="lead">Enter your e-mail address or your id. A one-time code is then sent to you.</p>
<form method="post" action="/sign-in">
<input type="hidden" name="next" value="${next}">
<label for="who">E-mail or id</label>
<input type="text" id="who" name="who" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="254" required autofocus>
<button class="primary" type="submit">Send me a code</button>
</form>
</section></div>`;
}

function askCode(challenge: string, next: string, complaint?: string): SafeHtml {
  return html`<div class="narrow">
${complaint !== undefined && html`<p class="banner tone-bad" role="alert">${complaint}</p>`}
<section class="card">
<h1>Enter your code</h1>
<p class="lead">If you are known here, a six-digit code is on its way. Without a mail server it appears in the terminal that runs Curtail. It is good for five minutes and five tries.</p>
<form method="post" action="/sign-in/code">
<input type="hidden" name="next" value="${next}">
<input type="hidden" name="challenge" value="${challenge}">
<label for="code">Six-digit code</label>
<input class="code-input" type="text" id="code" name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="9" required autofocus>
<button class="primary" type="submit">Sign in</button>
</form>
<p class="small"><a href="/sign-in">Start again</a></p>
</section></div>`;
}
