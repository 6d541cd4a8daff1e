/** Where a finding is in its life. */
export const STAGES = [
  'new',
  'enriching',
  'preparing',
  'explaining',
  'asking',
  'awaiting-decision',
  'remediating',
  'awaiting-merge',
  'awaiting-ticket',
  'verifying',
  'rolling-back',
  'clustered',
  'parked',
  'stopped',
  'closed',
] as const;
export type Stage = (typeof STAGES)[number];

/** How a life ends. */
export const OUTCOMES = [
  /** Applied, read back, and confirmed by the source's next scan. */
  'verified',
  /** The same, under a standing approval. */
  'auto-remediated',
  'rejected',
  /** Nobody decided in time. A timeout is a no. */
  'expired',
  /** Verification failed or newly denied requests appeared; the change was reversed. */
  'rolled-back',
  /** Fixed by us, yet the source still reports it after the configured time. */
  'fixed-still-open',
  /** A person was given the change as a ticket and it was not seen done in time. */
  'deferred',
  /** The identity is on the never-touch list: explained, never changed. */
  'never-touch',
  /** Guardrails said no. */
  'blocked',
  /** Phase observe: explained and listed, nothing asked. */
  'observed',
  /** The draft could not be proved, so nothing was asked. */
  'unproven',
  /** Nothing to change: a false alarm, or fixed already. */
  'no-change',
  /** The source closed it while we were at work. */
  'resolved-at-source',
  /** Kept, scored and listed only. */
  'below-floor',
  'cancelled',
  'stopped',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** How much Curtail may do for a finding; see the design's phases. */
export type Phase = 'observe' | 'assist' | 'automate';
/** The way that an approved change takes. */
export type Route = 'api' | 'pull-request' | 'ticket';

const ORDER: readonly Phase[] = ['observe', 'assist', 'automate'];
/** The more careful of two phases. */
export function lowerPhase(a: Phase, b: Phase): Phase {
  return ORDER.indexOf(a) <= ORDER.indexOf(b) ? a : b;
}
