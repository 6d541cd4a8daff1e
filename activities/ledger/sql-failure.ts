import { Failure, FailureType } from '../../domain/failure.js';

/** SQLSTATE classes after which the same statement may succeed later (PostgreSQL manual, appendix A). */
const TRANSIENT_CLASSES = new Set(['08', '53', '55', '57', '58']);
/** Serialisation failure and deadlock: the transaction was rolled back and may be tried again. */
const TRANSIENT_CODES = new Set(['40001', '40P01']);
/** What Node reports when the server is not there. */
const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);
/** `pg` reports a lost connection by text only. */
const LOST_CONNECTION = /connection terminated|timeout exceeded when trying to connect|not queryable/i;

/**
 * A database's error in the failure vocabulary: what may pass becomes `ledger.unavailable`, which is retried;
 * refused values become `input.invalid`; anything else is a fault of the statement and stays as it is.
 */
export function sqlFailure(error: unknown): Error {
  if (error instanceof Failure) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  if (isTransient(code, message)) {
    return new Failure(
      FailureType.LedgerUnavailable,
      `ledger: the database did not take the statement: ${message}`,
      {
        cause: error,
      },
    );
  }
  if (code?.startsWith('22') || code?.startsWith('23')) {
    return new Failure(FailureType.InvalidInput, `ledger: the database refused a value: ${message}`, {
      cause: error,
    });
  }
  return error instanceof Error ? error : new Error(message);
}

/** The SQLSTATE or system code that an error carries, if any. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function isTransient(code: string | undefined, message: string): boolean {
  if (code === undefined) return LOST_CONNECTION.test(message);
  return TRANSIENT_CODES.has(code) || NETWORK_CODES.has(code) || TRANSIENT_CLASSES.has(code.slice(0, 2));
}
