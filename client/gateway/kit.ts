import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Person } from '../../domain/approval/request.js';
import type { SafeHtml } from '../../domain/text/html.js';
import type { Assets } from './assets.js';
import type { CallbackInbox } from './callback-inbox.js';
import { clearSessionCookie, readSessionCookie } from './cookies.js';
import type { Decider } from './decider.js';
import type { GatewayDeps } from './deps.js';
import { type Flash, type Frame, page, type Section } from './layout.js';
import type { Metrics } from './metrics.js';
import { isOwnOrigin } from './origin.js';
import { PageError } from './page-error.js';
import { type Session, type Sessions, sameText } from './sessions.js';
import type { WebhookRoute } from './webhooks.js';

/** What every route of the gateway works with. */
export interface Gateway extends GatewayDeps {
  sessions: Sessions;
  metrics: Metrics;
  decider: Decider;
  assets: Assets;
  /** Doors for deliveries, and what was taken at them and is still to be done. */
  routes: readonly WebhookRoute[];
  inbox: CallbackInbox;
}

/** One request by a signed-in person. */
export interface Visit {
  gateway: Gateway;
  request: FastifyRequest;
  reply: FastifyReply;
  session: Session;
  person: Person;
  nowMs: number;
}
type PageHandler = (visit: Visit) => Promise<FastifyReply>;
type FormHandler = (visit: Visit, form: URLSearchParams) => Promise<FastifyReply>;

const FLASH_TTL_MS = 5 * 60_000;
const flashSchema = z.object({ tone: z.enum(['good', 'warn', 'bad']), text: z.string() });
const idSchema = z.object({ id: z.string().min(1).max(512) });

/** A page for signed-in people; others are sent to sign in and come back. */
export function getPage(app: FastifyInstance, gateway: Gateway, path: string, handler: PageHandler): void {
  app.get(path, async (request, reply) => {
    const visit = await visitOf(gateway, request, reply);
    if (visit === undefined) return reply.redirect(`/sign-in?next=${encodeURIComponent(request.url)}`, 303);
    return handler(visit);
  });
}

/** A form of a signed-in person: it must come from a page of ours and carry the session's token. */
export function postForm(
  app: FastifyInstance,
  gateway: Gateway,
  path: string,
  handler: FormHandler,
  perMinute = 60,
): void {
  app.post(
    path,
    { config: { rateLimit: { max: perMinute, timeWindow: 60_000 } } },
    async (request, reply) => {
      refuseForeignOrigin(gateway, request);
      const visit = await visitOf(gateway, request, reply);
      if (visit === undefined) return reply.redirect('/sign-in', 303);
      const form = readForm(request);
      if (!sameText(form.get('csrf') ?? '', visit.session.csrf)) {
        gateway.metrics.refusal('csrf');
        throw new PageError(
          403,
          'Please try again',
          'The page was from an earlier sign-in. Go back, reload it, and send the form again.',
        );
      }
      return handler(visit, form);
    },
  );
}

/** @throws PageError when another site sent the form. */
export function refuseForeignOrigin(gateway: Gateway, request: FastifyRequest): void {
  if (isOwnOrigin(request.headers, gateway.config.publicUrl)) return;
  gateway.metrics.refusal('origin');
  throw new PageError(
    403,
    'Not from here',
    'This form was not sent from a page of Curtail. Open Curtail at its own address and try again.',
  );
}

/** The body of a form; an empty one when there was none. */
export function readForm(request: FastifyRequest): URLSearchParams {
  return request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
}

/** The `:id` of the path. @throws PageError 404 on one that cannot be. */
export function pathId(request: FastifyRequest): string {
  const parsed = idSchema.safeParse(request.params);
  if (!parsed.success) throw new PageError(404, 'Not found', 'There is no such page.');
  return parsed.data.id;
}

async function visitOf(
  gateway: Gateway,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Visit | undefined> {
  const secret = readSessionCookie(request, gateway.config);
  if (secret === undefined) return undefined;
  const session = await gateway.sessions.find(secret);
  if (session !== undefined) {
    return { gateway, request, reply, session, person: session.person, nowMs: gateway.now() };
  }
  clearSessionCookie(reply, gateway.config);
  return undefined;
}

/** What a page says for itself. */
export interface Content {
  title: string;
  section?: Section;
  body: SafeHtml;
  refreshSeconds?: number;
  status?: number;
}

/** Sends a page to a signed-in person, with what happened last shown once. */
export async function show(visit: Visit, content: Content): Promise<FastifyReply> {
  const flash = await takeFlash(visit);
  const frame = { ...frameOf(visit.gateway), session: visit.session, ...(flash !== undefined && { flash }) };
  return sendPage(visit.reply, frame, content);
}

/** The frame that all pages share. */
export function frameOf(gateway: Pick<Gateway, 'assets' | 'config' | 'tickets'>): Frame {
  const { organisation } = gateway.config;
  return {
    assets: gateway.assets,
    tickets: gateway.tickets !== undefined,
    ...(organisation !== undefined && { organisation }),
  };
}

/** Sends a page; pages are never stored by browsers or proxies. */
export function sendPage(reply: FastifyReply, frame: Frame, content: Content): FastifyReply {
  const framed = content.section === undefined ? frame : { ...frame, section: content.section };
  return reply
    .status(content.status ?? 200)
    .type('text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(page(framed, content).text);
}

/** Answers a form by going to a page that says what happened, so that reloading sends nothing twice. */
export async function goTo(visit: Visit, path: string, flash?: Flash): Promise<FastifyReply> {
  if (flash !== undefined) {
    await visit.gateway.ledger.putItem({
      bucket: 'flash',
      key: visit.session.key,
      value: { tone: flash.tone, text: flash.text },
      expiresAtMs: visit.nowMs + FLASH_TTL_MS,
    });
  }
  return visit.reply.redirect(path, 303);
}

async function takeFlash({ gateway, session, nowMs }: Visit): Promise<Flash | undefined> {
  const stored = flashSchema.safeParse(await gateway.ledger.item('flash', session.key, nowMs));
  if (!stored.success) return undefined;
  await gateway.ledger.removeItem('flash', session.key);
  return stored.data;
}
