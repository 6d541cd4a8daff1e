import type { ApprovalRequest, Decision } from '../../domain/approval/request.js';
import type { Change } from '../../domain/change/change.js';
import type { Finding } from '../../domain/finding/finding.js';
import type { PlatformCall } from '../../domain/finding/platform-call.js';
import type { QuarantineResolution, QuarantineRow } from '../../domain/finding/quarantine.js';
import type { Treatment } from '../../domain/finding/treatment.js';
import type { Json } from '../../domain/json.js';
import type { BlastRadius, BusinessContext, Explanation } from '../../domain/lifecycle/context.js';
import type { Outcome, Phase, Route, Stage } from '../../domain/lifecycle/stage.js';
import type { Draft, RiskScore } from '../../domain/proof/proof.js';

/**
 * An audit row to be. `id` makes it idempotent: the same id is written once, whoever retries.
 * `body` is kept apart under a key of its own, so that it can be erased while the chain still verifies.
 */
export interface AuditEntry {
  id: string;
  /** Chain that it belongs to: `finding/<key>`, `gateway`, `system`. */
  stream: string;
  /** `area.what`, e.g. `decision.accepted`. */
  type: string;
  /** A person's id, `curtail`, or `unknown`. */
  actor: string;
  atMs: number;
  findingKey?: string;
  workflowId?: string;
  /** Small and safe to send to a SIEM. */
  fields: Readonly<Record<string, string | number | boolean>>;
  body?: Json;
}
/** One row of the audit chain, as it was written. */
export interface AuditRow {
  seq: number;
  stream: string;
  /** Position in its stream, from 1. */
  position: number;
  id: string;
  type: string;
  actor: string;
  atMs: number;
  findingKey?: string;
  workflowId?: string;
  fields: Readonly<Record<string, string | number | boolean>>;
  /** SHA-256 of the body's canonical JSON. */
  bodyDigest?: string;
  /** Undefined when there is none or it was erased. */
  body?: Json;
  previousHash: string;
  hash: string;
}

/** What an intake did to a finding's row, and so whether a life begins. */
export type Disposition = 'new' | 'changed' | 'reopened' | 'unchanged';

/** A finding as the ledger holds it: the latest form, and where its life stands. */
export interface FindingRow {
  key: string;
  finding: Finding;
  /** Digest of what matters; a different one is a material change. */
  fingerprint: string;
  /** Digest of the source's own record as it last differed, kept as evidence. */
  originalDigest?: string;
  /** Starts at 1; each reopening or material change after a close begins the next. */
  generation: number;
  sourceState: 'open' | 'resolved';
  firstSeenMs: number;
  lastSeenMs: number;
  resolvedAtMs?: number;
  stage: Stage;
  outcome?: Outcome;
  /** One sentence for people: why it is where it is. */
  note?: string;
  /** What is done about it and why, as decided when it was taken in. */
  treatment?: Treatment;
  workflowId?: string;
  /** Workflow id of its cluster, when it shares a fix. */
  clusterId?: string;
  environment?: string;
  owner?: string;
  phase?: Phase;
  risk?: RiskScore;
  draftDigest?: string;
  requestId?: string;
  parked?: string;
  waitingFor?: string;
  decideByMs?: number;
  updatedMs: number;
}

/** What a stage leaves in the projection that pages and the CLI read. Absent members stay as they are; null clears. */
export interface StageUpdate {
  keys: readonly string[];
  stage: Stage;
  outcome?: Outcome | null;
  note?: string | null;
  treatment?: Treatment;
  workflowId?: string;
  clusterId?: string | null;
  environment?: string;
  owner?: string;
  phase?: Phase;
  risk?: RiskScore;
  draftDigest?: string | null;
  requestId?: string | null;
  parked?: string | null;
  waitingFor?: string | null;
  decideByMs?: number | null;
  atMs: number;
}

/** Everything that a request's page shows, kept whole under its digest. */
export interface DraftRow {
  digest: string;
  workflowId: string;
  generation: number;
  draft: Draft;
  context: BusinessContext;
  explanation?: Explanation;
  blastRadius?: BlastRadius;
  route: Route;
  createdMs: number;
}

