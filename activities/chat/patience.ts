import { Failure, FailureType } from '../../domain/failure.js';

/** Wait of a throttled call whose answer names none: chats count their limits over a minute. */
const DEFAULT_WAIT_MS = 30_000;

/** Runs a call; one that is throttled without a time gets one. */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isBare =
      error instanceof Failure &&
      error.type === FailureType.VendorThrottled &&
      error.retryAfterMs === undefined;
    throw isBare
      ? new Failure(error.type, error.message, { retryAfterMs: DEFAULT_WAIT_MS, cause: error })
      : error;
  }
}
