import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { signHeads } from '../../../runtime/audit-heads.js';
import type { Gateway } from '../kit.js';
import { auditLines } from '../pages/audit.js';
import { parsed } from './parse.js';

const heads = z.array(
  z.object({
    stream: z.string().max(1_024),
    position: z.number().int().positive(),
    hash: z.string().max(128),
  }),
);
const verifyBody = z.object({ heads: heads.max(100_000).default([]) });
const HEADS_BYTES = 16 * 1024 * 1024;

/** The audit chain: check it against exported heads, export its signed heads, export its rows. */
export function registerAuditApi(app: FastifyInstance, { ledger, signer, now }: Gateway): void {
  app.post('/audit/verify', { bodyLimit: HEADS_BYTES }, async (request) =>
    ledger.verifyAudit(parsed(verifyBody, request.body ?? {}).heads),
  );
  app.get('/audit/heads', async () => signHeads(await ledger.auditHeads(), signer, now()));
  app.get('/audit/export', async (_request, reply) =>
    reply.type('application/x-ndjson').send(Readable.from(auditLines(ledger))),
  );
}