/** A request for a decision, from its opening to its end. */
export interface RequestRow {
  request: ApprovalRequest;
  status: 'open' | 'approved' | 'rejected' | 'expired' | 'void' | 'edited';
  title: string;
  summary: string;
  /** Keys of the findings that the one decision settles. */
  findingKeys: readonly string[];
  riskScore: number;
  environment: string;
  ticket?: { id: string; number: string; url: string };
  notices: readonly { rung: string; to: readonly string[]; deliveredAtMs: number }[];
  decisions: readonly Decision[];
  /** How often it was asked again after it had been void or expired. Decisions from before do not count. */
  reopened?: number;
  closedMs?: number;
  note?: string;
}

/** How far a planned change came. */
export type ChangeStatus =
  | 'planned'
  | 'applying'
  | 'applied'
  | 'refused'
  | 'handed-over'
  /** Applied, and its verification failed: what an undo needs to have seen. */
  | 'failed'
  | 'rolling-back'
  | 'rolled-back'
  | 'verified';
/** One approved set of changes on its way into the world. */
export interface ChangeRow {
  id: string;
  workflowId: string;
  generation: number;
  digest: string;
  requestId?: string;
  /** Id of the standing approval that stood in for a person. */
  standingApprovalId?: string;
  findingKeys: readonly string[];
  account?: string;
  changes: readonly Change[];
  route: Route;
  status: ChangeStatus;
  /** What was there before each change, captured in the same activity that applied it. */
  captured?: readonly Json[];
  /** Branch and address for the pull-request route; ticket for the ticket route. */
  reference?: { ref: string; url: string };
  appliedAtMs?: number;
  note?: string;
}

/** One call to a model: digests, counts and the session id; its texts lie under a key of their own. */
export interface ModelCallRow {
  llmSessionId: string;
  findingKey: string;
  promptId: string;
  promptVersion: number;
  promptDigest: string;
  model: string;
  redactedPrompt: string;
  answer: string;
  inputTokens: number;
  outputTokens: number;
  latencyMs: number;
  requestedBy: string;
  atMs: number;
  compliancePolicyId?: string;
  outcome: 'used' | 'rejected' | 'failed';
}

/** A named person's signed, expiring permission for changes of one sort. */
export interface StandingApprovalRow {
  id: string;
  /** Compact JWS by the gateway over the bounds below, for the named person. */
  signed: string;
  grantedBy: string;
  expiresAtMs: number;
  revokedAtMs?: number;
}

/** Which findings a list shows; absent fields do not narrow it. */
export interface FindingFilter {
  stages?: readonly Stage[];
  outcomes?: readonly Outcome[];
  source?: string;
  account?: string;
  kind?: string;
  text?: string;
  clusterId?: string;
  /** Not closed. */
  live?: boolean;
  /** At most 10,000; 1,000 when absent. The riskiest come first. */
  limit?: number;
  offset?: number;
}

/** When something first happened in a finding's life. */
export interface Measure {
  findingKey: string;
  generation: number;
  what: string;
  atMs: number;
}

/**
 * Findings, evidence, requests, changes and the audit chain. One transaction a call; what a call states in
 * `audit` is written in that same transaction. All writes are idempotent by their ids.
 * @throws Failure `ledger.unavailable` when it cannot be reached.
 */
