import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Replayed } from '../../../activities/lifecycle/replay.js';
import type { QuarantineRow } from '../../../domain/finding/quarantine.js';
import type { Gateway } from '../kit.js';
import { notFound, PageError } from '../page-error.js';
import { parsed } from './parse.js';

/** Refused records, and reading them again. */
export interface QuarantineDesk {
  /** Those that wait, newest first. */
  list(): Promise<readonly QuarantineRow[]>;
  record(id: number): Promise<QuarantineRow | undefined>;
  replay(row: QuarantineRow): Promise<Replayed>;
}

const params = z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });

/** What came is left out of lists, since records may be large. */
export type QuarantineLine = Omit<QuarantineRow, 'original'>;

/** The quarantine of records that no mapper understood. */
export function registerQuarantineApi(app: FastifyInstance, gateway: Gateway): void {
  app.get('/quarantine', async () => ({
    records: (await deskOf(gateway).list()).map(({ original: _original, ...row }) => row),
  }));

  app.get('/quarantine/:id', async (request) => recordOf(gateway, parsed(params, request.params).id));

  app.post('/quarantine/:id/replay', async (request) =>
    deskOf(gateway).replay(await recordOf(gateway, parsed(params, request.params).id)),
  );

  app.post('/quarantine/replay', async () => {
    const desk = deskOf(gateway);
    const results: Replayed[] = [];
    for (const row of (await desk.list()).toReversed()) results.push(await desk.replay(row));
    return { results };
  });
}

function deskOf(gateway: Gateway): QuarantineDesk {
  if (gateway.quarantine !== undefined) return gateway.quarantine;
  throw new PageError(
    503,
    'Not available just now',
    'This gateway takes no findings; start it with the intake.',
  );
}

async function recordOf(gateway: Gateway, id: number): Promise<QuarantineRow> {
  const row = await deskOf(gateway).record(id);
  if (row === undefined) throw notFound('record');
  return row;
}
