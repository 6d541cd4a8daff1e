import { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import type { AdapterDeps } from '../../adapter.js';
import { createHttp, type HttpRequest } from '../../http.js';
import { withPatience } from '../patience.js';
import type { ServiceNowConfig } from './config.js';
import { openSession, type Session } from './session.js';

/** One request to the instance. */
export interface Sending {
  /** What is being done, for error texts. */
  doing: string;
  method: 'GET' | 'POST' | 'PATCH';
  path: string;
  body?: string;
  headers?: Readonly<Record<string, string>>;
  write?: boolean;
}
/** `total` counts the rows that matched before access rules hid some; undefined when the instance does not say. */
export interface Received {
  result: unknown;
  total?: number;
}
/** One call to ServiceNow; rejects with the shared failure vocabulary, never answers an error as a result. */
export type Send = (sending: Sending) => Promise<Received>;

const Envelope = z.looseObject({
  result: z.unknown().optional(),
  error: z
    .object({ message: z.string().catch('no reason given'), detail: z.string().nullish().catch(null) })
    .optional(),
});

/** Opens the way to the instance: signed in, bounded, without redirects and retries, every refusal named. */
export async function openTransport(config: ServiceNowConfig, deps: AdapterDeps): Promise<Send> {
  const session = await openSession(config, deps);
  const http = createHttp({
    vendor: 'servicenow',
    baseUrl: config.url,
    fetch: signedIn(deps.fetch, session),
    now: deps.now,
    headers: async () => ({ authorization: await session.header() }),
    onCall: (call) => deps.log('debug', 'call', { ...call }),
  });
  const exchange = (request: HttpRequest<typeof Envelope>) =>
    http.send(request).catch((error: unknown) => {
      throw withPatience(error);
    });
  return async (sending) => {
    const { status, headers, body } = await exchange({
      ...sending,
      answer: Envelope,
      alsoGood: [400, 403, 404],
      timeoutMs: config.timeoutMs,
    });
    if (status >= 400 || body.error !== undefined) throw refusal(sending.doing, status, body.error);
    if (body.result === undefined)
      throw new Failure(FailureType.VendorShape, `servicenow: ${sending.doing}: the answer has no result`);
    const total = Number(headers.get('x-total-count') ?? Number.NaN);
    return { result: body.result, ...(Number.isInteger(total) && { total }) };
  };
}

/** 403 stands for missing rights and, as well, for a business rule or data policy that says no: only the detail tells. */
function refusal(
  doing: string,
  status: number,
  error: { message: string; detail?: string | null | undefined } | undefined,
): Failure {
  const words = [error?.message, error?.detail].filter((text) => text !== undefined && text !== null);
  const text = words.join(': ').replace(/\s+/g, ' ').slice(0, 300);
  const message = `servicenow: ${doing}: HTTP ${status}: ${text === '' ? 'no reason given' : text}`;
  if (status === 404) return new Failure(FailureType.NotFound, message);
  const byRule = /business rule|data policy/i.test(text);
  const noRights = status === 403 || /not authenticated|not authorized/i.test(text);
  return new Failure(noRights && !byRule ? FailureType.VendorAuth : FailureType.VendorRejected, message);
}

/**
 * A token can end in the middle of a run: a 401 was not carried out, so it is sent again with a new one, once.
 * A hibernating instance and a sign-in page answer 200 with a web page: that is as good as 503.
 */
function signedIn(fetch: typeof globalThis.fetch, session: Session): typeof globalThis.fetch {
  return async (input, init) => {
    const headers = new Headers(init?.headers);
    let response = await fetch(input, init);
    if (response.status === 401) {
      const renewed = await session.renewed(headers.get('authorization') ?? '').catch(() => undefined);
      if (renewed !== undefined) {
        headers.set('authorization', renewed);
        await response.body?.cancel();
        response = await fetch(input, { ...init, headers });
      }
    }
    const isPage = response.ok && response.headers.get('content-type')?.startsWith('text/html') === true;
    if (!isPage) return response;
    await response.body?.cancel();
    return new Response('the instance shows a web page: it hibernates, or asks for a sign-in', {
      status: 503,
    });
  };
}
