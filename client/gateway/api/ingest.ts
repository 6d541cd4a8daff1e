import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { FINDING_SOURCES } from '../../../domain/finding/finding.js';
import type { Gateway } from '../kit.js';
import { PageError } from '../page-error.js';
import { parsed } from './parse.js';

/** Largest export that is read in one go: several hundred thousand findings. */
const MAX_INGEST_BYTES = 1024 * 1024 * 1024;
const params = z.object({ source: z.enum(FINDING_SOURCES) });

/** Exports as platforms write them. The body is handed on as it comes, never held whole. */
export function registerIngestApi(app: FastifyInstance, gateway: Gateway): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  app.post('/ingest/:source', { bodyLimit: MAX_INGEST_BYTES }, async (request, reply) => {
    const { source } = parsed(params, request.params);
    if (gateway.intake === undefined) {
      throw new PageError(
        503,
        'Not available just now',
        'This gateway takes no findings; start it with the intake.',
      );
    }
    const body = request.body instanceof Readable ? request.body : Readable.from([]);
    const receipt = await gateway.intake({ source, body: Readable.from(bounded(body)), via: 'api' });
    return reply.status(202).send(receipt);
  });
}

async function* bounded(body: Readable): AsyncGenerator<Uint8Array> {
  let seen = 0;
  for await (const chunk of body) {
    const bytes: Uint8Array = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    seen += bytes.length;
    if (seen > MAX_INGEST_BYTES)
      throw new PageError(413, 'Too large', 'Split the export into smaller files.');
    yield bytes;
  }
}
