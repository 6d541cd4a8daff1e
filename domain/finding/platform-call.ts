/** One call of a platform, redacted: what was done and how it went, never what was said. */
export interface PlatformCall {
  platform: string;
  /** The platform's own id of the finding; absent for lists. */
  sourceId?: string;
  atMs: number;
  method: string;
  /** In our words, such as `reading an issue`. */
  operation: string;
  /** HTTP status; 0 when no answer came. */
  status: number;
  /** SHA-256 of the answer's bytes; absent when none came. */
  digest?: string;
  durationMs: number;
}
