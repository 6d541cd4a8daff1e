import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { Failure, FailureType } from '../domain/failure.js';

/** One request to a vendor. */
export interface HttpRequest<Schema extends z.ZodType = z.ZodType> {
  /** What is being done, for error texts: `listing issues`. */
  doing: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query below the base URL. An absolute address is allowed on the same origin only. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  /** Sent as JSON unless it is a string, URLSearchParams or bytes. */
  body?: unknown;
  /** Shape of a good answer; what is not in it is ignored. */
  answer: Schema;
  timeoutMs?: number;
  signal?: AbortSignal;
  /** A write whose answer got lost may have happened: its time-out is `write.outcome_unknown`. */
  write?: boolean;
  /** Statuses beside 2xx whose body is parsed too. */
  alsoGood?: readonly number[];
}
export interface HttpAnswer<T> {
  status: number;
  headers: Headers;
  body: T;
}

/** Record of one call: what `call log` shows. Never a body. */
export interface HttpCall {
  vendor: string;
  doing: string;
  method: string;
  /** 0 when no answer came. */
  status: number;
  durationMs: number;
  /** SHA-256 of the answer's bytes in hex; absent when none came, or not all of it. */
  digest?: string;
}

export interface Http {
  send<Schema extends z.ZodType>(request: HttpRequest<Schema>): Promise<HttpAnswer<z.output<Schema>>>;
}

export interface HttpOptions {
  vendor: string;
  baseUrl: string;
  fetch: typeof globalThis.fetch;
  now: () => number;
  /** Headers of every request, e.g. authorization. Asked anew each time, so that a token may be refreshed. */
  headers?: () => Promise<Record<string, string>>;
  maxAnswerBytes?: number;
  onCall?: (call: HttpCall) => void;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/** Sends one request, parsed or failed. Never retries (Temporal does), never follows a redirect, never leaves the origin. */
export function createHttp(options: HttpOptions): Http {
  const base = new URL(options.baseUrl.endsWith('/') ? options.baseUrl : `${options.baseUrl}/`);
  return {
    async send(request) {
      const url = resolveOnOrigin(base, request.path, options.vendor);
      const startedAt = options.now();
      let status = 0;
      let response: Response;
      let bytes: Buffer | undefined;
      try {
        const answered = await exchange(url, request, options);
        status = answered.status;
        bytes = await readBounded(answered, request, options);
        response = answered;
      } finally {
        options.onCall?.({
          vendor: options.vendor,
          doing: request.doing,
          method: request.method,
          status,
          durationMs: options.now() - startedAt,
          ...(bytes !== undefined && { digest: createHash('sha256').update(bytes).digest('hex') }),
        });
      }
      const text = bytes.toString('utf8');
      if (!response.ok && request.alsoGood?.includes(response.status) !== true) {
        throw answerFailure(options.vendor, request, response, text);
      }
      return {
        status: response.status,
        headers: response.headers,
        body: parseAnswer(options.vendor, request, text),
      };
    },
  };
}

function resolveOnOrigin(base: URL, path: string, vendor: string): URL {
  const url = new URL(path.replace(/^\//, ''), base);
  if (url.origin !== base.origin) {
    throw new Failure(
      FailureType.VendorShape,
      `${vendor}: the next address leaves ${base.origin}; not followed`,
    );
  }
  return url;
}

async function exchange(url: URL, request: HttpRequest, options: HttpOptions): Promise<Response> {
  const timeout = AbortSignal.timeout(request.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const signal = request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]);
  const { body, type } = encodeBody(request.body);
  const headers = { accept: 'application/json', ...type, ...(await options.headers?.()), ...request.headers };
  try {
    return await options.fetch(url, {
      method: request.method,
      headers,
      signal,
      redirect: 'manual',
      ...(body !== undefined && { body }),
    });
  } catch (error) {
    if (request.signal?.aborted === true) throw request.signal.reason;
    const why = timeout.aborted ? 'no answer in time' : 'no connection';
    const type =
      request.write === true && timeout.aborted
        ? FailureType.WriteOutcomeUnknown
        : FailureType.VendorUnavailable;
    throw new Failure(type, `${options.vendor}: ${request.doing}: ${why}`, { cause: error });
  }
}

function encodeBody(body: unknown): {
  body?: NonNullable<RequestInit['body']>;
  type: Record<string, string>;
} {
  if (body === undefined) return { type: {} };
  if (typeof body === 'string' || body instanceof URLSearchParams || body instanceof Uint8Array) {
    return { body: body as NonNullable<RequestInit['body']>, type: {} };
  }
  return { body: JSON.stringify(body), type: { 'content-type': 'application/json' } };
}

async function readBounded(response: Response, request: HttpRequest, options: HttpOptions): Promise<Buffer> {
  const limit = options.maxAnswerBytes ?? DEFAULT_MAX_BYTES;
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += (chunk as Uint8Array).byteLength;
      if (size > limit) {
        throw new Failure(
          FailureType.VendorShape,
          `${options.vendor}: ${request.doing}: the answer has more than ${limit} bytes`,
        );
      }
      chunks.push(chunk as Uint8Array);
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    const type = request.write === true ? FailureType.WriteOutcomeUnknown : FailureType.VendorUnavailable;
    throw new Failure(type, `${options.vendor}: ${request.doing}: the answer broke off`, { cause: error });
  }
  return Buffer.concat(chunks);
}

function parseAnswer<Schema extends z.ZodType>(
  vendor: string,
  request: HttpRequest<Schema>,
  text: string,
): z.output<Schema> {
  let json: unknown;
  try {
    json = text === '' ? undefined : JSON.parse(text);
  } catch (error) {
    const what = /^\s*</.test(text) ? 'HTML instead of JSON (a sign-in page or a proxy?)' : 'no JSON';
    throw new Failure(FailureType.VendorShape, `${vendor}: ${request.doing}: ${what}`, { cause: error });
  }
  const parsed = request.answer.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Failure(
    FailureType.VendorShape,
    `${vendor}: ${request.doing}: unexpected answer at /${issue?.path.join('/') ?? ''}: ${issue?.message ?? 'unknown'}`,
  );
}

/** The failure that an unwelcome status is. The body's own words are kept short: they are outside text. */
function answerFailure(vendor: string, request: HttpRequest, response: Response, text: string): Failure {
  const { status } = response;
  const detail = /^\s*</.test(text) ? '' : text.replace(/\s+/g, ' ').slice(0, 300);
  const message = `${vendor}: ${request.doing}: HTTP ${status}${detail === '' ? '' : `: ${detail}`}`;
  if (status === 401 || status === 403) return new Failure(FailureType.VendorAuth, message);
  if (status === 429) return new Failure(FailureType.VendorThrottled, message, retryAfter(response.headers));
  if (status >= 500) {
    const type = request.write === true ? FailureType.WriteOutcomeUnknown : FailureType.VendorUnavailable;
    return new Failure(type, message, retryAfter(response.headers));
  }
  if (status >= 300 && status < 400)
    return new Failure(FailureType.VendorRejected, `${message}: a redirect is not followed`);
  return new Failure(FailureType.VendorRejected, message);
}

/** `Retry-After` as seconds or an HTTP date (RFC 9110, 10.2.3), bounded to an hour. */
export function retryAfter(headers: Headers): { retryAfterMs?: number } {
  const value = headers.get('retry-after');
  if (value === null) return {};
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) && ms >= 0 ? { retryAfterMs: Math.min(ms, 3_600_000) } : {};
}
