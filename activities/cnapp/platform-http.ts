import type { z } from 'zod';
import { Failure, FailureType } from '../../domain/failure.js';
import type { Secret } from '../../runtime/secret.js';
import type { AdapterDeps } from '../adapter.js';
import { createHttp, type Http, type HttpAnswer, type HttpRequest } from '../http.js';
import type { Tokens } from './tokens.js';

/** Largest answer that is read; a page of findings is a tenth of it. Smaller pages mend what is larger. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/** How one platform is talked to. */
export interface PlatformHttpOptions {
  vendor: string;
  baseUrl: string;
  deps: Pick<AdapterDeps, 'fetch' | 'now' | 'log' | 'onCall'>;
  /** Sign-in; absent for the sign-in call itself. */
  tokens?: Tokens;
  /** Headers that carry the token. */
  authorise?: (token: Secret) => Record<string, string>;
  headers?: Readonly<Record<string, string>>;
  /** Puts into standard headers and body what the platform says elsewhere. */
  mend?: (response: Response) => Response;
  /** What to check, by fault. */
  hints: { address: string; auth: string };
}

/**
 * HTTP to a platform. A token that the platform refuses is renewed once; nothing else is ever sent twice. Failures say
 * what to check.
 */
export function platformHttp(options: PlatformHttpOptions): Http {
  const http = createHttp({
    vendor: options.vendor,
    baseUrl: options.baseUrl,
    fetch: authorisedFetch(options),
    now: options.deps.now,
    maxAnswerBytes: MAX_ANSWER_BYTES,
    ...(options.headers !== undefined && { headers: async () => ({ ...options.headers }) }),
    onCall: (call) => {
      const { vendor, doing, method, status, durationMs } = call;
      options.deps.log('debug', 'call', { vendor, doing, method, status, durationMs });
      options.deps.onCall?.(call);
    },
  });
  return {
    async send<Schema extends z.ZodType>(
      request: HttpRequest<Schema>,
    ): Promise<HttpAnswer<z.output<Schema>>> {
      try {
        return await http.send(request);
      } catch (error) {
        throw withHint(error, options.hints);
      }
    },
  };
}

/** Adds the token, and renews it once when it is refused: a request that got 401 was not carried out. */
function authorisedFetch(options: PlatformHttpOptions): typeof globalThis.fetch {
  const { tokens, authorise, deps } = options;
  const mend = options.mend ?? ((response: Response) => response);
  if (tokens === undefined || authorise === undefined) {
    return async (input, init) => mend(await deps.fetch(input, init));
  }
  const attempt = async (input: Parameters<typeof fetch>[0], init: RequestInit | undefined, token: Secret) =>
    deps.fetch(input, {
      ...init,
      headers: { ...(init?.headers as Record<string, string>), ...authorise(token) },
    });
  return async (input, init) => {
    const token = await tokens.get();
    const first = await attempt(input, init, token);
    if (first.status !== 401) return mend(first);
    await first.body?.cancel();
    tokens.drop(token);
    return mend(await attempt(input, init, await tokens.get()));
  };
}

function withHint(error: unknown, hints: PlatformHttpOptions['hints']): unknown {
  if (!(error instanceof Failure)) return error;
  // A failed sign-in happens inside the call that needed the token: it is what matters, not "no connection".
  if (error.cause instanceof Failure) return error.cause;
  const hint =
    error.type === FailureType.VendorAuth ? hints.auth : isNameUnknown(error) ? hints.address : undefined;
  if (hint === undefined || error.message.endsWith(hint)) return error;
  return new Failure(error.type, `${error.message}; ${hint}`, {
    cause: error,
    ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
  });
}

/** Whether the host does not exist, which is what a wrong region or tenant looks like. */
function isNameUnknown(error: Error): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && (cause.code === 'ENOTFOUND' || cause.code === 'EAI_AGAIN')) return true;
  }
  return false;
}

/** The answer with a `Retry-After` that the platform states in another header, and with words for an empty body. */
export function mended(response: Response, more: { retryAfterSeconds?: number; body?: string }): Response {
  const headers = new Headers(response.headers);
  if (more.retryAfterSeconds !== undefined && !headers.has('retry-after')) {
    headers.set('retry-after', String(Math.ceil(more.retryAfterSeconds)));
  }
  headers.delete('content-encoding');
  headers.delete('content-length');
  const body = response.status === 204 ? null : (more.body ?? response.body);
  return new Response(body, { status: response.status, statusText: response.statusText, headers });
}
