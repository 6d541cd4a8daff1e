import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { knownAs } from '../../../activities/directory/port.js';
import type { Confirmation } from '../../../activities/lifecycle/confirmation.js';
import type { SourceForecast } from '../../../activities/lifecycle/forecast.js';
import type { Gateway } from '../kit.js';
import { notFound, PageError } from '../page-error.js';
import { parsed } from './parse.js';

/** What sources would send, and letting them begin. */
export interface ForecastDesk {
  /** Forecasts of the named source, or of all. Sends nothing. */
  forecast(name?: string): Promise<readonly SourceForecast[]>;
  /** Keeps who let a source begin, and begins. */
  confirm(input: { name: string; by: string }): Promise<Confirmation>;
}

const query = z.object({ source: z.string().min(1).max(200).optional() });
const body = z.object({ source: z.string().min(1).max(200), person: z.string().min(1).max(254) });

/** Forecasts, and the confirmation without which nothing begins. */
export function registerForecastApi(app: FastifyInstance, gateway: Gateway): void {
  app.get('/forecast', async (request) => {
    const { source } = parsed(query, request.query);
    const sources = await deskOf(gateway).forecast(source);
    if (source !== undefined && sources.length === 0) throw notFound('source');
    return { sources };
  });

  app.post('/forecast/confirm', async (request) => {
    const { source, person } = parsed(body, request.body ?? {});
    const { directory } = gateway;
    const who = await knownAs(directory, person);
    if (who === undefined) throw notFound('person');
    const desk = deskOf(gateway);
    const found = (await desk.forecast(source)).find(({ name }) => name === source);
    if (found === undefined) throw notFound('source');
    return { ...found, confirmed: await desk.confirm({ name: source, by: who.id }) };
  });
}

function deskOf(gateway: Gateway): ForecastDesk {
  if (gateway.forecast !== undefined) return gateway.forecast;
  throw new PageError(
    503,
    'Not available just now',
    'This gateway takes no findings; start it with the intake.',
  );
}