export interface Ledger {
  /**
   * Upserts a batch. An unchanged re-detection touches `lastSeenMs` only. A report of something resolved is `unchanged`: it starts
   * nothing. The same report of the same scan is answered the same again until the finding's stage leaves `new`.
   */
  recordFindings(input: {
    scanId: string;
    source: string;
    atMs: number;
    records: readonly { key: string; fingerprint: string; finding: Finding; original: Json }[];
  }): Promise<readonly { key: string; disposition: Disposition; generation: number }[]>;
  /**
   * Everything of `source` that is open and was not seen since the scan began is resolved at the source. Returns its keys, with
   * those that the scan itself reported as resolved; the same again when asked again.
   */
  completeScan(input: { scanId: string; source: string; atMs: number }): Promise<readonly string[]>;
  lastCompleteScan(source: string): Promise<{ scanId: string; atMs: number } | undefined>;
  quarantine(input: {
    source: string;
    scanId: string;
    reason: string;
    pointer?: string;
    line?: number;
    original: Json;
    atMs: number;
  }): Promise<void>;
  /** Refused records that wait for a person, newest first. */
  quarantined(limit: number): Promise<readonly QuarantineRow[]>;
  /** One refused record, resolved or not. */
  quarantineRecord(id: number): Promise<QuarantineRow | undefined>;
  /** Marks a refused record as dealt with; the first resolution stands, and `audit` is written with it. */
  resolveQuarantined(
    input: { id: number; resolution: QuarantineResolution; atMs: number },
    audit: readonly AuditEntry[],
  ): Promise<void>;
  finding(key: string): Promise<FindingRow | undefined>;
  findings(filter: FindingFilter): Promise<readonly FindingRow[]>;
  /** Counts by stage and by outcome. */
  counts(): Promise<{ stages: Readonly<Record<string, number>>; outcomes: Readonly<Record<string, number>> }>;
  /** Begins the next generation of a finding that has ended: a person takes it up again. */
  nextGeneration(key: string): Promise<number>;
  /** Says where lives are that are about to begin, all of them or none. What the life before it left is cleared. */
  beginLives(
    lives: readonly {
      key: string;
      workflowId: string;
      clusterId?: string;
      phase: Phase;
      treatment: Treatment;
    }[],
    atMs: number,
    audit: readonly AuditEntry[],
  ): Promise<void>;
  setStage(update: StageUpdate, audit: readonly AuditEntry[]): Promise<void>;
  /** Names who owns findings whose life goes on; their stage stays as it is. */
  setOwner(input: { keys: readonly string[]; owner: string }, audit: readonly AuditEntry[]): Promise<void>;

  putDraft(row: DraftRow, audit: readonly AuditEntry[]): Promise<void>;
  draft(digest: string): Promise<DraftRow | undefined>;
  putExplanation(digest: string, explanation: Explanation, audit: readonly AuditEntry[]): Promise<void>;

  /** Opens a request, or returns the one that is there. */
  openRequest(
    row: Omit<RequestRow, 'notices' | 'decisions' | 'status'>,
    audit: readonly AuditEntry[],
  ): Promise<RequestRow>;
  request(id: string): Promise<RequestRow | undefined>;
  requests(filter: {
    personId?: string;
    status?: RequestRow['status'];
    findingKey?: string;
    /** The ticket system's id of its ticket. */
    ticketId?: string;
    limit?: number;
  }): Promise<readonly RequestRow[]>;
  setRequestTicket(
    requestId: string,
    ticket: { id: string; number: string; url: string },
    audit: readonly AuditEntry[],
  ): Promise<void>;
  recordNotice(
    input: { requestId: string; rung: string; to: readonly string[]; deliveredAtMs: number },
    audit: readonly AuditEntry[],
  ): Promise<void>;
  /** Moves the absolute expiry of an open request (never earlier), and adds people who may decide (never removes). */
  extendRequest(requestId: string, expiresAtMs: number, alsoAsked: readonly string[]): Promise<void>;
  /**
   * Asks again what is void or expired, about the same digest: after a terminated life was reset. Decisions so far are
   * struck, and their grants stay consumed. A request in any other state is returned as it is.
   */
  reopenRequest(
    input: { requestId: string; openedAtMs: number; expiresAtMs: number; alsoAsked: readonly string[] },
    audit: readonly AuditEntry[],
  ): Promise<RequestRow>;
  closeRequest(
    input: { requestId: string; status: Exclude<RequestRow['status'], 'open'>; atMs: number; note?: string },
    audit: readonly AuditEntry[],
  ): Promise<void>;
  /**
   * Consumes a grant. The same `jti` for the same workflow and request is the same decision again (`repeated`);
   * for another one it is refused (`used-elsewhere`), and `audit` is then not written.
   */
  recordDecision(
    decision: Decision,
    audit: readonly AuditEntry[],
  ): Promise<{ outcome: 'recorded' | 'repeated' | 'used-elsewhere'; decisions: readonly Decision[] }>;

