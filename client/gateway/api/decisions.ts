import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { MAX_KEPT_ACTIONS, MAX_REASON_LENGTH } from '../../../domain/approval/limits.js';
import type { Gateway } from '../kit.js';
import { notFound, PageError } from '../page-error.js';
import { parsed } from './parse.js';

const idParams = z.object({ id: z.string().min(1).max(512) });
const listQuery = z.object({
  person: z.string().max(256).optional(),
  status: z.enum(['open', 'approved', 'rejected', 'expired', 'void', 'edited']).optional(),
  finding: z.string().max(512).optional(),
  limit: z.coerce.number().int().min(0).max(10_000).default(100),
});
const beginBody = z.object({ person: z.string().min(1).max(254) });
const codeBody = z.object({ challenge: z.string().max(64), code: z.string().max(16) });
const decideBody = z.object({
  session: z.string().max(64),
  verdict: z.enum(['approve', 'reject', 'edit']),
  digest: z.string().min(1).max(128),
  reason: z.string().max(MAX_REASON_LENGTH).optional(),
  keepActions: z.array(z.string().min(1).max(256)).max(MAX_KEPT_ACTIONS).optional(),
  nonce: z.string().min(8).max(64).optional(),
});
const CODES_PER_MINUTE = 20;

/** Requests, with all that their pages show. */
export function registerRequestApi(app: FastifyInstance, { ledger }: Gateway): void {
  app.get('/requests', async (request) => {
    const { person, status, finding, limit } = parsed(listQuery, request.query);
    const requests = await ledger.requests({
      limit,
      ...(person !== undefined && { personId: person }),
      ...(status !== undefined && { status }),
      ...(finding !== undefined && { findingKey: finding }),
    });
    return { requests };
  });

  app.get('/requests/:id', async (request) => {
    const row = await ledger.request(parsed(idParams, request.params).id);
    if (row === undefined) throw notFound('request');
    const draft = await ledger.draft(row.request.digest);
    return { request: row, draft: draft ?? null };
  });
}

/** A person's sign-in at the command line, and their decisions. */
export function registerDecisionApi(app: FastifyInstance, gateway: Gateway): void {
  const { sessions } = gateway;
  const limited = { config: { rateLimit: { max: CODES_PER_MINUTE, timeWindow: 60_000 } } };
  app.post('/sign-in', limited, async (request) => sessions.begin(parsed(beginBody, request.body).person));

  app.post('/sign-in/code', limited, async (request) => {
    const { challenge, code } = parsed(codeBody, request.body);
    const done = await sessions.complete(challenge, code);
    if (done === undefined)
      throw new PageError(401, 'Not signed in', 'That code does not match, or it is too old.');
    const { person, expiresAtMs } = done.session;
    return { session: done.secret, person: { id: person.id, name: person.name }, expiresAtMs };
  });

  app.post('/requests/:id/decide', async (request) => {
    const { id } = parsed(idParams, request.params);
    const body = parsed(decideBody, request.body);
    const session = await sessions.find(body.session);
    if (session === undefined)
      throw new PageError(401, 'Not signed in', 'The sign-in is over; sign in again.');
    const outcome = await gateway.decider.decide({
      person: session.person,
      via: 'cli',
      authAtMs: session.authAtMs,
      requestId: id,
      digest: body.digest,
      verdict: body.verdict,
      nonce: body.nonce ?? randomUUID(),
      ...(body.reason !== undefined && { reason: body.reason }),
      ...(body.keepActions !== undefined && { keepActions: body.keepActions }),
    });
    return outcome.outcome === 'unsure' ? { outcome: 'unsure' } : outcome;
  });
}
