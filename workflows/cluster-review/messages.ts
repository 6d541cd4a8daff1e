import { defineSignal } from '@temporalio/workflow';
import type { Ladder } from '../../domain/approval/ladder.js';
import type { FindingKind, Severity } from '../../domain/finding/finding.js';
import type { Phase } from '../../domain/lifecycle/stage.js';
import type { Timing } from '../../domain/lifecycle/timing.js';
import type { Going } from '../shared/renewal.js';

/** A finding that joined a cluster. */
export interface ClusterMember {
  key: string;
  workflowId: string;
  /** Principal or store that the finding is about. */
  subject: string;
}

/** Findings with one root cause share one draft, one proof, one ticket and one approval. */
export interface ClusterReviewInput {
  /** What they share, e.g. the ARN of a policy. */
  rootCause: string;
  generation: number;
  source: string;
  kind: FindingKind;
  severity: Severity;
  account?: string;
  phase: Phase;
  ladder: Ladder;
  timing: Timing;
  members: readonly ClusterMember[];
  /** Set by an earlier run whose history had grown long: what was approved, whom it covers, and who came too late. */
  going?: Going;
  covered?: readonly string[];
  late?: readonly ClusterMember[];
  /** Events after which it goes on in a new run; when the server suggests it, if absent. */
  renewAfterEvents?: number;
}

/** More findings with the same root cause: `{ members }`. */
export const joinSignal = defineSignal<[unknown]>('join');
