/** How long things may take, as data. All values are milliseconds. Workflows receive them in their input. */
export interface Timing {
  /** Reads of vendors, clouds and source control. */
  readTimeoutMs: number;
  /** Longest time for a read with all its retries. */
  readGiveUpMs: number;
  /** One attempt at a write. */
  writeTimeoutMs: number;
  /** Longest time for an idempotent write with all its retries. */
  writeGiveUpMs: number;
  /** A write that reports nothing for this long is on a dead worker. */
  heartbeatMs: number;
  /** One call of a language model. */
  thinkTimeoutMs: number;
  /** Longest time for a model call with all its retries; then the offline text is used. */
  thinkGiveUpMs: number;
  ledgerTimeoutMs: number;
  ledgerGiveUpMs: number;
  /** Factor on every wait of the approval ladder (`domain/approval/ladder.ts`); 1 is life. */
  ladderFactor: number;
  /** A request expires no earlier than this after the last delivered notice. */
  minNoticeMs: number;
  /** A person who was told often within this long gets the rest of it as one message; 0 never collects. */
  digestWindowMs: number;
  /** First look for the fix at the source after it was applied. */
  verifyAfterMs: number;
  /** Time between later looks. */
  verifyEveryMs: number;
  /** After this the source is believed to lag: `fixed-still-open`. */
  verifyGiveUpMs: number;
  /** Time between looks at a pull request or a ticket that a person works on. */
  routePollEveryMs: number;
  /** After this a pull request or ticket that nobody finished is `deferred`. */
  routeGiveUpMs: number;
  /** Waits before the first, second and third automatic try of a parked finding. */
  parkedRetriesMs: readonly number[];
  /** Time between polls of a source of findings. */
  pollEveryMs: number;
  /** A poll of a source reads everything again after this; in between, what changed. Absence shows in full polls only. */
  fullPollEveryMs: number;
  /** How long a cluster stays open for further members before its draft is shown. */
  clusterWaitMs: number;
}
