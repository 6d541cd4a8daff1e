/**
 * Failure types that cross the activity boundary. Workflows branch on these and on nothing else:
 * an error's class does not survive the boundary, and its text is for people.
 */
export const FailureType = {
  /** Wrong, expired or insufficient credentials at a vendor. */
  VendorAuth: 'vendor.auth',
  /** The vendor asks to slow down. Retried after its own delay. */
  VendorThrottled: 'vendor.throttled',
  /** The vendor is down or unreachable. Retried. */
  VendorUnavailable: 'vendor.unavailable',
  /** The vendor understood and said no. Not retried. */
  VendorRejected: 'vendor.rejected',
  /** The vendor's answer has a shape that we do not know. Not retried. */
  VendorShape: 'vendor.shape',
  /** A write was sent and no answer came: it may or may not have happened. Look before writing again. */
  WriteOutcomeUnknown: 'write.outcome_unknown',
  /** The ledger cannot be reached. Retried. */
  LedgerUnavailable: 'ledger.unavailable',
  /** What the caller named does not exist. Not retried. */
  NotFound: 'input.not_found',
  /** The caller's input is malformed. Not retried. */
  InvalidInput: 'input.invalid',
  /** The change worker refused to act: digest, grants, switch or state do not allow it. Not retried. */
  ApplyRefused: 'apply.refused',
  /** What is there now is not what the draft was computed from. Not retried: the draft is void. */
  ApplyConflict: 'apply.conflict',
  /** The kill switch is on. */
  ApplyStopped: 'apply.stopped',
  /** The cloud refused the change (limits, malformed document, dependency). Not retried. */
  CloudRejected: 'cloud.rejected',
  /** A model gave no usable answer. */
  ModelUnusable: 'model.unusable',
} as const;
export type FailureType = (typeof FailureType)[keyof typeof FailureType];

/**
 * What an adapter throws. The activity layer turns it into Temporal's failure in one place
 * (`activities/failure.ts`); adapters say what happened and never choose whether it is retried.
 */
export class Failure extends Error {
  readonly type: FailureType;
  /** How long the other side asked us to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  constructor(type: FailureType, message: string, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'Failure';
    this.type = type;
    this.retryAfterMs = options.retryAfterMs;
  }
}
