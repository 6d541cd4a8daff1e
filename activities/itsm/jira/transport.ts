import type { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import type { AdapterDeps } from '../../adapter.js';
import { createHttp, type HttpAnswer, type HttpRequest } from '../../http.js';
import { withPatience } from '../patience.js';
import type { JiraConfig } from './config.js';

/** One call to Jira, its answer parsed by the schema given; rejects with the shared failure vocabulary. */
export type Send = <Schema extends z.ZodType>(
  request: HttpRequest<Schema>,
) => Promise<HttpAnswer<z.output<Schema>>>;

/** Opens the way to the site. The token is fetched for every call, so that a rotated one counts at once. */
export function openTransport(config: JiraConfig, deps: AdapterDeps): Send {
  const { auth } = config;
  const baseUrl =
    auth.cloudId === undefined ? config.url : new URL(`/ex/jira/${auth.cloudId}`, config.apiUrl).href;
  const http = createHttp({
    vendor: 'jira',
    baseUrl,
    fetch: deps.fetch,
    now: deps.now,
    headers: async () => {
      const token = await deps.resolveSecret(auth.token);
      if (auth.email === undefined) return { authorization: `Bearer ${token.reveal()}` };
      const pair = Buffer.from(`${auth.email}:${token.reveal()}`).toString('base64');
      return { authorization: `Basic ${pair}` };
    },
    onCall: (call) => deps.log('debug', 'call', { ...call }),
  });
  return async (request) => {
    try {
      const answer = await http.send({ timeoutMs: config.timeoutMs, ...request });
      refuseAnonymous(answer.headers, request.doing);
      return answer;
    } catch (error) {
      throw withPatience(error);
    }
  };
}

/** A refused Basic pair is served as nobody: searches are empty then and issues missing, with status 200 and 404. */
export function refuseAnonymous(headers: Headers, doing: string): void {
  const reason = headers.get('x-seraph-loginreason') ?? '';
  if (!/FAILED|DENIED/.test(reason)) return;
  throw new Failure(
    FailureType.VendorAuth,
    `jira: ${doing}: the site did not take the account's token and answered as to nobody; renew the token`,
  );
}