  /** Plans a change, or returns the one that is there. */
  planChange(row: Omit<ChangeRow, 'status'>, audit: readonly AuditEntry[]): Promise<ChangeRow>;
  change(id: string): Promise<ChangeRow | undefined>;
  changes(filter: {
    findingKey?: string;
    arn?: string;
    status?: ChangeStatus;
    limit?: number;
  }): Promise<readonly ChangeRow[]>;
  setChange(
    id: string,
    update: {
      status: ChangeStatus;
      captured?: readonly Json[];
      reference?: { ref: string; url: string };
      appliedAtMs?: number;
      note?: string;
    },
    audit: readonly AuditEntry[],
  ): Promise<void>;

  putStandingApproval(row: StandingApprovalRow, audit: readonly AuditEntry[]): Promise<void>;
  standingApprovals(): Promise<readonly StandingApprovalRow[]>;
  revokeStandingApproval(id: string, atMs: number, audit: readonly AuditEntry[]): Promise<void>;
  /** Counts one use on a UTC day, idempotent by `useKey`; `allowed` is false when the day is full. */
  useStandingApproval(input: {
    id: string;
    useKey: string;
    day: string;
    maxPerDay: number;
  }): Promise<{ allowed: boolean; used: number }>;

  logModelCall(row: ModelCallRow, audit: readonly AuditEntry[]): Promise<void>;
  modelCalls(findingKey: string): Promise<readonly ModelCallRow[]>;

  /** Writes calls of platforms down. Kept for 30 days, and 200,000 at most. */
  logPlatformCalls(rows: readonly PlatformCall[]): Promise<void>;
  /** Calls that were made for a finding, newest first. */
  platformCalls(filter: {
    platform: string;
    sourceId: string;
    limit?: number;
  }): Promise<readonly PlatformCall[]>;

  /** Keeps text under its SHA-256 with a key of its own. */
  putEvidence(input: { kind: string; body: Json }): Promise<{ digest: string }>;
  /** The same for several at once, each by the digest that its caller knows already: what is kept is not looked at again. */
  putAllEvidence(inputs: readonly { kind: string; digest: string; body: Json }[]): Promise<void>;
  evidence(digest: string): Promise<Json | undefined>;
  /** Destroys the key: the text is gone, its digest and the chain stay. */
  eraseEvidence(digest: string, audit: readonly AuditEntry[]): Promise<void>;

  audit(entries: readonly AuditEntry[]): Promise<void>;
  auditOf(filter: {
    stream?: string;
    findingKey?: string;
    afterSeq?: number;
    /** At most 10,000; 1,000 when absent. */
    limit?: number;
    /** Leaves the bodies out, and so need not decrypt them. */
    withoutBodies?: boolean;
  }): Promise<readonly AuditRow[]>;
  /** Walks every chain; `heads` are what was exported earlier, so that truncation shows too. */
  verifyAudit(heads?: readonly { stream: string; position: number; hash: string }[]): Promise<{
    ok: boolean;
    rows: number;
    faults: readonly { stream: string; position: number; fault: string }[];
  }>;
  auditHeads(): Promise<readonly { stream: string; position: number; hash: string }[]>;

  /** First time of each measure is kept: `detected`, `understood`, `requested`, `decided`, `fixed`, `verified`. */
  measure(...measures: readonly Measure[]): Promise<void>;
  measures(sinceMs: number): Promise<readonly Measure[]>;

  /** Small expiring items: sessions, sign-in codes, cursors, positions. */
  putItem(input: { bucket: string; key: string; value: Json; expiresAtMs?: number }): Promise<void>;
  item(bucket: string, key: string, nowMs: number): Promise<Json | undefined>;
  removeItem(bucket: string, key: string): Promise<void>;
  /**
   * True for the first caller only: dedupe of webhooks and replays. A `value` makes the claim hold something that is still to
   * be done; `putItem` with `true` says that it is.
   */
  claim(input: {
    bucket: string;
    key: string;
    value?: Json;
    expiresAtMs: number;
    nowMs: number;
  }): Promise<boolean>;
  /** Claims of a bucket that still hold something, those that expire first first. */
  held(input: {
    bucket: string;
    nowMs: number;
    limit: number;
  }): Promise<readonly { key: string; value: Json }[]>;

  ping(): Promise<void>;
  close(): Promise<void>;
}
