import { Failure, FailureType } from '../../domain/failure.js';

/** Wait of a throttled call whose answer names none; gateways in front of a product often do not. */
const DEFAULT_WAIT_MS = 60_000;

/** The same failure; one that asks to slow down without a time gets one. */
export function withPatience(error: unknown): unknown {
  const isBare =
    error instanceof Failure &&
    error.type === FailureType.VendorThrottled &&
    error.retryAfterMs === undefined;
  return isBare
    ? new Failure(error.type, error.message, { retryAfterMs: DEFAULT_WAIT_MS, cause: error })
    : error;
}
