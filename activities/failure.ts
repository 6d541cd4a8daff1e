import { ApplicationFailure } from '@temporalio/common';
import { Failure, FailureType } from '../domain/failure.js';

/** Failures that another try may mend. Everything else is not retried: the finding parks and says why. */
const RETRYABLE: ReadonlySet<FailureType> = new Set<FailureType>([
  FailureType.VendorThrottled,
  FailureType.VendorUnavailable,
  FailureType.LedgerUnavailable,
  FailureType.WriteOutcomeUnknown,
  FailureType.ModelUnusable,
]);

/**
 * The one place that decides whether a failure is worth another try. Adapters report what happened; they never
 * choose. What is not one of our failures is a fault of ours: it is retried a while, and then parks as `unknown`.
 */
export function toTemporalFailure(error: unknown): unknown {
  if (!(error instanceof Failure)) return error;
  return ApplicationFailure.create({
    type: error.type,
    message: error.message,
    nonRetryable: !RETRYABLE.has(error.type),
    ...(error.retryAfterMs !== undefined && { nextRetryDelay: error.retryAfterMs }),
    ...(error.cause instanceof Error && { cause: error.cause }),
  });
}

/** Wraps activities so that every failure of ours crosses the boundary in Temporal's shape. */
export function withFailures<A extends object>(activities: A): A {
  const wrapped: Record<string, unknown> = {};
  for (const [name, activity] of Object.entries(activities)) {
    wrapped[name] = async (...input: unknown[]) => {
      try {
        return await (activity as (...given: unknown[]) => unknown)(...input);
      } catch (error) {
        throw toTemporalFailure(error);
      }
    };
  }
  return wrapped as A;
}
