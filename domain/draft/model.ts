import type { Change } from '../change/change.js';
import type { Finding } from '../finding/finding.js';
import type { Account, AccountInput } from '../graph/account.js';
import type { ResourceMode } from '../iam/rightsize/model.js';
import type { Json } from '../json.js';
import type { ActionReason, Draft, Justification } from '../proof/proof.js';
import type { RiskContext } from '../risk/score.js';
import type { LoggingScope } from '../usage/logging.js';
import type { UsageLog } from '../usage/usage.js';

/** Everything that a draft is computed from. Pure data but for the clock and the digest. */
export interface DraftInput {
  finding: Finding;
  account: AccountInput;
  /** Usage rows, CloudTrail records, or files of them (`{"Records": […]}`), as they were read. */
  usage: readonly unknown[];
  window: { fromIso: string; toIso: string };
  logging: LoggingScope;
  /** Whether the usage covers every identity of the account, or only those that appear in it. */
  usageScope?: 'account' | 'principal';
  /** What the log itself is known to lack, each a sentence. */
  gaps?: readonly string[];
  /** How far resources are narrowed; `prefix` unless said otherwise. */
  resources?: ResourceMode;
  ownerOptions?: OwnerOptions;
  /** Managed policies that this draft leaves as they are, by ARN, with the reason. */
  decidedElsewhere?: ReadonlyMap<string, string>;
  /** What the company knows about the subject's place, and the labels of the data at stake. */
  context?: RiskContext & { dataLabels?: readonly string[] };
  now: () => number;
  /** SHA-256 in hex of a text. */
  digest: (text: string) => string;
  /** Takes each certificate of a subset proof, to keep it as evidence under its digest. */
  keepCertificate?: (digest: string, certificate: Json) => void;
}

/** A person's edit of a draft: actions to keep although nobody was seen to use them. */
export interface OwnerOptions {
  keepActions?: readonly string[];
  keepReason?: string;
  /** Id of the person. */
  by?: string;
  /** Digest of the draft that was edited. */
  previousDigest?: string;
}

/** A draft, or why there is none. Its `guardrails` are null: the caller fills them in. */
export type DraftResult =
  | { kind: 'draft'; draft: Draft }
  /** Nothing is to be done: a false alarm, or fixed already. */
  | { kind: 'no-change'; reason: string; reasonCode: string }
  /** There is something to do, but not by us. */
  | { kind: 'refused'; reason: string; reasonCode: string };

/** What the planners work with: the input, read once. */
export interface Case {
  input: DraftInput;
  account: Account;
  usage: UsageLog;
  window: { fromIso: string; toIso: string };
  logging: LoggingScope;
  /** Limits of the evidence itself, each a sentence. */
  blindSpots: readonly string[];
}

/** What a planner proposes; the proof is made from the account before and after, whatever the plan says. */
export interface Plan {
  kind: 'plan';
  changes: readonly Change[];
  removed: readonly ActionReason[];
  kept: readonly ActionReason[];
  justification: readonly Justification[];
  usedHighRisk: readonly ActionReason[];
  blindSpots: readonly string[];
  /** What comes after this change, as sentences for the workload notes. */
  nextSteps?: readonly string[];
}

/** A plan, or one of the two outcomes without a draft. */
export type PlanResult = Plan | Exclude<DraftResult, { kind: 'draft' }>;

/** No draft is needed. */
export function noChange(reasonCode: string, reason: string): Exclude<DraftResult, { kind: 'draft' }> {
  return { kind: 'no-change', reasonCode, reason };
}

/** A draft is not ours to make. */
export function refused(reasonCode: string, reason: string): Exclude<DraftResult, { kind: 'draft' }> {
  return { kind: 'refused', reasonCode, reason };
}
