import type { Json } from '../../domain/json.js';

/** One closed run of a workflow. */
export interface ClosedRun {
  workflowId: string;
  runId: string;
  closedAtMs: number;
  /** The finding whose life it was, when it was one. */
  findingKey?: string;
}

/** Histories of closed runs, as the server still has them. */
export interface Histories {
  /** Runs that closed at or after a moment, ms since the epoch; 0 for all. */
  closed(sinceMs: number): AsyncIterable<ClosedRun>;
  /** The whole history as JSON, as `temporal workflow show -o json` prints it. */
  read(run: ClosedRun): Promise<Json>;
}
