import type { DecisionVerdict } from '../domain/approval/request.js';
import type { FailureType } from '../domain/failure.js';
import type { Outcome, Phase, Route, Stage } from '../domain/lifecycle/stage.js';

/**
 * All that a workflow may see of the activities: their names, inputs and results. Results are small; what is large
 * lies in the ledger and travels by key or digest. *Refused* is a result; *broke* is a failure.
 */

/** Whose life a step belongs to: one finding, or all members of a cluster. */
export interface Subject {
  workflowId: string;
  generation: number;
  /** Keys of the findings. The first one leads. */
  keys: readonly string[];
}

export interface Enriched {
  /** The source closed all of them meanwhile. */
  resolvedAtSource: boolean;
  neverTouch: string | null;
  environment: string;
  /** Team or person that is asked, for people to read. */
  owner: string;
  /** Digest of the business context, kept as evidence. */
  contextDigest: string;
}

export interface PersonsEdit {
  by: string;
  keepActions: readonly string[];
  reason: string;
  previousDigest: string;
}

export interface PrepareInput extends Subject {
  contextDigest: string;
  /** The phase carried since the start; what the flags say now may lower it. */
  phase: Phase;
  round: number;
  /** End of the usage window and today of the score. Absent: now. A retry has the same, and so the same digest. */
  asOfMs?: number;
  edit?: PersonsEdit;
}

export type Prepared =
  | { kind: 'no-change'; reason: string }
  | { kind: 'refused'; reason: string }
  | { kind: 'blocked'; reason: string; digest: string }
  | PreparedDraft;

export interface PreparedDraft {
  kind: 'draft';
  digest: string;
  phase: Phase;
  /** `proved` or `partial`; an unproven draft comes as phase `observe`. */
  proof: 'proved' | 'partial' | 'unproven';
  route: Route;
  riskScore: number;
  /** Two different people must approve. */
  highPrivilege: boolean;
  /** One line: what would change. */
  title: string;
  /** Principals whose use the proof covers: a later finding about another one is not covered. */
  coveredPrincipals: readonly string[];
  /** The security team looks at the ticket before its owner is asked. */
  releaseFirst?: true;
  /** Id of the change that a standing approval lets through without asking, if one does. */
  standingChangeId?: string;
}

export interface AskInput extends Subject {
  requestId: string;
  digest: string;
  contextDigest: string;
  severity: 'critical' | 'high' | 'medium' | 'low' | 'info';
  /** `opened`, or the ladder's rung. */
  rung: string;
  escalate: boolean;
  openedAtMs: number;
  expiresAtMs: number;
  /** When each rung would be due; given when the request opens. */
  dueAtMs?: readonly number[];
  /** Asks the security team to release the ticket; the owner is asked afterwards, by a request of their own. */
  release?: true;
  /** What the person who released the ticket wants its owner to know. */
  note?: { by: string; text: string };
}
export interface Asked {
  /** When the notice was delivered. */
  deliveredAtMs: number;
  /** When each rung is due, where the asked team's working hours move it. */
  dueAtMs?: readonly number[];
  /** Team that is waited for. */
  waitingFor: string;
  ticket?: string;
  /** The request was decided before, for the same digest: after a reset the decision stands. */
  settled?: Extract<Settled, { complete: true }>;
  /** The source closed everything while people were asked: nobody needs to decide any more. */
  withdrawn?: true;
}

export interface SettleInput extends Subject {
  requestId: string;
  digest: string;
  grant: string;
}
export type Settled =
  | { outcome: 'refused'; reason: string }
  | { outcome: 'accepted'; complete: false; waitingFor: number }
  | {
      outcome: 'accepted';
      complete: true;
      verdict: DecisionVerdict;
      by: string;
      reason?: string;
      keepActions?: readonly string[];
      /** Planned by `settle` when the verdict is approve. */
      changeId?: string;
      /** The ticket was released: the owner may be asked. Nothing was approved. */
      released?: true;
    };

/** Nothing but a ledger id: the change worker loads the change and its grants, and verifies them itself. */
export interface ApplyInput {
  changeId: string;
}
export type Applied =
  | { status: 'applied' }
  /** The change was handed to a person: a pull request or a ticket. */
  | { status: 'handed-over'; route: 'pull-request' | 'ticket'; url: string }
  /** What is there is not what was approved to be changed: the approval is void. */
  | { status: 'conflict'; reason: string }
  /** The kill switch is on. */
  | { status: 'stopped'; reason: string }
  /** The standing approval that let it through covers it no more: a person must be asked. */
  | { status: 'lapsed'; reason: string }
  | { status: 'refused'; reason: string };

export interface VerifyInput extends Subject {
  changeId: string;
  requestId?: string;
  /** Whether it is time to give up waiting for the source. */
  last: boolean;
  /** What the ending is called when all is well. */
  outcome: Outcome;
}
export type Verified =
  /** Read back, seen by the source's next scan, and closed in the same step. */
  | { status: 'verified' }
  | { status: 'pending'; waitingFor: string }
  /** The state read back is not the approved one, or requests that worked are now denied. */
  | { status: 'failed'; reason: string }
  /** Correct here, but the source still reports it and the time is up. */
  | { status: 'still-open'; reason: string };

