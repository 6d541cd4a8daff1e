import type { Severity } from '../finding/finding.js';

/** A person of the directory, as far as a decision needs to know. */
export interface Person {
  id: string;
  name: string;
  email: string;
  /** `security`, `owner`, `approver`, `auditor`, `operator`. Roles come from the directory only. */
  roles: readonly string[];
  department?: string;
  team?: string;
  managerId?: string;
  timeZone?: string;
}

/** What a request asks about. The desk does not know IAM: anything with a digest can be approved. */
export type RequestSubject = 'change' | 'label' | 'document' | 'review-item' | 'exception' | 'ticket-release';

/** One question to people, bound to one digest. Opened before anyone is asked. */
export interface ApprovalRequest {
  /** Workflow id + generation + round + start of the digest (`…#g1r2-0a1b2c3d4e5f`): another draft is another request. */
  id: string;
  workflowId: string;
  generation: number;
  subject: RequestSubject;
  /** SHA-256 of what was shown (change + proof). An approval names it. */
  digest: string;
  severity: Severity;
  /** Who computed or edited what is to be approved; never may approve it. */
  draftedBy: string;
  /** The person who asked for it, if any; never may approve it. */
  requestedBy?: string;
  /** The identity under remediation (ARN); the person behind it may not approve. */
  identity?: string;
  /** The change is proved to be a reduction: its identity's assumers may then approve. */
  provedReduction: boolean;
  /** Two different people must approve. */
  highPrivilege: boolean;
  /** Ids of people who may approve, from owner routing; empty means: anyone with the role. */
  approverIds: readonly string[];
  /** Role that lets a person decide although not named. */
  fallbackRole: string;
  openedAtMs: number;
  expiresAtMs: number;
}

/** How many different people must approve. */
export function approvalsNeeded(request: Pick<ApprovalRequest, 'highPrivilege'>): 1 | 2 {
  return request.highPrivilege ? 2 : 1;
}

/** What a person may say to a request. */
export type DecisionVerdict = 'approve' | 'reject' | 'edit';

/** What a person decided, as the gateway read it from a verified session and put into a grant. */
export interface Decision {
  verdict: DecisionVerdict;
  personId: string;
  requestId: string;
  workflowId: string;
  digest: string;
  /** Needed for reject and edit. */
  reason?: string;
  /** For edit: actions that shall stay. */
  keepActions?: readonly string[];
  /** Unique id of the grant. */
  jti: string;
  /** When the gateway issued the grant, ms since the epoch. */
  issuedAtMs: number;
  /** The grant itself, kept when the decision is recorded so that the change worker can verify it again. */
  grant?: string;
  /** When `settle` recorded it; the grant's expiry is judged at this time. */
  recordedAtMs?: number;
}

/** What a sender of a decision is told. */
export type DecisionReceipt =
  | { outcome: 'accepted'; complete: boolean; waitingFor: number }
  | { outcome: 'refused'; reason: string };
