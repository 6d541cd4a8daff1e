import type { FindingKind, Severity } from '../../domain/finding/finding.js';
import type { Phase } from '../../domain/lifecycle/stage.js';

/** A finding whose life shall begin, or begin anew. */
export interface StartFinding {
  key: string;
  source: string;
  generation: number;
  kind: FindingKind;
  severity: Severity;
  subject: string;
  account?: string;
  phase: Phase;
  riskScore: number;
  /** What it shares with others; then it joins that cluster. */
  rootCause?: string;
}

/** A finding whose cluster does not run any more. */
export interface ReleasedMember {
  key: string;
  /** The member's own workflow. */
  workflowId: string;
  clusterId: string;
  note: string;
}

/** Starts lives. Starting what runs already does nothing. Implemented over Temporal's client, handed in. */
export interface LifecycleStarter {
  /** The ids that it will have; nothing is started. */
  ids(finding: StartFinding): { workflowId: string; clusterId?: string };
  start(findings: readonly StartFinding[]): Promise<void>;
  /** Tells a member that its cluster is gone, so that it ends and can be resumed. One that is gone needs no telling. */
  release(member: ReleasedMember): Promise<void>;
  /** Which of these lives were ever begun in their generation, whether they run still or not. Workflow ids. */
  begun(lives: readonly { workflowId: string; generation: number }[]): Promise<ReadonlySet<string>>;
  /** Which of these workflows run now. */
  running(workflowIds: readonly string[]): Promise<ReadonlySet<string>>;
}
