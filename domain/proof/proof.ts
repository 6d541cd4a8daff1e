import type { Change } from '../change/change.js';
import type { Json } from '../json.js';

/** The outcome of a proof obligation. Only PASS is proved; UNKNOWN is never treated as PASS. */
export type Verdict = 'PASS' | 'FAIL' | 'UNKNOWN';

/** A concrete request that the new policy allows and the old one does not. */
export interface Witness {
  /** As requests write it: an ARN, a service's name, or a caller outside of every account. */
  principal: string | { type: 'Anonymous' | 'Federated' | 'CanonicalUser'; id?: string };
  action: string;
  resource: string;
  resourceAccount?: string;
  context: Readonly<Record<string, string | readonly string[]>>;
  /** The action is in no catalogue, so no service may know it. */
  hypothetical: boolean;
}

/** "Everything the new state allows, the old one allowed", for one principal or one resource. */
export interface NoNewAccess {
  /** Whose access this is about: the principal's ARN, or the resource's for resource policies and settings. */
  of: string;
  verdict: Verdict;
  /** How it was decided: `subset` by the symbolic engine; `setting` because the setting can only restrict. */
  method: 'subset' | 'setting';
  reasonCode: string;
  reason: string;
  assumptions: readonly string[];
  witness?: Witness;
  /** SHA-256 of the certificate kept as evidence, when there is one. */
  certificateDigest?: string;
}

/** Accounts for every event of the usage window: the seven counts add up to `total`. */
export interface UsageAccounting {
  fromIso: string;
  toIso: string;
  total: number;
  replayed: number;
  denied: number;
  otherPrincipal: number;
  service: number;
  unmapped: number;
  notAllowedBefore: number;
  malformed: number;
  /** Observed requests that the new policy would deny. Empty means: usage is preserved. */
  newlyDenied: readonly UsageExample[];
}
/** One observed use, as an example of a class. */
export interface UsageExample {
  principal: string;
  action: string;
  resource?: string;
  count: number;
  lastUsedIso?: string;
}

/** An escalation path, as the proof names it. */
export interface PathSummary {
  from: string;
  to: string;
  technique: string;
  steps: readonly string[];
}

/** What the change means to a workload that runs with the identity, or to a reader of the store. */
export interface WorkloadNote {
  arn: string;
  type: string;
  note: string;
}

/** What an undo undoes, and who asked for it. */
export interface Restores {
  changeId: string;
  /** Digest of the change that is undone, as it was approved. */
  digest: string;
  /** The person who asked; never may approve. */
  requestedBy: string;
  reason: string;
  /** Actions that the change had taken away and that come back; empty where it changed a setting. */
  returns: readonly string[];
  /** The gateway's signature over who asked for what (`UndoAsk`). */
  ask: string;
}

/**
 * Why a draft is safe, as one value that travels with it. An approval names the digest of changes + proof,
 * so nobody can be shown one proof and have another applied.
 */
export interface Proof {
  /**
   * `proved`: all obligations hold. `partial`: holds, but named blind spots remain. `unproven`: never goes beyond
   * `observe`. `broken`: refuted. `restores`: no reduction at all, but the exact reverse of a change that we applied.
   */
  verdict: 'proved' | 'partial' | 'unproven' | 'broken' | 'restores';
  /** What an undo undoes and who asked for it; only with the verdict `restores`. */
  restores?: Restores;
  noNewAccess: readonly NoNewAccess[];
  usage: UsageAccounting | null;
  guardrails: { allow: boolean; reasons: readonly string[]; policySet: string; digest: string } | null;
  paths: {
    closed: readonly PathSummary[];
    opened: readonly PathSummary[];
    /** Sensitive stores reachable before and no longer after. */
    storesNoLongerReachable: readonly string[];
    reachableBefore: number;
    reachableAfter: number;
  } | null;
  workloads: readonly WorkloadNote[];
  /** What the log could not show, each a sentence. */
  blindSpots: readonly string[];
  /** SHA-256 of each input, by name, so that the proof can be checked again from the originals. */
  inputs: Readonly<Record<string, string>>;
  engine: string;
  catalogue: string;
}

/** One line of a policy and why it is there. */
export interface Justification {
  policy: string;
  statement: string;
  action: string;
  why: string;
}
/** An action that the draft removes or keeps, with its reason. */
export interface ActionReason {
  action: string;
  reason: string;
  reasonCode: string;
}

/** What a draft's numbers rest on; every part is shown. `value` is 0..1. */
export interface Confidence {
  value: number;
  parts: readonly { name: string; value: number; why: string }[];
}
/** An explainable score, 0..100. */
export interface RiskScore {
  value: number;
  band: 'critical' | 'high' | 'medium' | 'low';
  parts: readonly { name: string; factor: number; why: string }[];
  weightsVersion: string;
}

/** A proposed fix with everything that a person needs to decide. */
export interface Draft {
  /** Who or what computed it: `engine`, a person's id after an edit, or a model's candidate that passed the proof. */
  draftedBy: string;
  changes: readonly Change[];
  proof: Proof;
  justification: readonly Justification[];
  removed: readonly ActionReason[];
  kept: readonly ActionReason[];
  /** High-risk actions that are used and therefore stay, in words. */
  usedHighRisk: readonly ActionReason[];
  confidence: Confidence;
  riskBefore: RiskScore;
  riskAfter: RiskScore;
  /** What a person changed, when this is an edit. */
  edit?: { by: string; keepActions: readonly string[]; reason: string; previousDigest: string };
}

/** The part of a draft that an approval is about, as JSON: what its digest is computed over. */
export function digestible(draft: Pick<Draft, 'changes' | 'proof'>): Json {
  return { changes: draft.changes, proof: draft.proof } as unknown as Json;
}
