/**
 * Every wait and time-out of a life, in milliseconds. Chosen once by a profile (`runtime/timing.ts`) and carried
 * in the workflow's input: demonstrations and tests run the same code in seconds.
 */
export interface Timing {
  /** One attempt of a read or ledger call. */
  readTimeoutMs: number;
  /** One attempt of a write. */
  writeTimeoutMs: number;
  /** One attempt of a model call. */
  thinkTimeoutMs: number;
  /** A write that stopped heartbeating for this long is given to another worker. */
  heartbeatMs: number;
  /** All attempts of one step together; then the finding parks. */
  giveUpMs: number;
  /** Pauses before a parked step is tried again by itself; the last one repeats. */
  parkRetriesMs: readonly number[];
  /** Scale of the ladder: 1 in life. */
  ladderFactor: number;
  /** Least time between the last delivered notice and expiry. */
  minNoticeMs: number;
  /** From apply to the first look for the source's next scan, and between looks. */
  verifyAfterMs: number;
  verifyEveryMs: number;
  /** When a source still reports what we fixed, after this long: `fixed-still-open`. */
  verifyGiveUpMs: number;
  /** Between looks at a pull request or a ticket that a person carries out, and how long in all. */
  watchEveryMs: number;
  watchGiveUpMs: number;
  /** How long beyond every deadline a cluster's member waits before it asks the ledger itself. */
  memberGraceMs: number;
}
