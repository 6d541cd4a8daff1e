/** A file of a change. Paths are relative to the repository's root. */
export interface ChangeFile {
  path: string;
  text: string;
}

/** A change to be offered as a branch with its files, found again by its key. */
export interface ChangeRequest {
  /** Names the change; the same branch is never opened twice. */
  branch: string;
  title: string;
  /** Markdown. */
  body: string;
  files: readonly ChangeFile[];
  /** Idempotency key: workflow id + step + generation. */
  key: string;
}

/** Where an offered change can be read and merged. */
export interface OpenedChange {
  /** The host's own reference; what `changeState` takes. */
  ref: string;
  url: string;
}

/** How far people came with an offered change: open, merged or closed. */
export type ChangeHostState =
  | { state: 'open' }
  | { state: 'merged'; mergedCommit: string }
  | { state: 'closed'; reason?: string };

/** How far the pipeline came with a merged change. */
export type PipelineState =
  | { state: 'none' | 'running' }
  | { state: 'succeeded' }
  | { state: 'failed'; reason: string };

/** Where infrastructure code lives and changes are reviewed. */
export interface ChangeHost {
  readonly vendor: string;
  /** Finds the change of `branch` or opens it. @throws Failure `vendor.rejected`, `input.invalid` */
  openChange(request: ChangeRequest): Promise<OpenedChange>;
  /** @throws Failure `input.not_found` when the host does not know the reference. */
  changeState(ref: string): Promise<ChangeHostState>;
  /** What the pipeline made of a merged commit. */
  pipelineState(commit: string): Promise<PipelineState>;
}
