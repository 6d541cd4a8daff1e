import type { Change } from '../change/change.js';
import type { Witness } from '../proof/proof.js';

/** A sentence about the business and the place that backs it; nothing unbacked is ever shown as context. */
export interface BackedFact {
  label: string;
  value: string;
  /** `tag:env`, `cmdb:svc-orders`, `account:owner`, `trail:creator` … */
  source: string;
}

/** What a finding means in this company. */
export interface BusinessContext {
  environment: 'production' | 'staging' | 'development' | 'unknown';
  account?: string;
  accountName?: string;
  businessUnit?: string;
  department?: string;
  service?: string;
  criticality?: 'critical' | 'high' | 'medium' | 'low';
  facts: readonly BackedFact[];
  /** Labels of the data that is at stake. */
  dataLabels: readonly string[];
  regulations: readonly { regulation: string; citation: string; text: string }[];
  /** Sentences of the company's own policies that apply, from the CMDB. */
  internalPolicies: readonly string[];
  owner: OwnerRoute;
  /** Why the identity may not be touched, or null. */
  neverTouch: string | null;
  /** Name of the change freeze in force, or null. */
  freeze: string | null;
  /** Infrastructure code that owns the target. */
  managedBy?: { tool: string; evidence: string };
  workloads: readonly { arn: string; type: string }[];
  tags: Readonly<Record<string, string>>;
}

/** Who is asked, and how that was found. */
export interface OwnerRoute {
  personIds: readonly string[];
  team?: string;
  /** In words: `tag owner=…`, `CMDB support group`, `creator in the trail (inferred)`. */
  how: string;
  /** Found only from behaviour, not from a record. */
  inferred: boolean;
}

/** Plain-words explanation of a finding and its draft. */
export interface Explanation {
  summary: string;
  whyItMatters: string;
  whatChanges: string;
  whatStays: string;
  /** Set when a model helped; then every text here is marked. */
  llmSessionId?: string;
  /** `offline`, or the model's name. */
  by: string;
  promptRef?: string;
  /** Sentences of a model that were dropped because the engine's facts contradict them. */
  dropped: number;
  /** What a model offered in place of the draft's policies, where one was asked and offered something. */
  suggestion?: Suggestion;
}

/** Policies that a model offered, and what the proof said of them. It is information: nobody can approve it. */
export interface Suggestion {
  judged: JudgedSuggestion;
  llmSessionId: string;
  /** The model's name. */
  by: string;
  promptRef: string;
}

/**
 * `narrower`: proved against the account as it is, and to allow nothing that the engine's draft does not; `changes` are
 * from the draft's state to the offered one. `refused`: why, with a request that shows it where there is one.
 */
export type JudgedSuggestion =
  | { kind: 'narrower'; proof: 'proved' | 'partial'; changes: readonly Change[] }
  | { kind: 'refused'; reasonCode: string; reason: string; witness?: Witness };

/** A picture of the neighbourhood before and after, drawn by the gateway. */
export interface BlastRadius {
  nodes: readonly { id: string; label: string; kind: string; sensitive: boolean }[];
  edges: readonly { from: string; to: string; label: string; before: boolean; after: boolean }[];
}