export type Watched =
  | { status: 'waiting' }
  /** Merged and through its pipeline, or seen applied. */
  | { status: 'done' }
  | { status: 'declined'; reason: string };

export interface CloseInput extends Subject {
  outcome: Outcome;
  note: string;
  requestId?: string;
  digest?: string;
}

export interface StageInput extends Subject {
  stage: Stage;
  note: string;
  /** Set when the finding parks: the failure's type. */
  parked?: FailureType | string;
  /** Raise one notice to operators. */
  notify?: boolean;
}

/** Closes a request that nobody can decide any more. */
export interface CloseRequestInput extends Subject {
  requestId: string;
  status: 'expired' | 'void';
  note: string;
}

export type PreparedUndo =
  | { kind: 'refused'; reason: string }
  | {
      kind: 'draft';
      digest: string;
      /** Keys of the findings that the change had fixed. */
      keys: readonly string[];
      generation: number;
      riskScore: number;
      highPrivilege: boolean;
      title: string;
      requestedBy: string;
      reason: string;
    };

export interface MemberLookup {
  clusterId: string;
  key: string;
}
export type ClusterState = { settled: false } | { settled: true; outcome: Outcome };

export interface PollInput {
  /** Name of the configured source. */
  source: string;
  cursor?: string;
  scanId: string;
}
export interface Polled {
  nextCursor?: string;
  seen: number;
  started: number;
  refused: number;
  resolved: number;
}

/** What a person asks about a draft. */
export interface AnswerInput {
  /** Key of the finding. */
  key: string;
  /** Digest of the draft. */
  digest: string;
  question: string;
  personId: string;
}
/** Words for a person; `llmSessionId` is there when a model helped, and then it is shown with the mark. */
export interface Answer {
  text: string;
  llmSessionId?: string;
}

export interface ReconcileResult {
  checked: number;
  stopped: readonly string[];
}

/** What one round of the desk found. */
export interface DeskRound {
  /** Open requests that were looked at. */
  looked: number;
  /** Requests that had no owner and were asked of one now. */
  rerouted: number;
  /** Deleted tickets that got a successor. */
  replaced: number;
  /** Digests of collected notices that were sent. */
  digests: number;
  /** Requests whose ticket could not be read this time. */
  unreadable: number;
  /** Ids of questions in comments that wait for their answer. */
  questions: readonly string[];
}

/** Findings that a delivery of a platform names, to be read from the platform itself. */
export interface HintedFindings {
  /** Name of the configured source. */
  source: string;
  /** The same delivery is the same key. */
  key: string;
  hints: readonly { sourceId: string; kind: string }[];
}

/** What one call of archiving came to. */
export interface Archived {
  archived: number;
  /** Could not be kept this time. */
  failed: number;
  /** Of those, how many are past half of the retention. */
  overdue: number;
  /** There is more to archive than one call does. */
  more: boolean;
}

export interface Activities {
  enrich(input: Subject): Promise<Enriched>;
  prepare(input: PrepareInput): Promise<Prepared>;
  explain(input: Subject & { digest: string }): Promise<{ summary: string; by: string }>;
  answer(input: AnswerInput): Promise<Answer>;
  ask(input: AskInput): Promise<Asked>;
  settle(input: SettleInput): Promise<Settled>;
  /** Carries out an approved change by its route. Trusts no caller. */
  apply(input: ApplyInput): Promise<Applied>;
  rollBack(input: {
    changeId: string;
    reason: string;
  }): Promise<{ status: 'rolled-back' } | { status: 'refused'; reason: string }>;
  /** Computes what undoing an applied change restores. `ask` is the gateway's signature over who asks for what. */
  prepareUndo(input: { workflowId: string; ask: string }): Promise<PreparedUndo>;
  endUndo(input: Subject & { requestId: string; digest: string; note: string }): Promise<{ undone: boolean }>;
  watchHandOver(input: { changeId: string }): Promise<Watched>;
  verify(input: VerifyInput): Promise<Verified>;
  close(input: CloseInput): Promise<void>;
  setStage(input: StageInput): Promise<void>;
  closeRequest(input: CloseRequestInput): Promise<void>;
  lookUpCluster(input: MemberLookup): Promise<ClusterState>;
  pollSource(input: PollInput): Promise<Polled>;
  /** Reads what a delivery names from the platform and takes that in, as a poll would. Never believes the delivery. */
  takeInHinted(input: HintedFindings): Promise<void>;
  writeDigest(input: { nowMs: number }): Promise<{ where: string }>;
  reconcile(input: Record<string, never>): Promise<ReconcileResult>;
  tendDesk(input: Record<string, never>): Promise<DeskRound>;
  answerComment(input: { id: string }): Promise<void>;
  postAnswer(input: { id: string }): Promise<void>;
  archiveHistories(input: Record<string, never>): Promise<Archived>;
}
