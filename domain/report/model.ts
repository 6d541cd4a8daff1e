import type { Change } from '../change/change.js';
import type { Coverage } from '../coverage/coverage.js';
import type { TrailFacts } from '../coverage/trail.js';
import type { Finding, FindingKind, Severity } from '../finding/finding.js';
import type { AccountInput } from '../graph/account.js';
import type { PathStep } from '../graph/edge.js';
import type { ProofInputs } from '../proof/inputs.js';
import type { ActionReason, Confidence, Draft, Proof, RiskScore, UsageExample } from '../proof/proof.js';
import type { LoggingScope } from '../usage/logging.js';
import type { UsageLog } from '../usage/usage.js';
import type { EarlierReport, Trend } from './trend.js';

/** Everything that a report is computed from. Pure data but for the clock and the digest. */
export interface ReportInput {
  accounts: readonly ReportAccountInput[];
  log: UsageLog;
  /** By account id; an account without a trail is absent. */
  trails: ReadonlyMap<string, TrailFacts>;
  window: { fromIso: string; toIso: string };
  scope: Scope;
  /** An earlier report of the same scope, for the trend. */
  earlier?: EarlierReport;
  findings: readonly Finding[];
  /** What the reader wants to say about the input, each a sentence. */
  notes: readonly string[];
  /** What could not be read. */
  faults: readonly InputFault[];
  generatedIso: string;
  now: () => number;
  /** SHA-256 in hex of a text. */
  digest: (text: string) => string;
}

/** A file, or a part of one, that could not be read and was left out. */
export interface InputFault {
  file: string;
  /** Line and column, or a JSON pointer. */
  place?: string;
  reason: string;
}

/** One account as it is analysed. */
export interface ReportAccountInput {
  id: string;
  input: AccountInput;
  logging: LoggingScope;
}

/** Which identities are asked about; an absent member asks about all. Tags decide. */
export interface Scope {
  team?: string;
  environment?: string;
}

/** Permissions, paths and reach of the identities in scope, now and with every fix applied. */
export interface WhatIf {
  /** Sum over identities of the actions that each can use, under its boundary and the organisation's policies. */
  effective: Pair;
  highRisk: Pair;
  administrators: Pair;
  openPaths: Pair;
  /** (identity, sensitive store) pairs. */
  reach: Pair;
  /** Mean index of the identities that have one; null when no log would show what any of them uses. */
  overPermission: Pair | null;
}

/** A number now, and with every proved fix applied; in a trend then, and now. */
export interface Pair {
  before: number;
  after: number;
}

/** Permissions of one service that were never seen in use although the log would show it. */
export interface UnusedService {
  service: string;
  unused: number;
  granted: number;
  /** Names; absent when nothing of the service was used. */
  actions?: readonly string[];
  highRisk: readonly string[];
}

/** Everything about one user or role. */
export interface ReportIdentity {
  arn: string;
  name: string;
  kind: 'user' | 'role';
  account: string;
  team?: string;
  environment?: string;
  administrator: boolean;
  risk: RiskScore;
  riskAfter: RiskScore;
  /** `index` is null when the log would show nothing of what the identity holds; `unused` are of the `decidable`. */
  overPermission: { index: number | null; granted: number; decidable: number; unused: number };
  effective: Pair;
  unused: readonly UnusedService[];
  /** Actions whose use the log could not show, and which therefore count as unknown. */
  unseen: number;
  lastUsedIso?: string;
  calls: number;
  openPaths: number;
  stores: number;
  evidence: 'provable' | 'partly' | 'blind';
  /** What happens to it: a fix's id, or why there is none. */
  outcome: { fix: string } | { reasonCode: string; reason: string };
}

/** Escalation paths of one kind from one identity, with what becomes of them. */
export interface ReportPath {
  from: string;
  /** Where the path that is shown ends. */
  to: string;
  /** Where others of the same technique, length and fate end. */
  also: readonly string[];
  technique: string;
  gain: 'administrator' | 'lateral';
  status: 'open' | 'latent';
  steps: readonly PathStep[];
  assumptions: readonly string[];
  /** Gone when every fix of the report is applied. */
  closed: boolean;
}

/** A change that is ready, with its proof. */
export interface ReportFix {
  /** Short and stable: from the digest of the changes. */
  id: string;
  title: string;
  account: string;
  /** ARNs of what it is about; several when one change serves several findings or identities. */
  subjects: readonly string[];
  changes: readonly Change[];
  sentences: readonly string[];
  proof: Proof;
  confidence: Confidence;
  removed: readonly ActionReason[];
  kept: readonly ActionReason[];
  usedHighRisk: readonly ActionReason[];
  next: readonly string[];
  risk: Pair;
  /**
   * Why it is not part of the totals. `overlaps`: another fix of the report leaves something else behind than what this
   * one starts from. `not-proved`: that it allows nothing new could not be decided.
   */
  leftOut?: 'overlaps' | 'not-proved';
  /** What the proof was computed from, so that anybody can compute it again; too long for `report.json`. */
  inputs: ProofInputs;
  /** Folder of its files below the report. */
  folder: string;
}

/** A finding of the given export, and what became of it. */
export interface ReportFinding {
  source: string;
  sourceId: string;
  title: string;
  kind: FindingKind;
  severity: Severity;
  subject: string;
  outcome: ReportIdentity['outcome'];
}

/** One account of a report. */
export interface ReportAccount {
  id: string;
  identities: number;
  overPermission: number | null;
  whatIf: WhatIf;
  coverage: Coverage;
  /** Records per day of the window, for the picture of the trail. */
  days: readonly { day: string; records: number }[];
}

/** The whole analysis, as it is written to `report.json`. */
export interface Report {
  format: 'curtail-report/1';
  generatedIso: string;
  engine: string;
  catalogue: string;
  scope: Scope;
  window: { fromIso: string; toIso: string; days: number };
  formula: string;
  overPermission: number | null;
  whatIf: WhatIf;
  /** Recorded calls that all fixes together would deny; the proof of each says that it alone denies none. */
  lost: readonly UsageExample[];
  /** Absent when no earlier report was given. */
  trend?: Trend;
  accounts: readonly ReportAccount[];
  identities: readonly ReportIdentity[];
  paths: readonly ReportPath[];
  fixes: readonly ReportFix[];
  findings: readonly ReportFinding[];
  notes: readonly string[];
  faults: readonly InputFault[];
}

/** A draft and what it is about, while fixes are collected. */
export interface Drafted {
  subject: string;
  /** What else it is about. */
  also?: readonly string[];
  title: string;
  account: string;
  draft: Draft;
  inputs: ProofInputs;
}
