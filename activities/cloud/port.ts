import type { Change, ChangeTarget } from '../../domain/change/change.js';
import type { AccountInput } from '../../domain/graph/account.js';
import type { Json } from '../../domain/json.js';

/** What a cloud adapter says about itself, so that nothing branches on a vendor's name. */
export interface CloudTraits {
  vendor: string;
  /** It can change the account; a reader's credentials cannot. */
  writes: boolean;
  /** It keeps a usage log that `readUsage` reads. */
  usage: boolean;
}

/** Log records of a window and how far they can be trusted to be complete. */
export interface UsageLog {
  /** CloudTrail records as AWS writes them. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html */
  events: readonly unknown[];
  /** What is logged at all: management events, and the services whose data events are. */
  logging: { management: boolean; data: readonly string[] | 'all' };
  /** What the window does not show, each a sentence. */
  gaps: readonly string[];
}

/** Which infrastructure code owns a target, and how that was found. */
export interface ManagedBy {
  tool: 'terraform' | 'cloudformation' | 'cdk' | 'pulumi' | 'other';
  evidence: string;
}

/** Reads accounts. Needs no right to change anything. */
export interface CloudReader {
  readonly traits: CloudTraits;
  /** Ids of the accounts that can be read. */
  accounts(): Promise<string[]>;
  /** The account with its resources, their tags and policies. @throws Failure `input.not_found`, `vendor.shape` */
  readAccount(accountId: string): Promise<AccountInput>;
  /**
   * Log records between two instants. `principals` and `resources` are ARNs; a record of any of them is in the answer;
   * without both lists all records are.
   */
  readUsage(input: {
    accountId: string;
    principals?: readonly string[];
    resources?: readonly string[];
    fromIso: string;
    toIso: string;
    signal?: AbortSignal;
  }): Promise<UsageLog>;
  /** Undefined when nothing shows that infrastructure code owns the target. */
  managedBy(accountId: string, target: ChangeTarget): Promise<ManagedBy | undefined>;
}

/**
 * Changes accounts. Only the change worker holds one.
 *
 * `apply` compares and sets: it acts only when what is there is `before`, and it acts once per key.
 */
export interface CloudWriter {
  /** What is there now. @throws Failure `input.not_found` */
  current(accountId: string, change: Pick<Change, 'kind' | 'target'>): Promise<Json>;
  /**
   * Sets `after` and answers what is there then. The same key, or a state that is `after` already, acts no more.
   * @throws Failure `apply.conflict` (what is there is not `before`), `apply.refused` (infrastructure code owns it),
   * `cloud.rejected` (the cloud says no), `input.not_found`, `write.outcome_unknown`
   */
  apply(input: {
    accountId: string;
    change: Change;
    key: string;
    signal?: AbortSignal;
  }): Promise<{ state: Json }>;
}

/** One cloud. */
export interface Cloud extends CloudReader, CloudWriter {}
