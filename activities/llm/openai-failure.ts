import { APIConnectionError, APIError, APIUserAbortError } from 'openai';
import { Failure, FailureType } from '../../domain/failure.js';

/** Refusals of one request that no other try of the same request would mend, but a shorter or other text might. */
const UNUSABLE_CODES = new Set(['context_length_exceeded', 'content_filter', 'string_above_max_length']);

/**
 * What the client threw, in our vocabulary. All its errors are named `Error`, so this asks for class and status.
 * A cancellation is not a failure: it comes back as it was.
 */
export function modelFailure(error: unknown, provider: string, signal: AbortSignal | undefined): unknown {
  if (error instanceof APIUserAbortError || signal?.aborted === true) return signal?.reason ?? error;
  const doing = `${provider}: asking the model`;
  // Before APIError, which it extends; a time-out extends it in turn.
  if (error instanceof APIConnectionError) {
    return new Failure(FailureType.VendorUnavailable, `${doing}: no answer`, { cause: error });
  }
  if (error instanceof APIError) return answerFailure(error, doing);
  return new Failure(FailureType.ModelUnusable, `${doing}: the answer cannot be read`, { cause: error });
}

function answerFailure(error: APIError, doing: string): Failure {
  const status: number | undefined = error.status;
  const code = typeof error.code === 'string' ? error.code : undefined;
  // The vendor's own text may repeat the prompt, so only status and code are told.
  const message = `${doing}: HTTP ${status ?? 'unknown'}${code === undefined ? '' : ` ${code.slice(0, 80)}`}`;
  if (code !== undefined && UNUSABLE_CODES.has(code)) return new Failure(FailureType.ModelUnusable, message);
  if (status === 401 || status === 403) return new Failure(FailureType.VendorAuth, message);
  if (status === 429 && code !== 'insufficient_quota') {
    const retryAfterMs = retryAfterOf(error.headers);
    return new Failure(
      FailureType.VendorThrottled,
      message,
      retryAfterMs === undefined ? {} : { retryAfterMs },
    );
  }
  if (status === undefined || status === 409 || status >= 500)
    return new Failure(FailureType.VendorUnavailable, message);
  return new Failure(FailureType.VendorRejected, message);
}

/** Seconds of `retry-after` (RFC 9110 §10.2.3) as milliseconds, at most an hour. */
function retryAfterOf(headers: Headers | undefined): number | undefined {
  const seconds = Number(headers?.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 3_600) * 1_000 : undefined;
}
