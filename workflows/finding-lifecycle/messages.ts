import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Ladder } from '../../domain/approval/ladder.js';
import type { DecisionReceipt } from '../../domain/approval/request.js';
import type { FindingKind, Severity } from '../../domain/finding/finding.js';
import type { Outcome, Phase, Stage } from '../../domain/lifecycle/stage.js';
import type { Timing } from '../../domain/lifecycle/timing.js';
import type { Going } from '../shared/renewal.js';

/** Everything that varies arrives here: a workflow reads no configuration, no flags and no environment. */
export interface FindingLifecycleInput {
  key: string;
  source: string;
  /** From the ledger at intake; a reset keeps it. */
  generation: number;
  kind: FindingKind;
  severity: Severity;
  /** Who or what it is about, for the page's current details. */
  subject: string;
  account?: string;
  phase: Phase;
  ladder: Ladder;
  timing: Timing;
  /** Workflow id of the cluster that fixes this finding together with others. */
  clusterId?: string;
  /** Set by an earlier run whose history had grown long: what was approved and is being carried out. */
  going?: Going;
  /** Events after which a life goes on in a new run; when the server suggests it, if absent. */
  renewAfterEvents?: number;
}

/** How a finding's life ended. */
export interface LifecycleResult {
  outcome: Outcome;
  note: string;
}

/** What `status` answers; the same words as the ledger's projection. */
export interface LifecycleStatus {
  stage: Stage;
  note: string;
  outcome?: Outcome;
  digest?: string;
  requestId?: string;
  waitingFor?: string;
  decideByMs?: number;
  parked?: string;
  /** Offers that were refused so far. */
  refusals: number;
  /** Messages that had no usable shape. */
  badMessages: number;
}

/** A signed decision; the sender learns whether it took. */
export const decideUpdate = defineUpdate<DecisionReceipt, [unknown]>('decide');
/** The same, fire and forget: for the Temporal UI and the CLI. */
export const decisionSignal = defineSignal<[unknown]>('decision');
/** Tries a parked step again now. */
export const retryUpdate = defineUpdate<{ retried: boolean }, [unknown]>('retry');
/** The cluster's fix has ended: `{ clusterId, outcome, note }`. */
export const settledSignal = defineSignal<[unknown]>('settled');
/** A reading: no side effects, no awaits. */
export const statusQuery = defineQuery<LifecycleStatus>('status');
